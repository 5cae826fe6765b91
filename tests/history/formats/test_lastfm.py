"""Last.fm in each of its dialects, and Libre.fm: what the tools' files may look like."""

import json
from typing import Any

import pytest

from app.history.formats import lastfm
from app.history.formats.lastfm_dates import by_minute, moment_of
from app.history.formats.rows import NotAFile, Reading
from tests.history.formats.rows_told import NOW, read, recognised, told

START = "2025-06-13T00:55:00Z"
RAIN = {"start": START, "source": "lastfm", "artist": "Mira", "title": "Rain"}
TRACK = {"artist": {"#text": "Mira"}, "album": {"#text": ""}, "name": "Rain", "date": {"uts": "1749776100"}}


def rows(text: str) -> list[dict[str, Any]]:
    return told(read(text.encode()).batch)


def test_columns_may_be_in_any_order_and_case_and_some_may_be_missing() -> None:
    assert rows("Track,UTS,Extra,ARTIST\nRain,1749776100,x,Mira\n") == [RAIN]
    assert rows("track;artist;uts\nRain;Mira;1749776100\n") == [RAIN]
    assert rows("track\tartist\tutc_time\nRain\tMira\t13 Jun 2025, 00:55\n") == [RAIN | {"by_minute": True}]
    assert rows("Date#mira;Track;Artist\n1749776100000;Rain;Mira\n") == [RAIN]
    assert rows("userid,Time,track,ARTIST\n1,1749776100,Rain,Mira\n") == [RAIN | {"source": "csv"}]


@pytest.mark.parametrize("header", ["artist,track", "uts,artist", "uts,track", "a,b,c,d", ""])
def test_a_table_without_its_columns_is_refused(header: str) -> None:
    body = f"{header}\n1,2,3,4\n".encode()

    assert recognised(body) is None
    for reader in lastfm.FORMATS:
        if "backup" not in reader.name and "to-csv" not in reader.name:
            with pytest.raises(NotAFile, match=r"\.$"):
                reader.read(body, Reading(NOW.timestamp()))


def test_a_giant_cell_costs_its_row_and_no_other() -> None:
    found = read(f"uts,artist,track\n1749776100,Mira,{'x' * 10_000_000}\n1749776100,Mira,Rain\n".encode())

    assert told(found.batch) == [RAIN]
    assert (found.read, dict(found.unreadable_why)) == (2, {"a cell is far too long": 1})


def test_a_row_that_is_cut_short_is_unreadable() -> None:
    found = read(b"uts,artist,track\n1749776100,Mira,Rain\n1749776100,Mi")

    assert (told(found.batch), dict(found.unreadable_why)) == ([RAIN], {"columns are missing": 1})


def test_a_quoted_line_end_is_part_of_its_name() -> None:
    assert rows('uts,artist,track\r\n1749776100,Mira,"Rain\r\nagain"\r\n') == [RAIN | {"title": "Rain again"}]


@pytest.mark.parametrize("uts", ["1749776100", 1749776100, 1749776100.0, " 1749776100 "])
def test_seconds_may_be_a_number_or_text(uts: object) -> None:
    page = [{"track": [TRACK | {"date": {"uts": uts}}]}]

    assert told(read(json.dumps(page).encode()).batch) == [RAIN]


@pytest.mark.parametrize("uts", [None, "", "x", True, [], float("nan")])
def test_the_text_stands_in_for_seconds_that_are_none(uts: object) -> None:
    page = [{"track": [TRACK | {"date": {"uts": uts, "#text": "13 Jun 2025, 00:55"}}]}]

    assert told(read(json.dumps(page).encode()).batch) == [RAIN | {"by_minute": True}]


@pytest.mark.parametrize("pages", [[{"track": TRACK}], {"track": [TRACK]}, {"track": TRACK}])
def test_a_single_thing_stands_for_a_list_of_one(pages: object) -> None:
    assert told(read(json.dumps(pages).encode()).batch) == [RAIN]


def test_a_track_that_is_playing_is_no_play_before_it_has_a_date() -> None:
    playing = TRACK | {"@attr": {"nowplaying": "true"}}
    without_date = {key: value for key, value in playing.items() if key != "date"}

    found = read(json.dumps([{"track": [without_date, playing]}]).encode())

    assert (told(found.batch), dict(found.ignored_why)) == ([RAIN], {"playing now": 1})


def test_scrobbles_of_lastfmstats_may_be_a_single_one() -> None:
    scrobble = {"track": "Rain", "artist": "Mira", "album": "", "date": "1749776100000"}

    assert told(read(json.dumps({"username": "mira", "scrobbles": scrobble}).encode()).batch) == [RAIN]


def test_a_file_without_header_is_known_by_its_dates() -> None:
    assert rows('Mira,,Rain,"13 Jun 2025, 00:55"\n') == [RAIN | {"by_minute": True}]
    assert rows("2025-06-13,00:55:00,Mira,Rain\n") == [RAIN]
    assert recognised(b"Mira,,Rain,2025-06-13\n") is None
    assert recognised(b"Mira,,Rain,yesterday\n") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13 Jun 2025, 00:55", 1749776100000),
        ("13 jun 2025 00:55", 1749776100000),
        (" 13 Jun 2025, 00:55 ", 1749776100000),
        ("1 Jan 1970, 00:01", 60000),
        ("31 Jun 2025, 00:55", None),
        ("13 Juni 2025, 00:55", None),
        ("13 Jun 2025, 24:00", None),
        ("13 Jun 2025, 00:60", None),
        ("13 Jun 2025, 00:55:00", None),
        ("13 Jun 0000, 00:55", None),
        ("13 Jun 2025" + "x" * 10_000 + " 00:55", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_of_lastfm_are_in_english_and_by_the_minute(text: object, expected: int | None) -> None:
    assert by_minute(text) == expected


def test_a_day_and_a_clock_make_a_moment() -> None:
    assert moment_of("2025-06-13", "00:55:07") == 1749776107000
    assert moment_of("2025-13-13", "00:55:07") is None
    assert moment_of("2025-06-13", "00:55:70") is None
