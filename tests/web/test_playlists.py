"""Saving a list as a playlist, apart from pages: names, failures between the two calls, both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app.music import TimeRange
from app.spotify.errors import InsufficientScope, LoginEnded, NoAnswer, ServerError, SpotifyError
from app.store.accounts import delete_account
from app.store.playlists import SavedPlaylist
from app.web.top.playlists import playlist_name, save_top_tracks
from tests.house import PLAYLISTS, TOP_TRACKS, House

TODAY = date(2026, 11, 20)
SHORT = TimeRange.SHORT_TERM
NAME = "Top tracks, 4 weeks, 2026-11-20"
DONE = SavedPlaylist("playlist1", NAME, "https://s.example/1", filled=True)
FILL = "/playlists/playlist1/items"


def save(house: House) -> SavedPlaylist | None:
    return save_top_tracks(house.site, house.visit(), SHORT, TODAY)


def rank(house: House, *track_ids: str | None) -> None:
    house.api.lists[TOP_TRACKS, SHORT.value] = [{"id": one, "name": "T"} for one in track_ids]


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


def test_it_is_made_private_and_filled_in_order(house: House) -> None:
    rank(house, "b", None, "a", "b", "c")

    assert save(house) == save(house) == DONE
    assert house.api.posted == [
        (PLAYLISTS, {"name": NAME, "description": "Saved from Liner Notes.", "public": False}),
        (FILL, {"uris": ["spotify:track:b", "spotify:track:a", "spotify:track:c"]}),
    ]


@pytest.mark.parametrize("track_ids", [(), (None, None)])
def test_nothing_to_save_makes_nothing(house: House, track_ids: tuple[str | None, ...]) -> None:
    rank(house, *track_ids)

    assert save(house) is None
    assert house.api.posted == []


@pytest.mark.parametrize("error", [ServerError("x"), NoAnswer("x"), InsufficientScope("x")])
@pytest.mark.parametrize("path", [PLAYLISTS, FILL])
def test_what_failed_is_mended_by_the_next_try(house: House, path: str, error: SpotifyError) -> None:
    rank(house, "a")
    house.api.errors = {path: error}
    with pytest.raises(type(error)):
        save(house)
    house.api.errors = {}

    assert save(house) == DONE
    assert [made for made, _ in house.api.posted] == [PLAYLISTS, FILL]


def test_tries_at_once_make_one(house: House) -> None:
    rank(house, "a")
    house.fetch()
    visits = [house.visit() for _ in range(5)]

    with ThreadPoolExecutor(5) as threads:
        saved = list(threads.map(lambda visit: save_top_tracks(house.site, visit, SHORT, TODAY), visits))

    assert saved == [DONE] * 5
    assert len(house.api.posted) == 2


def test_an_account_that_is_forgotten_meanwhile_ends_the_login(house: House) -> None:
    rank(house, "a")
    house.fetch()
    visit, account_id = house.visit(), house.account_of()
    house.api.before = lambda: delete_account(house.site.store, account_id)

    with pytest.raises(LoginEnded):
        save_top_tracks(house.site, visit, SHORT, TODAY)
