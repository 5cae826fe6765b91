"""Cells of every table: what a spreadsheet takes for a formula is none, and can be read back."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.csv_cells import original, safe_cell
from app.web.csv_table import csv_lines

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
ODD = st.text(st.sampled_from([*FORMULA, *"\t\r\n;'\" a1,\u200b\x07\u00a0"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ('"=1', "'\"=1"),
        ("\u200b=1", "'\u200b=1"),
        ("\tx", "'\tx"),
        ("a;=1+1", "a;'=1+1"),
        ("a; -1;b;=2", "a;' -1;b;'=2"),
        ("a\n=1", "a\n'=1"),
        ("a;--", "a;--"),
        ("a;--1", "a;'--1"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
        ("Jay-Z", "Jay-Z"),
        ("東京", "東京"),
    ],
)
def test_what_begins_a_formula_is_marked(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
    assert original(cell) == text


@given(ODD)
def test_every_cell_can_be_read_back(text: str) -> None:
    assert original(str(safe_cell(text))) == text


@given(st.lists(ODD, min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_no_cell_begins_a_formula_whatever_separates_cells(texts: list[str], separator: str) -> None:
    lines = csv_lines([[text.rstrip("+-\uff0b\uff0d") for text in texts]])
    for row in csv.reader(StringIO(lines, newline=""), delimiter=separator):
        for cell in row:
            assert cell.strip('"\u200b\x07\u00a0 ')[:1] not in list(FORMULA), lines


def test_text_is_quoted_and_numbers_are_not() -> None:
    assert csv_lines([["Tide", 3, -1.5, None, 'a"b']]) == '"Tide",3,-1.5,"","a""b"\r\n'
