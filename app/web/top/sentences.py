"""The sentences of the top lists, made from the numbers. Names from outside are pieces of their own."""

from collections.abc import Sequence
from datetime import date

from app.music import TimeRange
from app.stats.decades import Decade
from app.stats.variety import Variety
from app.web.format import PERIODS, TextSpan, counted, percent
from app.web.top.report import LONGER, Item, Kind, TopList

NOUNS = {Kind.TRACKS: "track", Kind.ARTISTS: "artist", Kind.GENRES: "genre", Kind.ALBUMS: "album"}
WEIGHED = {
    Kind.GENRES: "Weight: the sum of 51 − rank of your top artists that Spotify counts to the genre.",
    Kind.ALBUMS: "Weight: the sum of 51 − rank of your top tracks that are on the album.",
}


def title_of(kind: Kind) -> str:
    """What the page is called: "Top tracks"."""
    return f"Top {kind.value}"


def list_name(time_range: TimeRange) -> str:
    """What one range's list is called in a sentence: "your 6 months list"."""
    return f"your {time_range.label} list"


def list_of_day(day: date, today: date) -> str:
    """What an earlier list is called in a sentence: "your list of 13 November"."""
    return f"your list of {day_in_words(day, today)}"


def day_in_words(day: date, today: date) -> str:
    """A date: "13 November", with its year where that is not this one."""
    return f"{day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")


def name_of(kind: Kind, name: str | None) -> TextSpan:
    """An item's name for a sentence."""
    article = "an" if kind in (Kind.ARTISTS, Kind.ALBUMS) else "a"
    stripped = (name or "").strip()
    return (
        TextSpan(stripped, is_name=True) if stripped else TextSpan(f"{article} {NOUNS[kind]} without a name")
    )


def lead(report: TopList, today: date) -> tuple[TextSpan, ...]:
    """What the list says first: who leads, what is new, what rose and fell most. Empty without items."""
    if not report.items:
        return ()
    first = name_of(report.kind, report.items[0].entry.name)
    over = f"Over {PERIODS[report.time_range]}, "
    if report.kind is Kind.GENRES:
        opening = (TextSpan(over), first, TextSpan(" weighs most among the genres of your top artists."))
    elif report.kind is Kind.ALBUMS:
        opening = (TextSpan(over), first, TextSpan(" weighs most among the albums of your top tracks."))
    else:
        opening = (
            TextSpan(f"{over}Spotify ranks "),
            first,
            TextSpan(f" first among your {report.kind.value}."),
        )
    return (*opening, *_moved(report, today))


def _moved(report: TopList, today: date) -> tuple[TextSpan, ...]:
    longer = LONGER.get(report.time_range)
    if longer is None and report.longest_since is None:
        return ()
    if longer is None and report.longest_since is not None:
        against = f" Since {day_in_words(report.longest_since, today)}, "
    elif longer is not None:
        if not report.lists[longer]:
            return (TextSpan(f" There is nothing on {list_name(longer)} to compare it with."),)
        against = f" Compared with {list_name(longer)}, "
    clauses = [clause for clause in (_new(report), _most(report, up=True), _most(report, up=False)) if clause]
    if not clauses:
        same = "it has not moved" if len(report.items) == 1 else "nothing has moved"
        return (TextSpan(f"{against}{same}."),)
    joined = [piece for clause in clauses for piece in (TextSpan("; "), *clause)][1:]
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


def _names(kind: Kind, items: Sequence[Item]) -> tuple[TextSpan, ...]:
    first = name_of(kind, items[0].entry.name)
    if len(items) == 1:
        return (first,)
    if len(items) == 2:
        return (first, TextSpan(" and "), name_of(kind, items[1].entry.name))
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
