"""Text as a cell that no spreadsheet takes for a formula, and back.

A spreadsheet evaluates a cell that begins with one of `= + - @` or their full-width forms, with white space
or quotes before it, or that begins with a tab or CR. Where it separates cells by `;`, the same holds for
what follows a `;` within a cell. In each such place an apostrophe is written first; `original` takes it away
again.
"""

import re

_FORMULA = r"=+\-@＝＋－＠"
# What may stand before it; what begins a line or a cell of its own is not among these.
_BEFORE = r"(?:[^\S\t\r\n]|[\"'\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff])*"
_BEGINS = rf"(?={_BEFORE}[{_FORMULA}\t\r])"
# Within a cell, signs with nothing after them are none: "…; --".
_CONTINUES = rf"(?<=[;\t\r\n])(?!{_BEFORE}[+\-＋－]+\Z){_BEGINS}"
_PLACE = re.compile(rf"(?:^{_BEGINS}|{_CONTINUES})")
_MARKED = re.compile(rf"(?:^'{_BEGINS}|(?<=[;\t\r\n])'(?!{_BEFORE}[+\-＋－]+\Z){_BEGINS})")
_SUSPECT = re.compile(rf"[{_FORMULA}\t\r]")


def safe_cell(value: object) -> object:
    """A value as a cell: unknown is empty, and no text is a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    return _PLACE.sub("'", value) if _SUSPECT.search(value) else value


def original(cell: str) -> str:
    """The text that `safe_cell` made this cell of."""
    return _MARKED.sub("", cell)
