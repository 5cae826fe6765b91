"""What the page of an artist, album or track prints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.history.figures import Ranked
from app.web.charts.scale import on_bar
from app.web.charts.time_series import Series, by_hour, series
from app.web.format import TextSpan, counted, day, hours, long_time, number, stripped
from app.web.representation import is_spotify_id
from app.web.time.compared import Kind, Line
from app.web.time.item.report import ALBUM, ARTIST, TRACK, ItemStats, Moment, YearRank
from app.web.time.links import Links
from app.web.time.rows import UNNAMED, Row, rows

KINDS = {ARTIST: Kind.ARTISTS, ALBUM: Kind.ALBUMS, TRACK: Kind.TRACKS}
SHOWN = 20
ENDPOINTS = {kind: f"history.{kind}" for kind in KINDS}


@dataclass(frozen=True)
class Figure:
    """A value to set large. `covers` is in pieces, since it may hold a name."""

    label: str
    value: str
    covers: tuple[TextSpan, ...]


@dataclass(frozen=True)
class Year:
    """A year's rank with its bar, on 0-100, of the year with most plays."""

    label: str
    rank: str
    covers: str
    plays: str
    time: str
    bar: float


@dataclass(frozen=True)
class Contents:
    """The tracks or albums among its plays."""

    id: str
    title: str
    covers: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class EntityView:
    """The page. `series` and `clock` are `None` where the range has no plays."""

    kind: str
    name: str
    artist: str | None
    artist_href: str | None
    lead: str
    figures: tuple[Figure, ...]
    series: Series | None
    clock: Series | None
    years: tuple[Year, ...]
    years_sentence: str
    contents: tuple[Contents, ...]
    listen: str | None
    all_time: str
    json: str


def entity_view(one: ItemStats, links: Links) -> EntityView:
    """Everything that the template shows."""
    address = {"name": one.name, "artist": None if one.kind == ARTIST else one.artist}
    days = one.summary.days
    by = None if one.kind == ARTIST else stripped(one.artist) or UNNAMED[Kind.ARTISTS]
    return EntityView(
        kind=one.kind,
        name=stripped(one.name) or UNNAMED[KINDS[one.kind]],
        artist=by,
        artist_href=links.artist(one.artist) if by and one.artist else None,
        lead=_lead(one),
        figures=_figures(one) if one.plays else (),
        series=series(one.daily, days) if one.plays and days else None,
        clock=by_hour(one.by_hour) if one.plays else None,
        years=_years(one.by_year),
        years_sentence=_years_sentence(one.by_year, one.kind),
        contents=_contents(one, links) if one.plays else (),
        listen=_listen(one.address),
        all_time=links.all_time(ENDPOINTS[one.kind], **address),
        json=links.to("history.one_json", kind=one.kind, **address),
    )


def _lead(one: ItemStats) -> str:
    first, latest = one.first, one.latest
    if first is None or latest is None:
        return ""
    zone = one.summary.asked.zone
    from_day, to_day = (datetime.fromtimestamp(at.start, zone).date() for at in (first, latest))
    played = f"You played it {'once' if one.plays == 1 else f'{number(one.plays)} times'}"
    if one.kind == ARTIST:
        played = f"You played them {'once' if one.plays == 1 else f'{number(one.plays)} times'}"
    when = f"on {day(from_day)}" if from_day == to_day else f"from {day(from_day)} to {day(to_day)}"
    return f"{played} {when}, for {long_time(one.ms)}."


def _figures(one: ItemStats) -> tuple[Figure, ...]:
    rank, of = one.rank, one.summary
    share = one.plays / max(of.rollup.plays, 1)
    figures = [
        Figure("Rank", f"No. {number(rank)}", (TextSpan(f"of {counted(one.length, one.kind)}, by plays"),))
        if rank
        else None,
        Figure("Plays", number(one.plays), (TextSpan(f"{_percent(share)} of all plays"),)),
        Figure("Listening time", hours(one.ms), (TextSpan(f"on {counted(len(one.daily), 'day')}"),)),
        _moment("First play", one.first, one),
        _moment("Latest play", one.latest, one),
    ]
    return tuple(figure for figure in figures if figure)


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"


def _moment(label: str, moment: Moment | None, one: ItemStats) -> Figure | None:
    if moment is None:
        return None
    at = datetime.fromtimestamp(moment.start, one.summary.asked.zone)
    name = {ARTIST: moment.track, ALBUM: moment.track}.get(one.kind, moment.album)
    shown = stripped(name)
    pieces = (
        (TextSpan(f"{at:%H:%M}, "), TextSpan(shown, is_name=True)) if shown else (TextSpan(f"at {at:%H:%M}"),)
    )
    return Figure(label, f"{at.day} {at:%b %Y}", pieces)


def _years(years: Sequence[YearRank]) -> tuple[Year, ...]:
    most = max((year.plays for year in years), default=0)
    return tuple(
        Year(
            str(year.year),
            number(year.rank) if year.rank else "–",
            f"of {number(year.length)}" if year.rank else "not played",
            number(year.plays),
            hours(year.ms),
            on_bar(year.plays / most) if most else 0.0,
        )
        for year in years
    )


def _years_sentence(years: Sequence[YearRank], kind: str) -> str:
    ranked = [year for year in years if year.rank]
    if not ranked:
        return ""
    best = min(ranked, key=lambda year: (year.rank or 0, -year.plays))
    played = f"Played in {len(ranked)} of {counted(len(years), 'year')}"
    return f"{played}; best in {best.year}, as number {number(best.rank or 0)} of your {kind}s."


def _contents(one: ItemStats, links: Links) -> tuple[Contents, ...]:
    found = []
    lists = {ARTIST: (Kind.TRACKS, Kind.ALBUMS), ALBUM: (Kind.TRACKS,)}.get(one.kind, (Kind.ALBUMS,))
    for kind in lists:
        ranked: Sequence[Ranked] = one.tracks if kind is Kind.TRACKS else one.albums
        if not ranked:
            continue
        title = {ARTIST: f"Their {kind.value}", ALBUM: "Its tracks"}.get(one.kind, "Played from")
        shown = rows([Line(each, None) for each in ranked[:SHOWN]], kind, links, one.plays)
        covers = f"First {SHOWN} of {number(len(ranked))}" if len(ranked) > SHOWN else f"All {len(ranked)}"
        # Whose they are is what the page is about.
        bare = tuple(replace(row, artist=None) for row in shown)
        found.append(Contents(kind.value, title, f"{covers}, with their share of these plays", bare))
    return tuple(found)


def _listen(uri: str | None) -> str | None:
    """The track's page on this site."""
    _, _, track_id = (uri or "").rpartition(":")
    return f"/track/{track_id}" if is_spotify_id(track_id) else None
