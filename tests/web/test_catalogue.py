"""The catalogue's answers: asked for once, kept for an hour, shared by all who ask the same Spotify."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from types import SimpleNamespace
from typing import Any, cast

import pytest
import time_machine
from sqlalchemy import select

from app import answers, catalogue
from app.bulkhead import Bulkhead
from app.catalogue import fetch, fetch_all, hashed_key, search_for
from app.deadline import Deadline
from app.login import AppLogin, SessionLogin
from app.music import Album, Artist, Page, SearchResults, TimeRange, Track
from app.services import Service
from app.spotify.errors import (
    AppRefused,
    BadAnswer,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    ServerError,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.store.answers import FRESH_SECONDS, CatalogueAnswers
from app.store.tables import catalogue_answer
from app.visit import Browsing
from app.web.item.report import album_report, artist_report, own_ranks, track_report
from app.web.last_known import Stale
from app.web.search.report import Search, SearchKind, search
from tests.fake_site import PATIENCE, FakeLogin, FakeSite

ID, OTHER_ID = "4Z8W4fKeB5YxbusRsdQVPb", "0OdUWJ0sBjDrqHygGUXeCF"
ARTIST, ALBUM, TRACK = f"/artists/{ID}", f"/albums/{ID}", f"/tracks/{ID}"
ALL = [kind.value for kind in SearchKind]


class FakeCatalogue:
    """A Web API that answers what is scripted for a path, and notes every call."""

    base_url = "https://api.example/v1"

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.before: Callable[[], object] = lambda: None
        self._lock = Lock()

    def raise_if_limited(self, _method: str, _path: str) -> None:
        """Nothing holds calls back here."""

    def get(self, path: str, params: Mapping[str, Any], _headers: object, _deadline: Deadline) -> object:
        with self._lock:
            self.asked.append((path, dict(params)))
        self.before()
        said = self.says.get(path, {})
        if isinstance(said, list):
            said = said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def paths(self) -> list[str]:
        """Which paths were asked for since the last look, sorted."""
        with self._lock:
            asked, self.asked = self.asked, []
        return sorted(path for path, _ in asked)


class NobodysLogin(AppLogin):
    """An app's login that needs no accounts service."""

    def __init__(self) -> None:
        """Nothing to keep."""

    def access_token(self, _deadline: Deadline) -> str:
        return "app"

    def renewed(self, _rejected: str, _deadline: Deadline) -> str:
        return "app"


@pytest.fixture
def api() -> FakeCatalogue:
    return FakeCatalogue()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def browsing(
    api: FakeCatalogue,
    service: str = "spotify",
    account_id: int | None = None,
    seconds: float = PATIENCE,
    **more: Any,
) -> Browsing:
    """A request by somebody; with an account it is a person's own."""
    login = cast(SessionLogin, FakeLogin("mira")) if account_id else NobodysLogin()
    named = SimpleNamespace(
        name=service,
        api=api,
        public_api=api,
        features_providers=lambda _client: [],
        bulkhead=Bulkhead(threads=8),
        features_bulkhead=Bulkhead(threads=8),
    )
    return Browsing(cast(Service, named), login, Deadline(seconds), account_id, **more)


def finds(*names: str) -> dict[str, Any]:
    """A search's answer with these tracks."""
    return {"tracks": {"items": [{"id": ID, "name": name} for name in names], "total": 1}}


def test_what_was_found_is_the_same_from_the_store(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says["/search"] = finds("Löve ♥") | {
        "artists": {"items": [{"id": ID, "name": None, "images": [{"url": "https://i.example/1"}]}]},
        "albums": {"items": [None, {"id": ID, "name": "", "release_date": "1973-03"}], "total": 12},
    }
    question = search_for("love", ALL, 0)

    first = fetch(fake_site.site, browsing(api), question)
    second = fetch(fake_site.site, browsing(api), question)

    assert isinstance(first, SearchResults)
    assert first == second
    assert second.albums == Page((Album(ID, "", release_date="1973-03"),), 0, 12, 2)
    assert second.tracks.items == (Track(ID, "Löve ♥"),)
    assert api.paths() == ["/search"]


def test_everybody_who_asks_the_same_spotify_shares_the_answer(
    fake_site: FakeSite, api: FakeCatalogue
) -> None:
    api.says[ARTIST] = {"id": ID, "name": "A"}
    question = catalogue.artist(ID)

    for account_id in (None, fake_site.account_of("mira"), fake_site.account_of("theo")):
        assert fetch(fake_site.site, browsing(api, account_id=account_id), question) == Artist(ID, "A")
    assert api.paths() == [ARTIST]

    fetch(fake_site.site, browsing(api, "demo"), question)
    assert api.paths() == [ARTIST]


def test_an_answer_is_asked_for_again_after_an_hour(
    fake_site: FakeSite, api: FakeCatalogue, clock: time_machine.Traveller
) -> None:
    api.says[ARTIST] = [{"id": ID, "name": "before"}, {"id": ID, "name": "after"}]
    question = catalogue.artist(ID)

    assert fetch(fake_site.site, browsing(api), question).name == "before"
    clock.shift(FRESH_SECONDS - 1)
    assert fetch(fake_site.site, browsing(api), question).name == "before"
    clock.shift(1)
    assert fetch(fake_site.site, browsing(api), question).name == "after"
    assert api.paths() == [ARTIST, ARTIST]


def test_questions_that_differ_in_anything_are_kept_apart() -> None:
    questions = [
        search_for("love", ALL, 0),
        search_for("love", ALL, 10),
        search_for("love", ["track"], 0),
        search_for("Love", ALL, 0),
        catalogue.artist(ID),
        catalogue.album(ID),
        catalogue.track(ID),
        catalogue.track(OTHER_ID),
        catalogue.album_tracks(ID, 0),
        catalogue.album_tracks(ID, 50),
        catalogue.artist_albums(ID, "album", 0),
        catalogue.artist_albums(ID, "single", 0),
        catalogue.artist_albums(ID, "single", 10),
    ]
    keys = {hashed_key(service, question) for question in questions for service in ("spotify", "demo")}

    assert len(keys) == 2 * len(questions)
    assert all(len(key) == 64 for key in keys)


def test_the_store_does_not_tell_what_was_searched_for(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says["/search"] = finds("x")
    fetch(fake_site.site, browsing(api), search_for("something private", ALL, 0))

    with fake_site.store.reading() as connection:
        (row,) = connection.execute(select(catalogue_answer)).all()
    assert "private" not in row.key
    assert b"private" not in row.body


@pytest.mark.parametrize(
    "error",
    [NotFound("x"), NoAnswer("x"), BadAnswer("x"), ServerError("x"), RateLimited("x", 9e9), Forbidden("x")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_raised_and_never_kept(
    fake_site: FakeSite, api: FakeCatalogue, error: SpotifyError
) -> None:
    api.says[ARTIST] = [error, {"id": ID, "name": "A"}]
    question = catalogue.artist(ID)

    with pytest.raises(type(error)):
        fetch(fake_site.site, browsing(api), question)

    assert fetch(fake_site.site, browsing(api), question).name == "A"


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"id": 7}', b"\xff\xfe", b'{"id": "x"}'])
def test_an_answer_that_another_version_kept_is_asked_for_anew(
    fake_site: FakeSite, api: FakeCatalogue, body: bytes
) -> None:
    question = catalogue.artist(ID)
    CatalogueAnswers(fake_site.store).write({hashed_key("spotify", question): body})
    api.says[ARTIST] = {"id": ID, "name": "A"}

    assert fetch(fake_site.site, browsing(api), question).name == "A"


def test_of_many_who_miss_at_once_one_asks(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says[ARTIST] = {"id": ID, "name": "A"}
    start = Barrier(8)

    def ask() -> str | None:
        start.wait(PATIENCE)
        found: Artist = fetch(fake_site.site, browsing(api), catalogue.artist(ID))
        return found.name

    with ThreadPoolExecutor(8) as threads:
        names = [threads.submit(ask) for _ in range(8)]
    assert {name.result() for name in names} == {"A"}
    assert api.paths() == [ARTIST]


def test_what_does_not_come_in_time_is_no_answer(fake_site: FakeSite, api: FakeCatalogue) -> None:
    hold = Barrier(2)
    api.before = lambda: hold.wait(PATIENCE)

    outcome = fetch_all(fake_site.site, browsing(api, seconds=0.05), {"artist": catalogue.artist(ID)})
    hold.wait(PATIENCE)

    assert isinstance(outcome["artist"], NoAnswer)


@pytest.mark.parametrize(
    ("error", "by_the_app"),
    [
        (LoginEnded("x"), AppRefused),
        (Unauthorized("x"), AppRefused),
        (InsufficientScope("x"), Forbidden),
        (UserNotRegistered("x"), Forbidden),
        (OwnerNeedsPremium("x"), OwnerNeedsPremium),
        (AppRefused("x"), AppRefused),
    ],
    ids=str,
)
def test_who_is_not_logged_in_is_not_told_to_log_in_again(
    fake_site: FakeSite, api: FakeCatalogue, error: SpotifyError, by_the_app: type[SpotifyError]
) -> None:
    api.says[ARTIST] = error
    own = browsing(api, account_id=fake_site.account_of())

    assert type(fetch_all(fake_site.site, browsing(api), {"a": catalogue.artist(ID)})["a"]) is by_the_app
    assert type(fetch_all(fake_site.site, own, {"a": catalogue.artist(ID)})["a"]) is type(error)


def test_a_search_asks_once_for_all_three_and_ten_of_each(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says["/search"] = finds("Love")

    found = search(fake_site.site, browsing(api), Search("love me"))

    assert found.pages[SearchKind.TRACK].items == (Track(ID, "Love"),)
    assert found.pages[SearchKind.ARTIST] == Page((), 0, 0, 0)
    assert api.asked == [
        ("/search", {"q": "love me", "type": "artist,album,track", "limit": 10, "offset": 0})
    ]


def test_a_search_of_one_kind_asks_for_that_alone(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says["/search"] = finds("Love")
    search(fake_site.site, browsing(api), Search("love", SearchKind.TRACK, 1000))

    assert api.asked == [("/search", {"q": "love", "type": "track", "limit": 10, "offset": 1000})]


def test_no_words_find_nothing_without_a_call(fake_site: FakeSite, api: FakeCatalogue) -> None:
    found = search(fake_site.site, browsing(api), Search(""))

    assert [page.items for page in found.pages.values()] == [(), (), ()]
    assert api.asked == []


def releases(name: str) -> dict[str, Any]:
    return {"items": [{"id": OTHER_ID, "name": name}], "total": 31}


def test_an_artist_comes_with_every_group_in_one_round(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says = {ARTIST: {"id": ID, "name": "A"}, f"{ARTIST}/albums": releases("R")}
    meeting = Barrier(4)
    api.before = lambda: meeting.wait(PATIENCE)

    report = artist_report(fake_site.site, browsing(api), ID)

    assert report.item.name == "A"
    assert list(report.groups) == ["album", "single", "compilation"]
    assert {params["include_groups"] for _, params in api.asked if params} == set(report.groups)
    assert all(params["limit"] == 10 for _, params in api.asked if params)


def test_one_group_alone_goes_on_where_it_is_told(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says = {ARTIST: {"id": ID, "name": "A"}, f"{ARTIST}/albums": releases("R")}

    report = artist_report(fake_site.site, browsing(api), ID, "single", 10)

    page = report.groups["single"]
    assert isinstance(page, Page)
    assert (list(report.groups), page.offset, page.total, page.more) == (["single"], 10, 31, True)
    assert len(api.asked) == 2


def test_a_group_that_fails_leaves_the_artist(fake_site: FakeSite, api: FakeCatalogue) -> None:
    until = 9e9
    api.says = {ARTIST: {"id": ID, "name": "A"}, f"{ARTIST}/albums": RateLimited("x", until)}

    report = artist_report(fake_site.site, browsing(api), ID)

    stale = Stale("Spotify has had enough of our questions for now.", until)
    assert report.item.name == "A"
    assert list(report.groups.values()) == [stale] * 3


def test_an_artist_that_fails_fails_the_page_whatever_else_came(
    fake_site: FakeSite, api: FakeCatalogue
) -> None:
    api.says = {ARTIST: NotFound("x"), f"{ARTIST}/albums": releases("R")}

    with pytest.raises(NotFound):
        artist_report(fake_site.site, browsing(api), ID)


def test_what_only_the_person_can_mend_is_no_missing_part(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says = {ARTIST: {"id": ID, "name": "A"}, f"{ARTIST}/albums": LoginEnded("x")}

    with pytest.raises(LoginEnded):
        artist_report(fake_site.site, browsing(api, account_id=fake_site.account_of()), ID)


def test_an_albums_first_tracks_come_along_or_are_asked_for(fake_site: FakeSite, api: FakeCatalogue) -> None:
    tracks = {"items": [{"id": OTHER_ID, "name": "T"}], "total": 1}
    api.says = {ALBUM: {"id": ID, "name": "L", "tracks": tracks}}
    report = album_report(fake_site.site, browsing(api), ID)
    assert isinstance(report.tracks, Page)
    assert (report.tracks.items[0].name, api.paths()) == ("T", [ALBUM])

    bare = f"/albums/{OTHER_ID}"
    api.says = {bare: {"id": OTHER_ID, "name": "L"}, f"{bare}/tracks": tracks}
    report = album_report(fake_site.site, browsing(api), OTHER_ID)
    assert isinstance(report.tracks, Page)
    assert (report.tracks.items[0].name, api.paths()) == ("T", [bare, f"{bare}/tracks"])


def test_further_tracks_are_asked_for_beside_the_album(fake_site: FakeSite, api: FakeCatalogue) -> None:
    api.says = {
        ALBUM: {"id": ID, "name": "L", "total_tracks": 120},
        f"{ALBUM}/tracks": {"items": [{"id": OTHER_ID, "name": "T 51"}], "total": 120},
    }
    meeting = Barrier(2)
    api.before = lambda: meeting.wait(PATIENCE)

    report = album_report(fake_site.site, browsing(api), ID, 50)

    assert isinstance(report.tracks, Page)
    assert (report.tracks.offset, report.tracks.items[0].name) == (50, "T 51")
    assert (f"{ALBUM}/tracks", {"limit": 50, "offset": 50}) in api.asked


@pytest.mark.parametrize("offset", [0, 50])
def test_tracks_that_do_not_come_leave_the_album(
    fake_site: FakeSite, api: FakeCatalogue, offset: int
) -> None:
    api.says = {ALBUM: {"id": ID, "name": "L"}, f"{ALBUM}/tracks": ServerError("x")}

    report = album_report(fake_site.site, browsing(api), ID, offset)

    assert (report.item.name, report.tracks) == ("L", Stale("Spotify is not answering right now.", None))


def test_a_track_is_there_though_nobody_could_be_asked_how_it_sounds(
    fake_site: FakeSite, api: FakeCatalogue
) -> None:
    api.says[TRACK] = {"id": ID, "name": "T"}

    report = track_report(fake_site.site, browsing(api), ID)

    assert (report.item.name, report.sound) == ("T", None)


def test_own_ranks_come_from_what_is_kept_and_ask_for_the_rest_once(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    top = [{"id": OTHER_ID, "name": "First"}, {"id": ID, "name": "T"}]
    for path in ("/me/top/tracks", "/me/top/artists"):
        fake_site.api.lists[path, "short_term"] = top
        fake_site.api.lists[path, "long_term"] = top[:1]
    noon = time.time()
    ranges = (TimeRange.SHORT_TERM, TimeRange.LONG_TERM)
    answers.fetch(fake_site.site, fake_site.visit(), [answers.top_tracks(one) for one in ranges])
    answers.fetch(fake_site.site, fake_site.visit(), [answers.top_artists(one) for one in ranges])
    fake_site.api.paths()
    clock.shift(3 * FRESH_SECONDS)

    track, artist = (own_ranks(fake_site.site, fake_site.visit(), kind, ID) for kind in ("track", "artist"))

    assert track is not None
    assert artist is not None
    places = {TimeRange.SHORT_TERM: 2, TimeRange.MEDIUM_TERM: None, TimeRange.LONG_TERM: None}
    assert track.places == artist.places == places
    assert track.as_of == noon
    assert fake_site.api.paths() == ["/me/top/artists", "/me/top/tracks"]
    assert own_ranks(fake_site.site, fake_site.visit(), "track", "0" * 22) is None
    assert own_ranks(fake_site.site, fake_site.visit("theo"), "track", ID) is None
    assert fake_site.api.paths() == []
