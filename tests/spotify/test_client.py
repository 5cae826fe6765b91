"""The client: one address an endpoint, a token for every call, one renewal and one repeat on a 401."""

from collections.abc import Callable, Iterator

import pytest
from responses import RequestsMock

from app.deadline import Deadline
from app.music import Artist, AudioFeatures, Profile, TimeRange, Track
from app.spotify.client import CatalogueClient, SpotifyClient
from app.spotify.errors import LoginEnded, NoAnswer, RateLimited, Unauthorized
from app.spotify.http import Http
from tests.spotify.conftest import API, FakeGate


class FakeLogin:
    """A login whose first token is "first" and whose next ones are in `next`."""

    def __init__(self, *following: str) -> None:
        self.token = "first"
        self.following = list(following)
        self.rejected: list[str] = []
        self.deadlines: list[Deadline] = []

    def access_token(self, deadline: Deadline) -> str:
        self.deadlines.append(deadline)
        return self.token

    def renewed(self, rejected: str, deadline: Deadline) -> str:
        self.deadlines.append(deadline)
        self.rejected.append(rejected)
        if not self.following:
            raise LoginEnded("accounts", "invalid_grant")
        self.token = self.following.pop(0)
        return self.token


@pytest.fixture
def server() -> Iterator[RequestsMock]:
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def login() -> FakeLogin:
    return FakeLogin("second", "third")


@pytest.fixture
def client(http: Http, login: FakeLogin) -> SpotifyClient:
    return SpotifyClient(http, login, Deadline(5))


def tokens_sent(server: RequestsMock) -> list[str]:
    """The token of each call, in order."""
    return [call.request.headers["Authorization"] for call in server.calls]


@pytest.mark.parametrize(
    ("ask", "address", "body", "answer"),
    [
        (lambda c: c.profile(), "/me", {"id": "mira"}, Profile("mira")),
        (
            lambda c: c.top_artists(TimeRange.SHORT_TERM),
            "/me/top/artists?time_range=short_term&limit=50",
            {"items": [{"id": "a", "name": "A"}]},
            (Artist("a", "A"),),
        ),
        (
            lambda c: c.top_tracks(TimeRange.LONG_TERM),
            "/me/top/tracks?time_range=long_term&limit=50",
            {"items": [{"id": "t", "name": "T"}]},
            (Track("t", "T", album=None),),
        ),
        (
            lambda c: c.audio_features(["t", "u"]),
            "/audio-features?ids=t,u",
            {"audio_features": [{"id": "t", "energy": 0.5}, None]},
            {"t": AudioFeatures("t", "spotify", energy=0.5)},
        ),
    ],
)
def test_each_endpoint_has_its_address_and_answers_our_nouns(
    client: SpotifyClient,
    server: RequestsMock,
    ask: Callable[[SpotifyClient], object],
    address: str,
    body: object,
    answer: object,
) -> None:
    server.get(f"{API}{address.partition('?')[0]}", json=body)

    assert ask(client) == answer
    assert [call.request.url for call in server.calls] == [f"{API}{address}"]
    assert tokens_sent(server) == ["Bearer first"]


def test_a_slash_in_an_id_is_part_of_the_id(http: Http, login: FakeLogin, server: RequestsMock) -> None:
    server.get(f"{API}/tracks/a%2Fb", json={"id": "a/b", "name": "T"})

    CatalogueClient(http, login, Deadline(5)).track("a/b")

    assert [call.request.url for call in server.calls] == [f"{API}/tracks/a%2Fb"]


def test_no_more_than_fifty_items_are_taken(client: SpotifyClient, server: RequestsMock) -> None:
    items = [{"id": str(number), "name": "x"} for number in range(60)]
    server.get(f"{API}/me/top/artists", json={"items": items})
    server.get(f"{API}/me/top/tracks", json={"items": items})

    assert [artist.id for artist in client.top_artists(TimeRange.MEDIUM_TERM)] == [str(n) for n in range(50)]
    assert [track.id for track in client.top_tracks(TimeRange.MEDIUM_TERM)] == [str(n) for n in range(50)]


def test_a_401_is_one_renewal_and_one_repeat(
    client: SpotifyClient, server: RequestsMock, login: FakeLogin
) -> None:
    server.get(f"{API}/me", status=401)
    server.get(f"{API}/me", json={"id": "mira"})

    assert client.profile() == Profile("mira")
    assert login.rejected == ["first"]
    assert tokens_sent(server) == ["Bearer first", "Bearer second"]
    assert len({call.request.url for call in server.calls}) == 1


def test_a_second_401_is_raised(client: SpotifyClient, server: RequestsMock, login: FakeLogin) -> None:
    server.get(f"{API}/me", status=401)

    with pytest.raises(Unauthorized):
        client.profile()

    assert login.rejected == ["first"]
    assert tokens_sent(server) == ["Bearer first", "Bearer second"]


def test_a_login_that_cannot_be_renewed_has_ended(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", status=401)

    with pytest.raises(LoginEnded):
        SpotifyClient(http, FakeLogin(), Deadline(5)).profile()

    assert len(server.calls) == 1


def test_the_token_is_asked_for_at_every_call(
    client: SpotifyClient, server: RequestsMock, login: FakeLogin
) -> None:
    server.get(f"{API}/me", json={"id": "mira"})

    client.profile()
    login.token = "another"
    client.profile()

    assert tokens_sent(server) == ["Bearer first", "Bearer another"]


def test_two_peoples_clients_over_one_transport_do_not_mix_tokens(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", json={"id": "x"})
    mira, theo = FakeLogin(), FakeLogin()
    mira.token, theo.token = "miras", "theos"

    for login in (mira, theo, mira):
        SpotifyClient(http, login, Deadline(5)).profile()

    assert tokens_sent(server) == ["Bearer miras", "Bearer theos", "Bearer miras"]


def test_a_call_that_is_held_back_renews_no_token(
    client: SpotifyClient, login: FakeLogin, gate: FakeGate
) -> None:
    gate.closed_until = 9e9

    with pytest.raises(RateLimited):
        client.profile()

    assert login.deadlines == []


def test_the_same_client_can_have_another_deadline(
    client: SpotifyClient, server: RequestsMock, login: FakeLogin
) -> None:
    server.get(f"{API}/me", json={"id": "mira"})
    over = Deadline(0)

    with pytest.raises(NoAnswer):
        client.within(over).profile()

    assert login.deadlines == [over]
    assert client.profile() == Profile("mira")
