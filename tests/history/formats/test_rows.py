"""Rows as columns: each entry of a file is kept, unreadable or ignored, however many there are."""

from app.history.batch import Source
from app.history.formats.rows import Contents, Reading, Rejected, Row, contents
from tests.history.formats.rows_told import NOW, told

MS = 1749776100000
MANY = 10_000  # more than become columns at once


def made(*entries: Row | Rejected, nameless: bool = False) -> Contents:
    return contents(Source.LASTFM, entries, Reading(NOW.timestamp()), nameless)


def test_many_rows_are_kept_in_order_and_places_count_all_entries() -> None:
    entries: list[Row | Rejected] = [
        Row(MS + at * 1000, f"Artist {at % 7}", f"Track {at % 5000}", ms=at % 3 or None) for at in range(MANY)
    ]
    entries[5000] = Rejected("odd")
    entries[6000] = Rejected("a heart", ignored=True)
    entries[7000] = Row(-1, "Mira", "Rain")
    entries[8000] = Row(MS, "Mira", " ")
    expected = [row for row in entries if isinstance(row, Row) and row.title != " " and row.start > 0]

    found = made(*entries)

    assert found.read == MANY
    assert dict(found.unreadable_why) == {"odd": 1, "before October 2002": 1, "names no track": 1}
    assert [(row.place, row.why) for row in found.unreadable_few] == [
        (5001, "odd"),
        (7001, "before October 2002"),
        (8001, "names no track"),
    ]
    assert [(row.place, row.why) for row in found.ignored_few] == [(6001, "a heart")]
    assert found.batch.columns["start"].tolist() == [row.start for row in expected]
    assert found.batch.columns["ms"].tolist() == [row.ms or 0 for row in expected]
    items = [found.batch.items[item] for item in found.batch.columns["item"].tolist()]
    assert [(item.by, item.title) for item in items] == [(row.artist, row.title) for row in expected]


def test_all_that_a_row_tells_is_kept() -> None:
    full = Row(
        MS, "Mira", "Rain", "Weather", "Various Artists", "spotify:track:1", "DEA123456789",
        ms=1500, estimated=True, duration=3000, by_minute=True, skipped=False, shuffle=True, offline=False,
        reason_end="trackdone", platform="web", country="DE", source=Source.PANO,
    )  # fmt: skip

    first, second = told(made(full, Row(MS, None, "Snow", skipped=True)).batch)

    assert first == {
        "start": "2025-06-13T00:55:00Z", "source": "pano", "artist": "Mira", "title": "Rain",
        "album": "Weather", "album_artist": "Various Artists", "uri": "spotify:track:1",
        "isrc": "DEA123456789", "ms": 1500, "estimated": True, "duration": 3000, "by_minute": True,
        "skipped": False, "shuffle": True,
        "offline": False, "reason_end": "trackdone", "platform": "web", "country": "DE",
    }  # fmt: skip
    # What was skipped and says no more was played for no time.
    assert second == {
        "start": "2025-06-13T00:55:00Z", "source": "lastfm", "title": "Snow", "skipped": True, "ms": 0,
    }  # fmt: skip


def test_names_are_clean_and_equal_ones_are_one_item() -> None:
    found = made(Row(MS, "Mira\n", "Rain", uri="\ud800"), Row(MS, " Mira", "Rain", uri="\ud800"))

    assert [(item.by, item.uri) for item in found.batch.items] == [("Mira", "�")]
    assert found.batch.packed()


def test_a_row_that_names_no_track_is_a_play_where_that_is_allowed() -> None:
    assert made(Row(MS, "Mira", None)).unreadable == 1
    assert len(made(Row(MS, None, None), nameless=True).batch) == 1


def test_a_file_of_no_rows_is_an_empty_batch() -> None:
    found = made()

    assert (found.read, len(found.batch), found.batch.items) == (0, 0, [])
    assert len(made(Rejected("odd")).batch) == 0
