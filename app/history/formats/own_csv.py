"""Tables of plays: this site's own /history.csv, and the plain one that others write for any source.

Both give starts. Ours names the service of each play, and is rounded down to seconds: fractions that matter
to estimated lengths are found again, so that the same history comes of it.
"""

from app.csv_cells import original
from app.history.batch import PlayKind, Source
from app.history.formats.rows import Contents, Format, Reading, Rejected, Row, contents
from app.history.formats.tables import has_table, picker, table
from app.history.formats.text import Cells, entries, milliseconds, moment, text_or_none

_OURS = ("kind", "started_at", "artist", "track")
_OURS_TOO = (
    "album",
    "ms_played",
    "skipped",
    "shuffle",
    "offline",
    "platform",
    "country",
    "estimated",
    "source",
)
HEADER = (*_OURS, *_OURS_TOO)  # of /history.csv
_PLAIN = ("ts", "artist_name", "track_name")
_PLAIN_TOO = ("album_name", "ms_played", "track_uri", "platform")
KINDS = {"music": PlayKind.MUSIC, "podcast": PlayKind.PODCAST, "audiobook": PlayKind.AUDIOBOOK}
# Earlier tables name no service, and have Spotify's plays alone.
SOURCES = {source.service: source for source in Source if source > Source.LIVE} | {
    Source.EXTENDED.service: Source.EXTENDED,
    "": Source.EXTENDED,
}
UNKNOWN_KIND = "neither music nor a podcast nor an audiobook"
UNKNOWN_SERVICE = "of a service that is not known"
_FLAGS = {"yes": True, "no": False}
_SECOND = 1000  # milliseconds
_FEW = 1000


def read(body: bytes, reading: Reading) -> Contents:
    """The plays of /history.csv. Raises NotAFile."""
    places, rows = table(body, _OURS, _OURS_TOO)
    return contents(Source.CSV, entries(rows, _OwnRow(places)), reading, nameless=True)


class _OwnRow:
    """What a row of /history.csv tells. `places`: where each column is. Rows come in order of their start."""

    def __init__(self, places: dict[str, int]) -> None:
        self._pick = picker([places.get(name) for name in HEADER])
        self._names: dict[str, str | None] = {"": None}
        self._ends, self._cut_short = _Ends(), _Ends()

    def __call__(self, cells: Cells) -> Row | Rejected:
        (
            kind,
            started_at,
            artist,
            track,
            album,
            ms_played,
            skipped,
            shuffle,
            offline,
            platform,
            country,
            estimated,
            service,
        ) = self._pick(cells)
        start, ms, source = moment(started_at), milliseconds(ms_played, 1), SOURCES.get(service)
        if kind not in KINDS:
            return Rejected(UNKNOWN_KIND)
        if start is None:
            return Rejected("not a time")
        if ms is None and ms_played:
            return Rejected("ms_played is not a number")
        if source is None:
            return Rejected(UNKNOWN_SERVICE)
        row = Row(
            start,
            self._name(artist),
            self._name(track),
            self._name(album),
            ms=ms,
            estimated=estimated == "yes",
            skipped=_FLAGS.get(skipped),
            shuffle=_FLAGS.get(shuffle),
            offline=_FLAGS.get(offline),
            platform=platform or None,
            country=country or None,
            kind=KINDS[kind],
            source=source,
            settled=True,
        )
        if row.estimated:
            row.duration = ms  # at least
        self._find_fraction(row)
        return row

    def _name(self, text: str) -> str | None:
        """The name that a cell holds; a name is one object, however often it is there."""
        if text not in self._names:
            self._names[text] = original(text)
        return self._names[text]

    def _find_fraction(self, row: Row) -> None:
        """Gives a start the part of a second that the table leaves out, and makes a live play of a guess.

        Extended history's plays end at a full second, but those that were offline. A live play began after
        all that ended before it, any other play after those that it may have cut short.
        """
        of_spotify, measured = row.source == Source.EXTENDED, row.ms is not None and not row.estimated
        ms = row.ms or 0
        if of_spotify and not measured:
            row.start = self._ends.before(row.start)
        elif of_spotify and not row.offline:
            row.start = -(-(row.start + ms) // _SECOND) * _SECOND - ms
        else:
            row.start = self._cut_short.before(row.start)
        self._ends.note(row.start, ms)
        if row.estimated and not of_spotify:
            self._cut_short.note(row.start, ms)
        if of_spotify and not measured:
            row.source, row.start, row.ms, row.estimated = Source.LIVE, row.start + ms, 0, True


class _Ends:
    """When plays ended within a second, by that second. They come in order of their start (milliseconds)."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._most = _FEW

    def before(self, start: int) -> int:
        """`start`, or when the last play of its second ended."""
        return max(start, self._last.get(start // _SECOND, start))

    def note(self, start: int, ms: int) -> None:
        """A play that lasted so long."""
        end = start + ms
        if end % _SECOND == 0:
            return
        self._last[end // _SECOND] = self.before(end)
        if len(self._last) > self._most:
            self._last = {second: last for second, last in self._last.items() if second >= start // _SECOND}
            self._most = 2 * len(self._last) + _FEW


def read_plain(body: bytes, reading: Reading) -> Contents:
    """The plays of a table that names no service. Raises NotAFile."""
    places, rows = table(body, _PLAIN, _PLAIN_TOO)
    pick = picker([places.get(name) for name in (*_PLAIN, *_PLAIN_TOO)])

    def entry(cells: Cells) -> Row | Rejected:
        ts, artist, track, album, ms_played, uri, platform = pick(cells)
        start, ms = moment(ts), milliseconds(ms_played, 1)
        if start is None:
            return Rejected("not a time")
        if ms is None and ms_played.strip():
            return Rejected("ms_played is not a number")
        return Row(
            start,
            text_or_none(artist),
            text_or_none(track),
            text_or_none(album),
            uri=text_or_none(uri),
            ms=ms,
            platform=text_or_none(platform),
        )

    return contents(Source.CSV, entries(rows, entry), reading)


FORMATS = (
    Format("Liner Notes, as CSV", lambda head: has_table(head.text, _OURS), read),
    Format("A table of plays", lambda head: has_table(head.text, _PLAIN), read_plain),
)
