"""Saved tracks as the database counts, sorts, searches and pages them: alike on both."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store import saved_tracks
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.store.library import begin_reading, keep_page
from app.store.saved_tracks import (
    SORTS,
    Count,
    Credit,
    Saved,
    StoredLibrary,
    Totals,
    added_by_month,
    artists,
    decades,
    everything,
    folded,
    newest,
    oldest,
    page,
    row_of,
    totals,
    which_are_saved,
)
from tests.examples import examples

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
DAY = 86400.0


def saved(name: str | None, by: str | None = "Nobody", album: str | None = "Album", **more: Any) -> Saved:
    """A track; its id is its name unless another is given."""
    values: dict[str, Any] = {
        "id": name,
        "name": name,
        "artists": (Credit(None, by),) if by is not None else (),
        "album": album,
        "url": None,
        "image": None,
        "added_at": NOON,
        "duration_ms": 180_000,
        "explicit": False,
        "local": False,
        "removed": False,
    }
    return Saved(**(values | more))


@pytest.fixture
def library(store: Store) -> StoredLibrary:
    """An empty one."""
    account_id = find_or_add_account(store, "spotify", "mira", None)
    return StoredLibrary(store, account_id, begin_reading(store, account_id))


def put(library: StoredLibrary, *tracks: Saved, released: Sequence[str | None] = ()) -> None:
    """Puts tracks on the library, the newest first."""
    dates = [*released, *(None for _ in tracks[len(released) :])]
    rows = [row_of(one, date, -at) for at, (one, date) in enumerate(zip(tracks, dates, strict=True))]
    assert keep_page(library.store, library.account_id, library.reading, 0, len(rows), len(rows), rows)


def names(rows: Sequence[Saved] | Iterator[Saved]) -> list[str | None]:
    return [row.name for row in rows]


def test_a_track_comes_out_as_it_went_in(library: StoredLibrary) -> None:
    whole = Saved(
        id="1",
        name="Señorita 夜",
        artists=(Credit("a", "Ana"), Credit(None, None)),
        album="",
        url="https://s.example/1",
        image="https://i.example/1",
        added_at=NOON + 0.5,
        duration_ms=1,
        explicit=True,
        local=True,
        removed=True,
    )
    bare = Saved(None, None, (), None, None, None, None, None, False, False, True)
    put(library, whole, bare)

    assert list(everything(library)) == [whole, bare]


def test_an_empty_shelf_is_all_zeros(library: StoredLibrary) -> None:
    assert totals(library) == Totals()
    assert (added_by_month(library), decades(library), artists(library)) == ([], [], [])
    assert (newest(library), oldest(library)) == (None, None)
    assert page(library, "", "added", True, 0, 50) == ([], 0)
    assert list(everything(library)) == []
    assert which_are_saved(library, [], []) == set()


def test_what_the_tracks_add_up_to(library: StoredLibrary) -> None:
    put(
        library,
        saved("a", duration_ms=2**31 - 1, explicit=True),
        saved("b", duration_ms=2**31 - 1),
        saved("c", duration_ms=None, local=True, id=None),
        saved(None, removed=True, duration_ms=None, id=None),
        released=["1999-12-31", "soon", None],
    )

    assert totals(library) == Totals(4, 2 * (2**31 - 1), explicit=1, local=1, removed=1, dated=1)


def test_months_are_utcs_and_those_of_the_unknown_are_left_out(library: StoredLibrary) -> None:
    november = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    put(
        library,
        *(saved(f"n{nth}", added_at=november + nth) for nth in range(3)),
        saved("october", added_at=november - 1),
        saved("old", added_at=datetime(2009, 1, 31, 23, 59, tzinfo=UTC).timestamp()),
        saved("unknown", added_at=None),
    )

    assert added_by_month(library) == [Count("2009-01", 1), Count("2026-10", 1), Count("2026-11", 3)]
    rows, found = page(library, "n", "added", True, 0, 50, month="2026-11")
    assert (names(rows), found) == (["n2", "n1", "n0"], 3)
    assert page(library, "", "added", True, 0, 50, month="2026-09") == ([], 0)


def test_decades_are_those_of_the_release(library: StoredLibrary) -> None:
    dates = ["1980", "1989-12", "1990-01-01", "2026-11-20", None, "", "0000", "198", "19x0", "²⁰²⁶"]
    put(library, *(saved(f"t{nth}") for nth in range(len(dates))), released=dates)

    assert decades(library) == [Count(1980, 2), Count(1990, 1), Count(2020, 1)]
    assert totals(library).dated == 4


def test_artists_are_the_first_named_most_first_then_by_code_point(library: StoredLibrary) -> None:
    both = (Credit("b", "Beta"), Credit("z", "Zeta"))
    put(
        library,
        saved("1", "Beta"),
        saved("2", artists=both),
        saved("3", "alpha"),
        saved("4", "Zeta"),
        saved("5", "Émile"),
        saved("6", "_under"),
        saved("7", by=None),
        saved("8", artists=(Credit(None, None),)),
    )
    ranked = [Count("Beta", 2), Count("Zeta", 1), Count("_under", 1), Count("alpha", 1), Count("Émile", 1)]

    assert artists(library) == ranked
    assert artists(library, 2) == ranked[:2]


def test_the_first_and_the_latest_are_among_those_whose_day_is_known(library: StoredLibrary) -> None:
    put(
        library,
        saved("unknown", added_at=None),
        saved("late", added_at=NOON),
        saved("same moment", added_at=NOON),
        saved("early", added_at=NOON - DAY),
        saved("same early moment", added_at=NOON - DAY),
    )

    assert names([one for one in (newest(library), oldest(library)) if one]) == ["late", "same early moment"]


TABLE = (
    saved("banana", "Émile", "Zoo", added_at=NOON - 3, duration_ms=3),
    saved("Apple", "zed", "a", added_at=NOON - 2, duration_ms=None, id="apple"),
    saved("_first", "Abe", None, added_at=None, duration_ms=10),
    saved("Éclair", "abe", "Ä", added_at=NOON - 1, duration_ms=2),
    saved("cherry", by=None, album="zoo", added_at=NOON - 1, duration_ms=1),
    saved(None, by=None, album=None, added_at=NOON, duration_ms=4, id="gone", removed=True),
)
SORTED = {
    "added": ["_first", "banana", "Apple", "cherry", "Éclair", None],
    "title": [None, "_first", "Apple", "banana", "cherry", "Éclair"],
    "artist": [None, "cherry", "_first", "Éclair", "Apple", "banana"],
    "album": [None, "_first", "Apple", "banana", "cherry", "Éclair"],
    "duration": ["Apple", "cherry", "Éclair", "banana", None, "_first"],
}


@pytest.mark.parametrize("sort", SORTS)
def test_each_column_sorts_both_ways_and_alike_everywhere(library: StoredLibrary, sort: str) -> None:
    put(library, *TABLE)

    rising, found = page(library, "", sort, False, 0, 50)
    falling, _ = page(library, "", sort, True, 0, 50)

    assert found == 6
    assert names(rising) == SORTED[sort]
    assert names(falling) == SORTED[sort][::-1]


def test_these_are_all_the_columns() -> None:
    assert set(SORTS) == set(SORTED)


@pytest.mark.parametrize("descending", [False, True])
def test_what_is_alike_in_a_column_comes_newest_first(library: StoredLibrary, descending: bool) -> None:
    put(library, *(saved("same", id=str(nth)) for nth in range(5)))

    rows, _ = page(library, "", "title", descending, 0, 50)

    assert [row.id for row in rows] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", ["100% _Pure_", "STRASSE", "Back\\slash", "a/b", "Ünder", "夜に駆ける"]),
        ("100%", ["100% _Pure_"]),
        ("%", ["100% _Pure_"]),
        ("_", ["100% _Pure_"]),
        ("0_ p", []),
        ("\\", ["Back\\slash"]),
        ("/", ["a/b"]),
        ("straße", ["STRASSE"]),
        ("STRASSE", ["STRASSE"]),
        ("üNDER", ["Ünder"]),
        ("駆け", ["夜に駆ける"]),
        ("first artist", ["100% _Pure_"]),
        ("SECOND", ["100% _Pure_"]),
        ("lp pure", ["100% _Pure_"]),
        ("  pure   first  ", ["100% _Pure_"]),
        ("pure slash", []),
        ("'; DROP TABLE saved_track; --", []),
        ("\x00", ["100% _Pure_", "STRASSE", "Back\\slash", "a/b", "Ünder", "夜に駆ける"]),
        ("x " * 100, []),
    ],
)
def test_words_are_searched_for_as_they_are(library: StoredLibrary, words: str, wanted: list[str]) -> None:
    credited = (Credit(None, "First Artist"), Credit(None, "The Second"))
    put(
        library,
        saved("100% _Pure_", artists=credited, album="The LP"),
        saved("STRASSE"),
        saved("Back\\slash"),
        saved("a/b"),
        saved("Ünder"),
        saved("夜に駆ける"),
    )

    rows, found = page(library, words, "added", True, 0, 50)

    assert (names(rows), found) == (wanted, len(wanted))


def test_pages_lie_side_by_side(library: StoredLibrary) -> None:
    put(library, *(saved(f"{nth:03}") for nth in range(120)))

    pages = [page(library, "", "title", False, offset, 50) for offset in (0, 50, 100, 150)]

    assert [found for _, found in pages] == [120] * 4
    assert [len(rows) for rows, _ in pages] == [50, 50, 20, 0]
    assert [name for rows, _ in pages for name in names(rows)] == [f"{nth:03}" for nth in range(120)]


def test_two_readings_of_two_accounts_are_apart(store: Store, library: StoredLibrary) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    theirs = StoredLibrary(store, theo, begin_reading(store, theo))
    put(library, saved("mine", "Same"), saved("shared", "Same"))
    put(theirs, saved("theirs", "Same"), saved("shared", "Same"))

    assert names(everything(library)) == ["mine", "shared"]
    assert names(everything(StoredLibrary(store, theo, library.reading + 1))) == []
    assert artists(theirs) == [Count("Same", 2)]
    assert which_are_saved(theirs, ["mine", "shared"], [("mine", "same")]) == {"shared"}
    assert page(theirs, "mine", "added", True, 0, 50) == ([], 0)


def test_a_track_counts_as_saved_by_its_id_or_by_title_and_first_artist(library: StoredLibrary) -> None:
    put(
        library,
        saved("Überall", "Ana", id="1"),
        saved("Live", artists=(Credit(None, "Bea"), Credit(None, "Cleo")), id="2"),
        saved("Alone", by=None, id="3"),
    )
    titles = [("überall", "ana"), ("live", "cleo"), ("live", "bea"), ("alone", ""), ("nowhere", "ana")]

    assert which_are_saved(library, ["1", "9"], titles) == {
        "1",
        ("überall", "ana"),
        ("live", "bea"),
        ("alone", ""),
    }


def test_text_is_folded_for_sorting_and_searching() -> None:
    assert [folded(one) for one in ("Straße", "İ", None, "a\x00b", "ﬁn")] == ["strasse", "i̇", "", "ab", "fin"]


def test_local_files_are_told_apart_by_what_they_say_and_the_gone_by_their_place(
    library: StoredLibrary,
) -> None:
    tape = saved("Tape", id=None, local=True)
    gone = saved(None, id=None, removed=True)
    put(
        library,
        tape,
        tape,
        saved("Tape", id=None, local=True, duration_ms=1),
        saved("Tape", "Other", id=None, local=True),
        saved("Tape", album="Other", id=None, local=True),
        gone,
        gone,
    )

    assert names(everything(library)) == ["Tape"] * 4 + [None] * 2


def test_a_very_long_id_is_no_fault(library: StoredLibrary) -> None:
    put(library, saved("x", id="y" * 500), saved("z" * 500, id=None))

    assert [saved.id for saved in everything(library)] == ["y" * 500, None]


MOMENTS = st.lists(st.sampled_from([None, NOON, NOON + 0.25, NOON + 0.5, NOON - DAY, 1e9]), max_size=24)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=MOMENTS, chunk=st.integers(1, 8))
def test_everything_comes_out_exactly_once_newest_first(
    store: Store, moments: list[float | None], chunk: int
) -> None:
    account_id = find_or_add_account(store, "spotify", "mira", None)
    library = StoredLibrary(store, account_id, begin_reading(store, account_id))
    put(library, *(saved(str(at), added_at=moment) for at, moment in enumerate(moments)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_tracks, "CHUNK", chunk)
        rows = list(everything(library))

    wanted = sorted(range(len(moments)), key=lambda at: (-(moments[at] or 0.0), at))
    assert names(rows) == [str(at) for at in wanted]
