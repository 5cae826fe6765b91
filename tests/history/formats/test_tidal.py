"""Days and months of Tidal's dates: told apart by the file, by the listener, or not read at all."""

import pytest

from app.history.formats.rows import NotAFile, Reading
from app.history.formats.tidal import NO_ORDER, read
from tests.history.formats.rows_told import NOW, told


def streaming(*dates: str, zone: str = "null") -> bytes:
    lines = ["artist_name,track_title,entry_date,time_zone", *(f"Mira,Rain,{date},{zone}" for date in dates)]
    return "\r\n".join(lines).encode()


def starts(body: bytes, day_first: bool | None = None) -> list[str]:
    return [row["start"] for row in told(read(body, Reading(NOW.timestamp(), day_first=day_first)).batch)]


def test_one_day_above_twelve_tells_for_all() -> None:
    assert starts(streaming("03/04/2024 10:00", "13/04/2024 10:00")) == [
        "2024-04-03T10:00:00Z",
        "2024-04-13T10:00:00Z",
    ]
    assert starts(streaming("03/04/2024 10:00", "04/13/2024 10:00")) == [
        "2024-03-04T10:00:00Z",
        "2024-04-13T10:00:00Z",
    ]


@pytest.mark.parametrize(("day_first", "start"), [(True, "2024-04-03"), (False, "2024-03-04")])
def test_where_none_does_the_listener_says_it(day_first: bool, start: str) -> None:
    assert starts(streaming("03/04/2024 10:00"), day_first) == [f"{start}T10:00:00Z"]


def test_what_the_file_tells_counts_more() -> None:
    assert starts(streaming("13/04/2024 10:00"), day_first=False) == ["2024-04-13T10:00:00Z"]


def test_where_nobody_says_it_nothing_is_kept() -> None:
    with pytest.raises(NotAFile) as refused:
        starts(streaming("03/04/2024 10:00", "05/05/2024 10:00"))
    assert str(refused.value) == NO_ORDER


def test_where_it_does_not_matter_nobody_is_asked() -> None:
    assert starts(streaming("05/05/2024 10:00", "2024-04-03 10:00")) == [
        "2024-05-05T10:00:00Z",
        "2024-04-03T10:00:00Z",
    ]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", "2024-07-13T08:00:00Z"),
        ("null", "2024-07-13T10:00:00Z"),
        ("", "2024-07-13T10:00:00Z"),
    ],
)
def test_a_time_is_on_the_clock_of_its_zone(zone: str, start: str) -> None:
    assert starts(streaming("13/07/2024 10:00", "2024-07-13 10:00", zone=zone)) == [start, start]


@pytest.mark.parametrize("zone", ["../../etc/passwd", "x" * 5000, "\0", "Europe"])
def test_a_zone_that_nobody_knows_is_no_traceback(zone: str) -> None:
    found = read(streaming("13/07/2024 10:00", zone=zone), Reading(NOW.timestamp()))

    assert dict(found.unreadable_why) == {"of a time zone that is not known": 1}


def test_where_somebody_listened_is_not_kept() -> None:
    header = b"artist_name,track_title,entry_date,city_name,country_name\n"
    body = header + b"Mira,Rain,2024-07-13 10:00,Springfield,XY"
    packed = read(body, Reading(NOW.timestamp())).batch.packed()

    assert b"Springfield" not in packed
    assert b"XY" not in packed
