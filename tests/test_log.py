"""The log: one format, times in UTC, one line an event whatever a message holds."""

import logging
import re
import sys

import pytest

from app.log import LineFormatter


def record(message: str, *values: object, error: bool = False) -> logging.LogRecord:
    """An event at a known moment."""
    caught = sys.exc_info() if error else None
    event = logging.LogRecord("app.imports", logging.INFO, "file.py", 1, message, values, caught)
    event.created = 1795651408.7
    return event


def test_a_line_has_the_time_in_utc_the_level_the_logger_and_the_message() -> None:
    line = LineFormatter().format(record("%d files", 3))

    assert line == "2026-11-26T00:03:28Z INFO app.imports: 3 files"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b2J\x7f\x00", r"\x9b2J\x7f\x00"),
        ("a\u2028b\u2029c\u0085", r"a\u2028b\u2029c\x85"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
        ("Sigur Rós – 椎名林檎 \\ 100 %", "Sigur Rós – 椎名林檎 \\ 100 %"),
    ],
)
def test_what_does_not_print_is_shown_as_an_escape(name: str, shown: str) -> None:
    line = LineFormatter().format(record("file %s", name))

    assert line == f"2026-11-26T00:03:28Z INFO app.imports: file {shown}"


def test_a_traceback_follows_indented_and_cannot_forge_a_line() -> None:
    try:
        raise ValueError("bad\n2026-11-26T00:03:28Z INFO forged\x1b[2J")
    except ValueError:
        lines = LineFormatter().format(record("it broke", error=True)).split("\n")

    assert lines[0] == "2026-11-26T00:03:28Z INFO app.imports: it broke"
    assert lines[1] == "    Traceback (most recent call last):"
    assert lines[-2:] == ["    ValueError: bad", r"    2026-11-26T00:03:28Z INFO forged\x1b[2J"]
    assert not any(re.match(r"\S", line) for line in lines[1:])
