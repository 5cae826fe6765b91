"""What a report says when it is an old one."""

from dataclasses import dataclass

from app.spotify.errors import Forbidden, NotFound, RateLimited, Refused, SpotifyError, resume_time


@dataclass(frozen=True)
class Stale:
    """Why the report is an old one. `resume_at`: when Spotify may be asked again (Unix seconds)."""

    reason: str
    resume_at: float | None


def stale_because_of(trouble: SpotifyError | None) -> Stale | None:
    """What to say of the trouble that made an old answer stand in; `None` without any."""
    if trouble is None:
        return None
    if isinstance(trouble, RateLimited):
        return Stale("Spotify has had enough of our questions for now.", trouble.until)
    if isinstance(trouble, Forbidden | NotFound | Refused):
        return Stale("Spotify refused to answer this time.", None)
    return Stale("Spotify is not answering right now.", resume_time(trouble))
