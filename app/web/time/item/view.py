"""The sentences and figures of an artist's, album's or track's page."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.web.charts.time_series import by_hour, series
from app.web.format import TextSpan, counted, day, hours, long_time, number, stripped
from app.web.representation import is_spotify_id
from app.web.time.item.report import ALBUM, ARTIST, KINDS, LISTS, ItemReport, Moment, YearRank
from app.web.time.range_with_plays import Kind

__all__ = ["KINDS", "LISTS", "by_hour", "series"]

SHOWN = 20

Figure = tuple[str, str, tuple[TextSpan, ...]]  # a label, a value, and what it covers, which may hold a name


def lead(report: ItemReport, zone: ZoneInfo) -> str:
    """How often it was played, from when to when, and for how long."""
    first, latest = report.first, report.latest
    if first is None or latest is None:
        return ""
    from_day, to_day = (datetime.fromtimestamp(moment.at, zone).date() for moment in (first, latest))
    times = "once" if report.plays == 1 else f"{number(report.plays)} times"
    when = f"on {day(from_day)}" if from_day == to_day else f"from {day(from_day)} to {day(to_day)}"
    them = "them" if report.kind == ARTIST else "it"
    return f"You played {them} {times} {when}, for {long_time(report.ms)}."


def figures(report: ItemReport, zone: ZoneInfo) -> list[Figure]:
    """Its rank, plays and time, its first and its latest play."""
    share = report.plays / max(report.range_plays, 1)
    percent = f"{share:.1%}" if share >= 0.001 else "under 0.1%"
    length, days = counted(report.length, report.kind), counted(len(report.daily), "day")
    found: list[Figure] = []
    if report.rank:
        found.append(("Rank", f"No. {number(report.rank)}", (TextSpan(f"of {length}, by plays"),)))
    found += [
        ("Plays", number(report.plays), (TextSpan(f"{percent} of all plays"),)),
        ("Listening time", hours(report.ms), (TextSpan(f"on {days}"),)),
    ]
    for label, moment in (("First play", report.first), ("Latest play", report.latest)):
        if moment is not None:
            found.append(_moment(label, moment, report.kind, zone))
    return found


def _moment(label: str, moment: Moment, kind: str, zone: ZoneInfo) -> Figure:
    at = datetime.fromtimestamp(moment.at, zone)
    name = stripped(moment.track if kind in (ARTIST, ALBUM) else moment.album)
    covers = (
        (TextSpan(f"{at:%H:%M}, "), TextSpan(name, is_name=True)) if name else (TextSpan(f"at {at:%H:%M}"),)
    )
    return label, f"{at.day} {at:%b %Y}", covers


def years_sentence(report: ItemReport) -> str:
    """In how many years it was played, and the best of them."""
    years: Sequence[YearRank] = report.by_year
    ranked = [year for year in years if year.rank]
    if not ranked:
        return ""
    best = min(ranked, key=lambda year: (year.rank or 0, -year.plays))
    played = f"Played in {len(ranked)} of {counted(len(years), 'year')}"
    return f"{played}; best in {best.year}, as number {number(best.rank or 0)} of your {report.kind}s."


def list_title(report: ItemReport, kind: Kind) -> str:
    """What the list of its tracks or albums is called."""
    return {ARTIST: f"Their {kind.value}", ALBUM: "Its tracks"}.get(report.kind, "Played from")


def list_covers(length: int) -> str:
    """How much of such a list the page shows."""
    shown = f"First {SHOWN} of {number(length)}" if length > SHOWN else f"All {length}"
    return f"{shown}, with their share of these plays"


def listen(report: ItemReport) -> str | None:
    """The track's page on this site; `None` where it is not known to Spotify."""
    _, _, track_id = (report.uri or "").rpartition(":")
    return f"/track/{track_id}" if is_spotify_id(track_id) else None
