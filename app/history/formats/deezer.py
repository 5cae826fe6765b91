"""Deezer's export: an Excel file, of which one sheet is the listening history.

Its column with IP addresses is not read.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, Head, NotAFile, Reading, Rejected, Row, contents
from app.history.formats.text import Cells, entries, isrc, milliseconds, moment, number
from app.history.formats.workbook import Workbook

_SHEET = "_listeninghistory"
# What the columns are called, in English and in French, without accents.
_NAMES = (
    {"song title", "titre du morceau", "titre de la chanson", "titre"},
    {"artist", "artiste"},
    {"date", "date d'ecoute", "date de l'ecoute"},
    {"isrc"},
    {"album title", "titre de l'album"},
    {"listening time", "duree d'ecoute", "temps d'ecoute"},
    {"platform name", "plateforme"},
)
_REQUIRED = 3  # of them
_SEARCHED = 20  # rows in which the header is looked for
_DAY = 86_400_000  # milliseconds
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,9})?)", re.ASCII)
_NO_TIME = Rejected("not a time")
_NO_LENGTH = Rejected("Listening Time is not a number")


def _read(body: bytes, reading: Reading) -> Contents:
    workbook = Workbook(body)
    # Its number is not always the same.
    sheet = next((name for name in workbook.sheets if name.lower().endswith(_SHEET)), None)
    rows = iter(()) if sheet is None else workbook.rows(sheet)
    for header in islice(rows, _SEARCHED):
        if (places := _places(header)) is not None:
            return contents(Source.DEEZER, entries(rows, _entry(places, workbook.from_1904)), reading)
    raise NotAFile("This Excel file does not have the columns of Deezer's listening history.")


def _places(header: Sequence[str]) -> list[int] | None:
    """Where each of the columns is; -1 for one that is not there. `None`: it is no header."""
    known = {_plain(name): at for at, name in reversed(list(enumerate(header)))}
    places = [next((known[name] for name in sorted(names) if name in known), -1) for names in _NAMES]
    return None if -1 in places[:_REQUIRED] else places


def _plain(name: str) -> str:
    """A name without accents, in lower case."""
    letters = unicodedata.normalize("NFKD", name[:100].replace("’", "'"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip().lower()


def _entry(places: Sequence[int], from_1904: bool) -> Callable[[Cells], Row | Rejected]:
    """Reads one row."""
    width = max(places) + 1
    pick: Callable[[Cells], tuple[str, ...]] = itemgetter(*places)
    texts: dict[str, str | None] = {"": None}
    codes: dict[str, str | None] = {}
    first_day = moment("1904-01-01" if from_1904 else "1899-12-30") or 0

    def text(cell: str) -> str | None:
        """The same object for the same text: a million rows hold a few thousand."""
        return texts.setdefault(cell, cell.strip() or None)

    def entry(cells: Cells) -> Row | Rejected:
        # Empty cells at the end of a row are left out. A column that is missing is the last, which is empty.
        cells.extend([""] * (width - len(cells)))
        cells.append("")
        title, artist, date, code, album, length, platform = pick(cells)
        days = number(date)
        start = moment(date) if days is None else first_day + _whole_seconds(days)
        if start is None:
            return _NO_TIME
        ms = _length(length)
        if ms is None and length.strip():
            return _NO_LENGTH
        if code not in codes:
            codes[code] = isrc(code)
        return Row(
            start, text(artist), text(title), text(album), isrc=codes[code], ms=ms, platform=text(platform)
        )

    return entry


def _whole_seconds(days: float) -> int:
    """Milliseconds of a number of days, which as a fraction is seldom exact."""
    return ((milliseconds(days, _DAY) or 0) + 500) // 1000 * 1000


def _length(text: str) -> int | None:
    """Milliseconds of "215", "03:33,5" or "1:02:03". Where Deezer did not measure it writes -1: nothing."""
    text = text.strip().replace(",", ".")
    if text in ("-1", "-1.0"):
        return 0
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        return milliseconds(text)
    hours, minutes, seconds = clock.groups()
    return round((int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def _is_deezers(head: Head) -> bool:
    return head.is_workbook and _SHEET in head.text.lower()


FORMATS = (Format("Deezer", _is_deezers, _read),)
