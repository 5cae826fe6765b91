"""Saving a list as a playlist, apart from pages: names, failures between the two calls, both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app.music import TimeRange
from app.spotify.errors import InsufficientScope, LoginEnded, NoAnswer, ServerError, SpotifyError
from app.store.accounts import delete_account
from app.store.playlists import SavedPlaylist
from app.web.top.playlists import playlist_name, save_top_tracks
from tests.fake_site import PLAYLISTS, TOP_TRACKS, FakeSite

TODAY = date(2026, 11, 20)
SHORT = TimeRange.SHORT_TERM
NAME = "Top tracks, 4 weeks, 2026-11-20"
DONE = SavedPlaylist("playlist1", NAME, "https://s.example/1", filled=True)
FILL = "/playlists/playlist1/items"


def save(fake_site: FakeSite) -> SavedPlaylist | None:
    return save_top_tracks(fake_site.site, fake_site.visit(), SHORT, TODAY)


def rank(fake_site: FakeSite, *track_ids: str | None) -> None:
    fake_site.api.lists[TOP_TRACKS, SHORT.value] = [{"id": track_id, "name": "T"} for track_id in track_ids]


@pytest.mark.parametrize(
    ("time_range", "name"),
    [
        (TimeRange.SHORT_TERM, "Top tracks, 4 weeks, 2026-11-20"),
        (TimeRange.MEDIUM_TERM, "Top tracks, 6 months, 2026-11-20"),
        (TimeRange.LONG_TERM, "Top tracks, 1 year, 2026-11-20"),
    ],
)
def test_its_name_says_what_it_is(time_range: TimeRange, name: str) -> None:
    assert playlist_name(time_range, TODAY) == name


def test_it_is_made_private_and_filled_in_order(fake_site: FakeSite) -> None:
    rank(fake_site, "b", None, "a", "b", "c")

    assert save(fake_site) == save(fake_site) == DONE
    assert fake_site.api.posted == [
        (PLAYLISTS, {"name": NAME, "description": "Saved from Liner Notes.", "public": False}),
        (FILL, {"uris": ["spotify:track:b", "spotify:track:a", "spotify:track:c"]}),
    ]


@pytest.mark.parametrize("track_ids", [(), (None, None)])
def test_nothing_to_save_makes_nothing(fake_site: FakeSite, track_ids: tuple[str | None, ...]) -> None:
    rank(fake_site, *track_ids)

    assert save(fake_site) is None
    assert fake_site.api.posted == []


@pytest.mark.parametrize("error", [ServerError("x"), NoAnswer("x"), InsufficientScope("x")])
@pytest.mark.parametrize("path", [PLAYLISTS, FILL])
def test_what_failed_is_mended_by_the_next_try(fake_site: FakeSite, path: str, error: SpotifyError) -> None:
    rank(fake_site, "a")
    fake_site.api.errors = {path: error}
    with pytest.raises(type(error)):
        save(fake_site)
    fake_site.api.errors = {}

    assert save(fake_site) == DONE
    assert [made for made, _ in fake_site.api.posted] == [PLAYLISTS, FILL]


def test_tries_at_once_make_one(fake_site: FakeSite) -> None:
    rank(fake_site, "a")
    fake_site.fetch()
    visits = [fake_site.visit() for _ in range(5)]

    with ThreadPoolExecutor(5) as threads:
        saved = list(threads.map(lambda visit: save_top_tracks(fake_site.site, visit, SHORT, TODAY), visits))

    assert saved == [DONE] * 5
    assert len(fake_site.api.posted) == 2


def test_an_account_that_is_forgotten_meanwhile_ends_the_login(fake_site: FakeSite) -> None:
    rank(fake_site, "a")
    fake_site.fetch()
    visit, account_id = fake_site.visit(), fake_site.account_of()
    fake_site.api.before = lambda: delete_account(fake_site.site.store, account_id)

    with pytest.raises(LoginEnded):
        save_top_tracks(fake_site.site, visit, SHORT, TODAY)
