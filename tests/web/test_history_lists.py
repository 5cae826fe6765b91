"""Top lists of a range: order, movement, search, pages."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.store.accounts import add_local_account
from app.store.engine import Store
from app.web.time.item.report import ALBUM, ARTIST, TRACK, item_report
from app.web.time.lists.report import Order, top_list, whole_list
from app.web.time.range_query import RangeQuery
from app.web.time.range_with_plays import Kind, RangeWithPlays, range_with_plays
from tests.exports import Entry, history_of, played

UTC = ZoneInfo("UTC")
ROWS = [
    # February: Red leads. Gold is not played again.
    *(played(f"2021-02-{day:02} 10:00", "Red", "Ada", album="Warm") for day in (1, 2, 3)),
    played("2021-02-05 10:00", "Blue", "Ada", album="Cold"),
    played("2021-02-06 10:00", "Gold", "Cyd", album="Ore"),
    # March: Blue leads, Green is new; the long one takes most time.
    *(played(f"2021-03-{day:02} 20:00", "Blue", "Ada", album="Cold") for day in (1, 2, 3, 4)),
    *(played(f"2021-03-{day:02} 21:00", "Green", "Bo", album="Leaf") for day in (1, 2)),
    played("2021-03-07 09:00", "Red", "ADA", album="Warm"),
    played("2021-03-08 09:00", "Long", "Bo", ms=3_600_000, album="Leaf"),
    played("2021-03-09 09:00", "Gold", "Cyd", ms=10_000, album="Ore"),
]


def of(store: Store, rows: list[Entry], first: date | None, last: date | None) -> RangeWithPlays:
    account_id = add_local_account(store)
    history_of(store, account_id, rows)
    found = range_with_plays(store, account_id, RangeQuery(UTC, date(2021, 4, 1), 30_000, None, first, last))
    assert found is not None
    return found


@pytest.fixture
def march(store: Store) -> RangeWithPlays:
    return of(store, ROWS, date(2021, 3, 1), date(2021, 3, 31))


def test_tracks_by_plays_with_their_movement(march: RangeWithPlays) -> None:
    found = top_list(march, Kind.TRACKS, Order())

    assert [(line.item.rank, line.item.name, line.item.plays, line.moved) for line in found.lines] == [
        (1, "Blue", 4, 1),
        (2, "Green", 2, "new"),
        (3, "Long", 1, "new"),
        (4, "Red", 1, -3),
    ]
    assert (found.found, found.length, found.pages, found.most) == (4, 4, 1, 4)


def test_tracks_by_time(march: RangeWithPlays) -> None:
    found = top_list(march, Kind.TRACKS, Order(by_time=True))

    assert [(line.item.name, line.item.ms) for line in found.lines] == [
        ("Long", 3_600_000),
        ("Blue", 800_000),
        ("Green", 400_000),
        ("Red", 200_000),
    ]


def test_artists_are_one_whatever_the_case_and_shown_as_last_written(march: RangeWithPlays) -> None:
    found = top_list(march, Kind.ARTISTS, Order())

    assert [(line.item.name, line.item.plays, line.moved) for line in found.lines] == [
        ("ADA", 5, 0),
        ("Bo", 3, "new"),
    ]


def test_albums_have_their_artist(march: RangeWithPlays) -> None:
    found = top_list(march, Kind.ALBUMS, Order())

    assert [(line.item.name, line.item.artist, line.moved) for line in found.lines] == [
        ("Cold", "ADA", 1),
        ("Leaf", "Bo", "new"),
        ("Warm", "ADA", -2),
    ]


def test_all_time_has_no_arrows(store: Store) -> None:
    everything = of(store, ROWS, None, None)

    found = top_list(everything, Kind.TRACKS, Order())

    assert [line.item.name for line in found.lines] == ["Blue", "Red", "Green", "Long", "Gold"]
    assert {line.moved for line in found.lines} == {None}
    assert not found.compared


def test_a_range_after_silence_has_no_arrows(store: Store) -> None:
    first = of(store, ROWS, date(2021, 2, 1), date(2021, 2, 28))

    assert first.before() is None
    assert {line.moved for line in top_list(first, Kind.TRACKS, Order()).lines} == {None}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ada", [(1, "Blue"), (4, "Red")]),
        ("RED ada", [(4, "Red")]),
        ("blue bo", []),
        ("re", [(2, "Green"), (4, "Red")]),
    ],
)
def test_a_search_keeps_the_ranks_of_the_whole_list(
    march: RangeWithPlays, words: str, names: list[tuple[int, str]]
) -> None:
    found = top_list(march, Kind.TRACKS, Order(words=words))

    assert [(line.item.rank, line.item.name) for line in found.lines] == names
    assert (found.found, found.length) == (len(names), 4)


def test_pages_go_on_where_the_one_before_ended(store: Store) -> None:
    rows = [
        played(f"2021-03-01 {at // 60:02}:{at % 60:02}", f"Song {at:03}", "Ada") for at in range(0, 360, 3)
    ]
    everything = of(store, rows, None, None)

    pages = [top_list(everything, Kind.TRACKS, Order(page=page)) for page in (1, 2, 3)]

    assert [len(page.lines) for page in pages] == [50, 50, 20]
    # All are equal in plays and time, so names decide.
    assert [line.item.name for page in pages for line in page.lines] == [
        f"Song {at:03}" for at in range(0, 360, 3)
    ]
    assert [line.item.rank for page in pages for line in page.lines] == list(range(1, 121))


def test_the_whole_list_agrees_with_its_pages(march: RangeWithPlays) -> None:
    for order in (Order(), Order(by_time=True), Order(words="re")):
        assert list(whole_list(march, Kind.TRACKS, order).lines) == list(
            top_list(march, Kind.TRACKS, order).lines
        )


def test_everything_about_an_artist(store: Store) -> None:
    everything = of(store, ROWS, None, None)

    ada = item_report(everything, ARTIST, "aDa", ())

    assert ada is not None
    assert (ada.name, ada.plays, ada.ms, ada.rank) == ("ADA", 9, 1_800_000, 1)
    assert ada.first is not None
    assert ada.latest is not None
    assert (ada.first.track, ada.latest.track) == ("Red", "Red")
    assert [(track.name, track.plays) for track in ada.tracks] == [("Blue", 5), ("Red", 4)]
    assert [(album.name, album.plays) for album in ada.albums] == [("Cold", 5), ("Warm", 4)]
    assert [ada.by_hour[hour] for hour in (9, 10, 20, 21)] == [1, 4, 4, 0]
    assert [(one.year, one.rank, one.length, one.plays) for one in ada.by_year] == [(2021, 1, 3, 9)]


def test_everything_about_a_track_in_a_range(march: RangeWithPlays) -> None:
    red = item_report(march, TRACK, "RED", ["ada"])

    assert red is not None
    assert (red.plays, red.rank, red.artist) == (1, 4, "ADA")
    assert [album.name for album in red.albums] == ["Warm"]
    # The rank of a year is that of the whole year, whatever the range.
    assert [(one.rank, one.plays) for one in red.by_year] == [(2, 4)]
    assert red.uri == "spotify:track:0000000000000000000000"


def test_a_play_too_short_to_count_leaves_nothing_in_the_range(march: RangeWithPlays) -> None:
    gold = item_report(march, ALBUM, "Ore", ["Nobody", "Cyd"])

    assert gold is not None
    assert (gold.plays, gold.first, gold.rank, list(gold.tracks)) == (0, None, None, [])


@pytest.mark.parametrize(
    ("kind", "artist", "name"),
    [(ARTIST, None, "Nobody"), (TRACK, "Ada", "Green"), (TRACK, "Nobody", "Red"), (ALBUM, None, "Leaf")],
)
def test_a_name_that_is_not_there(march: RangeWithPlays, kind: str, artist: str | None, name: str) -> None:
    assert item_report(march, kind, name, [artist]) is None


def test_what_has_no_artist_is_found_without_one(store: Store) -> None:
    everything = of(store, [played("2021-03-01 20:00", "Hum", None, album="Tape")], None, None)

    hum = item_report(everything, TRACK, "hum", [None])

    assert hum is not None
    assert (hum.artist, hum.plays) == (None, 1)
    assert item_report(everything, ALBUM, "tape", [None]) is not None
