"""What the top lists say, made from the numbers: who leads, what moved, how varied the tracks are.

Names from outside are spans of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.music import TimeRange
from app.stats.decades import Decade
from app.stats.ranking import Movement
from app.stats.variety import Variety
from app.web.format import PERIODS, TextSpan, counted, percent, stripped
from app.web.top import playlists
from app.web.top.report import LONGER, Entry, Item, TopKind, TopList

NOUNS = {TopKind.TRACKS: "track", TopKind.ARTISTS: "artist", TopKind.GENRES: "genre", TopKind.ALBUMS: "album"}
WEIGHED = {
    TopKind.GENRES: "Points: 51 − rank of each of your top artists that Spotify counts to the genre.",
    TopKind.ALBUMS: "Points: 51 − rank of each of your top tracks that is on the album.",
}


class Mark(NamedTuple):
    """How an item moved. `style` is up, down, same or new; `sign` is seen, `words` are heard."""

    style: str
    sign: str
    words: str


@dataclass(frozen=True)
class DecadeCount:
    """A decade and its number of tracks."""

    label: str
    count: int


def mark(moved: Movement | None, other: str) -> Mark | None:
    """How an item moved; `other` names the list it is compared with: "your 1 year list"."""
    if moved is None:
        return None
    if moved == "new":
        return Mark("new", "new", f"new: not on {other}")
    if moved == 0:
        return Mark("same", "=", f"same place as on {other}")
    style, sign = ("up", "▲") if moved > 0 else ("down", "▼")
    return Mark(style, f"{sign}{abs(moved)}", f"{style} {abs(moved)} from {other}")


def since(day: date) -> str:
    """The column of an earlier list: "since 12 Nov"."""
    return f"since {day.day}\N{NO-BREAK SPACE}{day:%b}"


def entry_name(report: TopList, entry: Entry) -> str:
    """An entry's name in a row."""
    return stripped(entry.name) or f"{NOUNS[report.kind].capitalize()} without a name"


def compared_with(report: TopList, time_range: TimeRange) -> str:
    """The name of the list that a range's movement is against; "" without any."""
    if longer := LONGER.get(time_range):
        return list_name(longer)
    return list_of_day(report, report.longest_since) if report.longest_since else ""


def earlier_lists(report: TopList) -> list[tuple[date, str]]:
    """The days to compare the items with, and the field of `Item` that says how it moved since.

    The longest range's own arrows are against last week's list already, so that is not shown twice; nor is
    a single old snapshot, which is both last week's and last month's.
    """
    found = []
    if report.week and report.time_range in LONGER:
        found.append((report.week, "week"))
    if report.month and report.month != report.week:
        found.append((report.month, "month"))
    return found


def list_name(time_range: TimeRange) -> str:
    """What one range's list is called in a sentence: "your 6 months list"."""
    return f"your {time_range.label} list"


def list_of_day(report: TopList, day: date) -> str:
    """What an earlier list is called in a sentence: "your list of 13 November"."""
    return f"your list of {_day(report, day)}"


def _day(report: TopList, day: date) -> str:
    """A date: "13 November", with its year where that is not this one."""
    return f"{day.day} {day:%B}" + ("" if day.year == report.today.year else f" {day.year}")


def _name(kind: TopKind, item: Item) -> TextSpan:
    """An item's name for a sentence."""
    article = "an" if kind in (TopKind.ARTISTS, TopKind.ALBUMS) else "a"
    name = stripped(item.entry.name)
    if not name:
        return TextSpan(f"{article} {NOUNS[kind]} without a name")
    if kind is TopKind.GENRES:
        return TextSpan(name, is_name=True)
    by = item.entry.artists[0].name if item.entry.artists else None
    return TextSpan(name, True, NOUNS[kind], by, item.entry.id)


def lead(report: TopList) -> tuple[TextSpan, ...]:
    """What the list says first: who leads, what is new, what rose and fell most. Empty without items."""
    if not report.items:
        return ()
    first = _name(report.kind, report.items[0])
    over = f"Over {PERIODS[report.time_range]}, "
    if report.kind is TopKind.GENRES:
        opening = (TextSpan(over), first, TextSpan(" weighs most among the genres of your top artists."))
    elif report.kind is TopKind.ALBUMS:
        opening = (TextSpan(over), first, TextSpan(" weighs most among the albums of your top tracks."))
    else:
        opening = (
            TextSpan(f"{over}Spotify ranks "),
            first,
            TextSpan(f" first among your {report.kind.value}."),
        )
    return (*opening, *_moved(report))


def _moved(report: TopList) -> tuple[TextSpan, ...]:
    longer = LONGER.get(report.time_range)
    if longer is None and report.longest_since is None:
        return ()
    if longer is None and report.longest_since is not None:
        against = f" Since {_day(report, report.longest_since)}, "
    elif longer is not None:
        if not report.lists[longer]:
            return (TextSpan(f" There is nothing on {list_name(longer)} to compare it with."),)
        against = f" Compared with {list_name(longer)}, "
    clauses = [clause for clause in (_new(report), _most(report, up=True), _most(report, up=False)) if clause]
    if not clauses:
        same = "it has not moved" if len(report.items) == 1 else "nothing has moved"
        return (TextSpan(f"{against}{same}."),)
    joined = [span for clause in clauses for span in (TextSpan("; "), *clause)][1:]
    return (TextSpan(against), *joined, TextSpan("."))


def _new(report: TopList) -> tuple[TextSpan, ...]:
    new, total = sum(item.movement == "new" for item in report.items), len(report.items)
    if not new:
        return ()
    if new == total:
        return (TextSpan("it is new" if total == 1 else f"all {total} are new"),)
    verb = "is" if new == 1 else "are"
    return (TextSpan(f"{new} of the {counted(total, NOUNS[report.kind])} {verb} new"),)


def _most(report: TopList, up: bool) -> tuple[TextSpan, ...]:
    """Which items rose most, or fell most, and by how many places."""
    sign = 1 if up else -1
    moves = [(sign * item.movement, item) for item in report.items if isinstance(item.movement, int)]
    furthest = max((by for by, _ in moves), default=0)
    if furthest <= 0:
        return ()
    tied = [item for by, item in moves if by == furthest]
    by = f" {'rose' if up else 'fell'} most, by {counted(furthest, 'place')}"
    return (*_names(report.kind, tied), TextSpan(by + (" each" if len(tied) > 1 else "")))


def _names(kind: TopKind, items: Sequence[Item]) -> tuple[TextSpan, ...]:
    first = _name(kind, items[0])
    if len(items) == 1:
        return (first,)
    if len(items) == 2:
        return (first, TextSpan(" and "), _name(kind, items[1]))
    return (first, TextSpan(f" and {len(items) - 1} others"))


def variety_sentence(variety: Variety, tracks: int) -> str:
    """How varied the top tracks are."""
    if not tracks or variety.effective_artists is None:
        return ""
    if variety.artists == 1:
        return f"Your {tracks} top tracks are all by one artist." if tracks > 1 else "One track, one artist."
    whole = f"Your {tracks} top tracks come from {variety.artists} artists"
    return f"{whole}, as varied as {variety.effective_artists:.1f} artists who share them equally."


def decades_sentence(decades: Sequence[Decade], tracks: int) -> str:
    """Which decade most of the tracks came out in; says so when no release date is known."""
    known = sum(decade.count for decade in decades)
    if not tracks:
        return ""
    if not known:
        return f"No release date is known for your {counted(tracks, 'top track')}."
    most = max(decades, key=lambda decade: decade.count)
    if len(decades) == 1:
        return f"{f'All {known}' if known > 1 else 'It'} came out in the {most.decade}s."
    leading = [f"the {decade.decade}s" for decade in decades if decade.count == most.count]
    if len(leading) > 2:
        return f"No decade leads: {len(leading)} have {counted(most.count, 'track')} each."
    if len(leading) == 2:
        return f"{' and '.join(leading).capitalize()} lead, with {counted(most.count, 'track')} each."
    return f"The {most.decade}s lead, with {most.count} of {known} tracks ({percent(most.count / known)})."


def ranges_with_items(report: TopList) -> list[TimeRange]:
    """The ranges to look at where the chosen one is empty."""
    return [time_range for time_range in TimeRange if report.lists[time_range]]


def every_decade(decades: Sequence[Decade]) -> list[DecadeCount]:
    """Every decade from the first to the last, also those in between that have no track."""
    counts = {decade.decade: decade.count for decade in decades}
    every = range(min(counts), max(counts) + 1, 10) if counts else ()
    return [DecadeCount(f"{decade}s", counts.get(decade, 0)) for decade in every]


def playlist_name(report: TopList) -> str:
    """What the list would be called as a playlist."""
    return playlists.playlist_name(report.time_range, report.today)
