"""A log of a player that has a clock and no zone, and its odd rows."""

from zoneinfo import ZoneInfo

import pytest

from app.history.formats.rows import NotAFile, Reading
from app.history.formats.scrobbler_log import NO_ZONE, read
from tests.history.formats.rows_told import NOW, told

BERLIN = Reading(NOW.timestamp(), zone=ZoneInfo("Europe/Berlin"))
NOBODY_SAID = Reading(NOW.timestamp())
WINTER, SUMMER = 1_704_110_400, 1_720_008_000  # noon on 1 January and 3 July 2024, if it were UTC


def log(*rows: str, zone: str = "#TZ/UNKNOWN") -> bytes:
    return "\n".join(["#AUDIOSCROBBLER/1.1", zone, "#CLIENT/Rockbox", *rows]).encode()


def row(timestamp: object, rating: str = "L") -> str:
    return f"Mira\tWeather\tRain\t1\t200\t{rating}\t{timestamp}\t"


def starts(body: bytes, reading: Reading) -> list[str]:
    return [play["start"] for play in told(read(body, reading).batch)]


def test_the_players_clock_is_in_the_listeners_zone() -> None:
    assert starts(log(row(WINTER), row(SUMMER)), BERLIN) == ["2024-01-01T11:00:00Z", "2024-07-03T10:00:00Z"]


@pytest.mark.parametrize("zone", ["#TZ/UNKNOWN", "#CLIENT/Rockbox", "#TZ/Moon"])
def test_without_a_zone_nothing_is_kept(zone: str) -> None:
    with pytest.raises(NotAFile) as refused:
        read(log(row(WINTER), zone=zone), NOBODY_SAID)
    assert str(refused.value) == NO_ZONE


def test_utc_needs_no_zone_and_takes_none() -> None:
    for reading in (BERLIN, NOBODY_SAID):
        assert starts(log(row(SUMMER), zone="#TZ/UTC"), reading) == ["2024-07-03T12:00:00Z"]


def test_an_hour_that_the_clock_skips_is_a_time_all_the_same() -> None:
    half_past_two = 1_711_852_200  # on 31 March 2024, when clocks in Berlin went from two to three

    assert starts(log(row(half_past_two)), BERLIN) == ["2024-03-31T01:30:00Z"]


def test_columns_that_a_comment_names_are_found_in_any_order() -> None:
    header = "#TITLE\t#ARTIST\t#ALBUM\t#TIMESTAMP\t#RATING\t#LENGTH"
    found = read(log(header, f"Rain\tMira\tWeather\t{SUMMER}\tS\t200", zone="#TZ/UTC"), NOBODY_SAID)

    assert told(found.batch) == [
        {
            "start": "2024-07-03T12:00:00Z",
            "source": "scrobbler-log",
            "artist": "Mira",
            "title": "Rain",
            "album": "Weather",
            "ms": 0,
            "duration": 200_000,
            "skipped": True,
        }
    ]


@pytest.mark.parametrize(
    ("timestamp", "why"),
    [
        ("9" * 30, "in the future"),
        (-(10**12), "before October 2002"),
        ("1e400", "not a time"),
        ("nan", "not a time"),
        ("", "not a time"),
    ],
)
def test_an_absurd_stamp_is_one_unreadable_row(timestamp: object, why: str) -> None:
    found = read(log(row(timestamp), row(WINTER)), BERLIN)

    assert (found.read, len(found.batch), dict(found.unreadable_why)) == (2, 1, {why: 1})


def test_a_stamp_may_have_a_fraction() -> None:
    assert starts(log(row(f"{WINTER}.5"), zone="#TZ/UTC"), NOBODY_SAID) == ["2024-01-01T12:00:00.500000Z"]


def test_a_giant_name_is_cut_and_kept() -> None:
    giant = row(WINTER).replace("Rain", "x" * 10_000_000)
    found = read(log(giant, row(SUMMER)), BERLIN)

    assert (len(found.batch), found.batch.items[0].title) == (2, "x" * 500)
