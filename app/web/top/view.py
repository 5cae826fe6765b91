"""What the top lists' template prints: rows with their movement, variety, decades, the playlist.

Bars are drawn 0-100 wide. Days are dates in the listener's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.music import TimeRange
from app.stats.decades import Decade
from app.stats.ranking import Movement
from app.web.charts.artwork import Artwork, artwork
from app.web.charts.scale import on_bar
from app.web.charts.shared import Range
from app.web.format import (
    PERIODS,
    UNKNOWN,
    TextSpan,
    age,
    counted,
    iso,
    percent,
    showable,
    stripped,
)
from app.web.representation import is_spotify_id
from app.web.top.playlists import playlist_name
from app.web.top.report import LONGER, Item, Kind, TopList
from app.web.top.sentences import (
    NOUNS,
    WEIGHED,
    decades_sentence,
    lead,
    list_name,
    list_of_day,
    title_of,
    variety_sentence,
)

FIRST_WIDTH, WIDTH = 192, 96  # of pictures, in pixels
PLAY_FIELDS = {Kind.TRACKS: "track_id", Kind.ALBUMS: "album_id"}


@dataclass(frozen=True)
class Tab:
    """A choice of the control that says what is ranked."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True)
class Mark:
    """How an item moved. `style` is up, down, same or new; `sign` is seen, `words` are heard."""

    style: str
    sign: str
    words: str


@dataclass(frozen=True)
class Elsewhere:
    """An item in another list: its rank there (`mark` is `None`), or how it moved since then."""

    label: str
    value: str
    words: str
    mark: Mark | None = None


@dataclass(frozen=True)
class ListRow:
    """A ranked item. `sleeve` is `None` for genres. `bar` is its weight, of the heaviest's, on 0-100.

    `local`: a file of the listener's own, which Spotify has no page or picture for. `play_id`: its id, where
    Spotify can play it, for the form's field `play_field`.
    """

    rank: int
    name: str
    artists: tuple[str, ...]
    sleeve: Artwork | None
    url: str | None
    local: bool
    mark: Mark | None
    elsewhere: tuple[Elsewhere, ...]
    weight: int | None
    bar: float | None
    play_field: str
    play_id: str | None


@dataclass(frozen=True)
class RangeList:
    """One range's list. `compared` says what the arrows compare with."""

    value: str
    label: str
    covers: str
    compared: str
    rows: tuple[ListRow, ...]


@dataclass(frozen=True)
class Figure:
    """A figure of the variety, with what it is and a plain gloss."""

    label: str
    value: str
    gloss: str


@dataclass(frozen=True)
class DecadeRow:
    """A decade, its number of tracks, and that number on 0-100, of the fullest decade's."""

    label: str
    count: int
    bar: float


@dataclass(frozen=True)
class VarietyView:
    """The variety of the top tracks; `figures` and `decades` are empty where nothing is known."""

    sentence: str
    figures: tuple[Figure, ...]
    decades_sentence: str
    decades: tuple[DecadeRow, ...]
    coverage: str


@dataclass(frozen=True)
class PlaylistView:
    """The playlist that can be made (`name`), or has been made today (`made`; `url` may be unknown)."""

    name: str
    made: bool
    url: str | None


@dataclass(frozen=True)
class TopView:
    """A top list, ready to draw. `beside` holds the two ranges that were not chosen, the shorter first.

    `since_note` says when there will be earlier lists to compare with; "" once there are. `fuller` are the
    ranges to look at where this one is empty. `said` is the outcome of saving: "made", "nothing",
    "other", "refused" or "".
    """

    title: str
    noun: str
    kinds: tuple[Tab, ...]
    ranges: tuple[Range, ...]
    period: str
    lead: tuple[TextSpan, ...]
    chosen: RangeList
    beside: tuple[RangeList, ...]
    columns: tuple[str, ...]
    weighed: str | None
    since_note: str
    variety: VarietyView
    playlist: PlaylistView | None
    said: str
    fuller: tuple[Range, ...]
    age: str
    as_of_iso: str


def top_view(report: TopList, now: float, timezone: ZoneInfo, saved: str | None) -> TopView:
    """Everything the template shows, in words and coordinates. `now` is in Unix seconds.

    `saved` is how an attempt to save the list as a playlist ended: "yes", "empty", "other" (somebody
    else agreed), "refused", or `None` without one.
    """
    today = datetime.fromtimestamp(now, timezone).date()
    ranges = tuple(Range(one.value, one.label, one is report.time_range) for one in TimeRange)
    chosen = _range_list(report, report.time_range, today)
    playlist = _playlist(report, today)
    return TopView(
        title=title_of(report.kind),
        noun=NOUNS[report.kind],
        kinds=tuple(Tab(kind.value, kind.value.capitalize(), kind is report.kind) for kind in Kind),
        ranges=ranges,
        period=PERIODS[report.time_range],
        lead=lead(report, today),
        chosen=chosen,
        beside=tuple(_range_list(report, one, today) for one in TimeRange if one is not report.time_range),
        columns=tuple(one.label for one in chosen.rows[0].elsewhere) if chosen.rows else (),
        weighed=WEIGHED.get(report.kind),
        since_note=_since_note(report),
        variety=_variety(report),
        playlist=playlist,
        said=_said(saved, playlist),
        fuller=tuple(one for one in ranges if report.lists[TimeRange(one.value)]) if not report.items else (),
        age=age(report.as_of, now),
        as_of_iso=iso(report.as_of),
    )


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


def _range_list(report: TopList, time_range: TimeRange, today: date) -> RangeList:
    items = report.lists[time_range]
    heaviest = max((item.entry.weight or 0 for item in items), default=0)
    other = _compared_with(report, time_range, today)
    return RangeList(
        value=time_range.value,
        label=time_range.label,
        covers=counted(len(items), NOUNS[report.kind]),
        compared=f"Arrows compare with {other}." if other and items else "",
        rows=tuple(_row(report, item, time_range, today, other, heaviest) for item in items),
    )


def _compared_with(report: TopList, time_range: TimeRange, today: date) -> str:
    """The name of the list that a range's movement is against; "" without any."""
    if longer := LONGER.get(time_range):
        return list_name(longer)
    return list_of_day(report.longest_since, today) if report.longest_since else ""


def _row(
    report: TopList, item: Item, time_range: TimeRange, today: date, other: str, heaviest: int
) -> ListRow:
    kind, entry = report.kind, item.entry
    name = stripped(entry.name)
    chosen = time_range is report.time_range
    wanted = FIRST_WIDTH if chosen and item.rank == 1 else WIDTH
    return ListRow(
        rank=item.rank,
        name=name or f"{NOUNS[kind].capitalize()} without a name",
        artists=tuple(stripped(artist.name) or "Unknown artist" for artist in entry.artists),
        sleeve=None if kind is Kind.GENRES else artwork(entry.images, name, wanted),
        url=entry.url if showable(entry.url) else None,
        local=entry.id is None and kind in (Kind.TRACKS, Kind.ALBUMS),
        mark=mark(item.movement, other),
        elsewhere=_elsewhere(report, item, today) if chosen else (),
        weight=entry.weight,
        bar=on_bar(entry.weight / heaviest) if entry.weight is not None and heaviest else None,
        play_field=PLAY_FIELDS.get(kind, ""),
        play_id=entry.id if kind in PLAY_FIELDS and is_spotify_id(entry.id) else None,
    )


def _elsewhere(report: TopList, item: Item, today: date) -> tuple[Elsewhere, ...]:
    others = [(one, item.ranks.get(one)) for one in TimeRange if one is not report.time_range]
    ranked = tuple(
        Elsewhere(
            one.label,
            str(rank) if rank else UNKNOWN,
            f"{rank} on {list_name(one)}" if rank else f"not on {list_name(one)}",
        )
        for one, rank in others
    )
    return ranked + tuple(_since(day, moved, today) for day, moved in _earlier(report, item))


def _earlier(report: TopList, item: Item) -> list[tuple[date, Movement | None]]:
    """The days to compare the item with, and how it moved since.

    The longest range's own arrows are against last week's list already, so that is not shown twice; nor is
    a single old snapshot, which is both last week's and last month's.
    """
    found: list[tuple[date, Movement | None]] = []
    if report.week and report.time_range in LONGER:
        found.append((report.week, item.week))
    if report.month and report.month != report.week:
        found.append((report.month, item.month))
    return found


def _since(day: date, moved: Movement | None, today: date) -> Elsewhere:
    found = mark(moved, list_of_day(day, today))
    label = f"since {day.day}\N{NO-BREAK SPACE}{day:%b}"
    return Elsewhere(label, found.sign if found else UNKNOWN, found.words if found else "", found)


def _since_note(report: TopList) -> str:
    if not report.items or report.week:
        return ""
    return (
        "To show what moved since last week and last month, this site keeps your lists on the days you "
        "visit, from today on. Come back in a week."
    )


def _variety(report: TopList) -> VarietyView:
    known = sum(decade.count for decade in report.decades)
    return VarietyView(
        sentence=variety_sentence(report.variety, report.tracks),
        figures=_figures(report) if report.tracks else (),
        decades_sentence=decades_sentence(report.decades, report.tracks),
        decades=_decade_rows({one.decade: one for one in report.decades}),
        coverage=f"Release dates known for {known} of {counted(report.tracks, 'track')}.",
    )


def _figures(report: TopList) -> tuple[Figure, ...]:
    variety, tracks = report.variety, counted(report.tracks, "top track")
    effective = variety.effective_artists
    return (
        Figure("Different artists", str(variety.artists), f"first-named on your {tracks}"),
        Figure(
            "Share of the top five",
            percent(variety.top_five_share),
            "of all weight goes to the five heaviest artists; less is more varied",
        ),
        Figure(
            "Effective number of artists",
            UNKNOWN if effective is None else f"{effective:.1f}",
            "as varied as this many artists with equal weight; more is more varied",
        ),
    )


def _decade_rows(found: Mapping[int, Decade]) -> tuple[DecadeRow, ...]:
    """Every decade from the first to the last, also those in between that have no track."""
    if not found:
        return ()
    most = max(one.count for one in found.values())
    counts = {
        decade: found[decade].count if decade in found else 0
        for decade in range(min(found), max(found) + 1, 10)
    }
    return tuple(DecadeRow(f"{decade}s", count, on_bar(count / most)) for decade, count in counts.items())


def _playlist(report: TopList, today: date) -> PlaylistView | None:
    """The playlist of a list of tracks; `None` where there is none to make."""
    if report.kind is not Kind.TRACKS:
        return None
    made = report.playlist
    if made and made.filled:
        return PlaylistView(made.name, made=True, url=made.url if showable(made.url) else None)
    if not any(item.entry.id for item in report.items):
        return None
    return PlaylistView(playlist_name(report.time_range, today), made=False, url=None)


def _said(saved: str | None, playlist: PlaylistView | None) -> str:
    if saved in ("other", "refused"):
        return saved
    if saved == "yes" and playlist and playlist.made:
        return "made"
    return "nothing" if saved == "empty" and playlist is None else ""
