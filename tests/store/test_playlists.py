"""Notes of saved playlists: one for each account, range and day; the later note stands."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.playlists import SavedPlaylist, keep_playlist, saved_playlist
from app.store.tables import playlist

TODAY = date(2026, 11, 20)
MADE = SavedPlaylist("p1", "Top tracks, 4 weeks, 2026-11-20 ♥", "https://s.example/p1", filled=False)


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


def test_a_note_is_found_again_on_its_day_and_range_alone(store: Store, mira: int) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    keep_playlist(store, mira, "short_term", TODAY, MADE)

    assert saved_playlist(store, mira, "short_term", TODAY) == MADE
    assert saved_playlist(store, mira, "long_term", TODAY) is None
    assert saved_playlist(store, mira, "short_term", TODAY + timedelta(days=1)) is None
    assert saved_playlist(store, theo, "short_term", TODAY) is None


def test_the_later_note_of_a_day_stands(store: Store, mira: int) -> None:
    keep_playlist(store, mira, "short_term", TODAY, MADE)
    keep_playlist(store, mira, "short_term", TODAY, replace(MADE, filled=True, url=None))

    assert saved_playlist(store, mira, "short_term", TODAY) == replace(MADE, filled=True, url=None)


def test_with_the_account_its_notes_go_and_none_comes_after(store: Store, mira: int) -> None:
    keep_playlist(store, mira, "short_term", TODAY, MADE)

    delete_account(store, mira)

    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(playlist)) == 0
    with pytest.raises(IntegrityError):
        keep_playlist(store, mira, "short_term", TODAY, MADE)
