"""What a sandbox can be told: who its clients are, how it behaves, what it gets wrong on purpose.

Durations are seconds. Paths are as served, e.g. "/v1/me/top".
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Client:
    """An app registered in our dashboard.

    `redirect_uris` is matched exactly; `None` allows only `/callback` at the authorize page's own origin.
    """

    id: str
    secret: str
    redirect_uris: tuple[str, ...] | None = None


@dataclass
class Fault:
    """An answer to give instead of the real one.

    Parameters
    ----------
    status, body, content_type, headers
        The answer, sent as is.
    times
        How many answers it still spoils; counts down. `None` spoils every one.
    after
        How many answers it lets pass first; counts down.
    drop
        Close the connection without answering.
    hang
        Seconds to wait first. Ends early when the server closes.
    passing
        After `hang`, give the real answer: a slow server, not a broken one.
    """

    status: int = 500
    body: str | bytes = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    drop: bool = False
    hang: float = 0.0
    passing: bool = False
    after: int = 0


@dataclass
class Knobs:
    """How the sandbox behaves. Mutable: tests turn the knobs while the server runs.

    Parameters
    ----------
    latency
        Seconds added to every call a site's server makes: token, Web API, ReccoBeats.
    new_app
        Leave out the fields that new development-mode apps no longer get.
    audio_features_open
        When false, `/v1/audio-features` answers 403 with no message, as it does to new apps.
    access_token_seconds, code_seconds
        Lifetimes of an access token and of an authorization code.
    rotate_refresh_tokens
        When false, a refresh answer has no `refresh_token` and the old one stays good.
    library_size
        When set, every listener saved exactly that many tracks, invented on the spot.
    library_edge_cases
        A library of that size holds a removed track, one that was taken down, a local file and a track that
        is listed twice. Their places: `large_library.EdgeCasePlaces`.
    faults
        What to spoil: path prefix, as served, to fault. The longest matching prefix wins.
    """

    latency: float = 0.0
    new_app: bool = True
    audio_features_open: bool = False
    access_token_seconds: int = 3600
    rotate_refresh_tokens: bool = False
    code_seconds: int = 600
    library_size: int | None = None
    library_edge_cases: bool = False
    faults: dict[str, Fault] = field(default_factory=dict)
