"""Text as anybody may have written it: encodings, CSV, columns, JSON, numbers, moments."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.formats import text
from app.history.formats.rows import NotAFile, Rejected, Row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_text_is_read_in_any_encoding(encoding: str) -> None:
    assert text.decoded("artist,title\r\nBjörk,Jóga".encode(encoding)) == "artist,title\r\nBjörk,Jóga"


def test_a_broken_letter_is_lost_and_not_the_others() -> None:
    body = "Björk,Jóga,Sigur Rós".encode()

    assert text.decoded(body.replace("ö".encode(), b"\xc3")) == "Bj�rk,Jóga,Sigur Rós"
    assert text.decoded(body + "é".encode()[:1]) == "Björk,Jóga,Sigur Rós�"


def test_what_an_earlier_program_lost_is_no_broken_letter() -> None:
    assert text.decoded("� Jóga".encode()) == "� Jóga"
    assert text.decoded("�,a,b".encode()) == "�,a,b"


def test_rows_may_hold_line_ends_and_quotes_and_blank_lines_are_none() -> None:
    body = b'a;"b\r\nc"\r\n\r\n"say ""so""";d\n'

    assert list(text.csv_rows(body, ";")) == [["a", "b\r\nc"], ['say "so"', "d"]]


def test_a_giant_cell_costs_its_row_and_no_other() -> None:
    body = b"a,b\n" + b"x" * 10_000_000 + b',"1"\nc,d\n'

    assert list(text.csv_rows(body)) == [["a", "b"], None, ["c", "d"]]


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    header = ["Track", " ARTIST ", "other", "track"]

    assert text.columns(header, ["artist", "track"], ["album", "Other"]) == {
        "artist": 1,
        "track": 0,
        "other": 2,
    }
    assert text.columns(header, ["album"]) is None
    assert text.columns(None, ["album"]) is None


def test_short_and_giant_rows_are_unreadable() -> None:
    rows = [["1", "Rain"], ["2"], None]

    found = list(text.entries(rows, lambda cells: Row(int(cells[0]), None, cells[1])))

    assert found == [Row(1, None, "Rain"), Rejected(text.TOO_SHORT), Rejected(text.TOO_LONG)]


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf", b'[{"a":', b"[" * 200_000, b"\xff\xfe\x00"])
def test_what_is_no_json_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(NotAFile, match=r"^This .*\.$"):
        text.parsed_json(body)


def test_odd_json_is_let_through() -> None:
    body = b'\xef\xbb\xbf[NaN, "\\ud800", ' + b"9" * 10_000 + b"]"

    nan, surrogate, large = text.parsed_json(body)

    assert (nan != nan, surrogate, large) == (True, "\ud800", int("9" * 40))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1749776100, 1749776100000),
        ("1749776100", 1749776100000),
        (1749780612.25, 1749780612250),
        (-1, -1000),
        ("1e300", 10**15),
        (10**400, None),
        (float("nan"), None),
        ("Infinity", None),
        (True, None),
        (None, None),
        ("", None),
        ([], None),
    ],
)
def test_seconds_become_milliseconds(value: object, expected: int | None) -> None:
    assert text.milliseconds(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-06-13T00:55:00Z", 1749776100000),
        ("2025-06-13T02:55:00.25+02:00", 1749776100250),
        ("2025-06-13 00:55:00", 1749776100000),
        ("0001-01-01T00:00:00+14:00", -62135647200000),
        ("2025-06-31T00:00:00Z", None),
        ("", None),
        (7, None),
    ],
)
def test_a_moment_is_read_as_utc_where_it_names_no_zone(value: object, expected: int | None) -> None:
    assert text.moment(value) == expected


def test_a_moment_may_be_on_the_clock_of_a_place() -> None:
    assert text.moment("2025-06-13 02:55", ZoneInfo("Europe/Berlin")) == 1749776100000


@given(st.binary(max_size=200))
def test_any_bytes_are_text(body: bytes) -> None:
    assert isinstance(text.decoded(body), str)
    assert all(cells is None or cells for cells in text.csv_rows(body))
    with suppress(NotAFile):
        text.parsed_json(body)
