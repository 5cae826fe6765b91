"""What the page about discovery prints."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.web.charts.columns import Columns, bar, columns
from app.web.charts.shared import Fact
from app.web.format import (
    artist_name,
    counted,
    day,
    day_of_year,
    hours,
    month,
    number,
    share,
    short_day,
    title,
    weekday,
)
from app.web.time.discovery.report import (
    LEAST_OBSESSED,
    MUCH,
    Discovery,
    Favourite,
    NewMonth,
    Spell,
    ThatDay,
)
from app.web.time.range_query import RangeQuery

BY_YEAR_FROM = 25  # months from which on tables count by year


@dataclass(frozen=True)
class NewRow:
    """A month or year of the table: new tracks, new artists, and the share of listening to new music."""

    name: str
    tracks: str
    artists: str
    share: str


@dataclass(frozen=True)
class Listed:
    """A track with what is said of it. `value` is set large; `bar` 0-100."""

    name: str
    artist: str
    said: str
    value: str
    unit: str
    bar: float


@dataclass(frozen=True)
class DayView:
    """The same date in another year."""

    year: int
    ago: str
    said: str
    tracks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class DiscoveryView:
    """The page, ready to print."""

    lead: str
    facts: tuple[Fact, ...]
    tracks: Columns | None
    artists: Columns | None
    rows: tuple[NewRow, ...]
    rows_by: str
    new_sentence: str
    new_share: Columns | None
    new_covers: str
    forgotten: tuple[Listed, ...]
    forgotten_sentence: str
    forgotten_covers: str
    today: str
    days: tuple[DayView, ...]
    obsessions: tuple[Listed, ...]
    obsessions_sentence: str
    obsessions_covers: str


def discovery_view(of: Discovery, asked: RangeQuery) -> DiscoveryView:
    """Everything that the template shows."""
    by_year = len(of.months) >= BY_YEAR_FROM
    return DiscoveryView(
        lead=_lead(of),
        facts=_facts(of),
        tracks=columns([(one.month, one.tracks) for one in of.months], "tracks"),
        artists=columns([(one.month, one.artists) for one in of.months], "artists"),
        rows=_rows(of, by_year),
        rows_by="Year" if by_year else "Month",
        new_sentence=_new_sentence(of),
        new_share=columns(
            [(one.month, round(100 * one.new_ms / one.ms, 1)) for one in of.new_by_month], "% of the time"
        ),
        new_covers=_new_covers(of, asked),
        forgotten=tuple(_forgotten(one, of.forgotten[0].plays) for one in of.forgotten),
        forgotten_sentence=_forgotten_sentence(of),
        forgotten_covers=f"At least {MUCH} plays, none since {day(of.asleep_since)}; your whole history",
        today=day_of_year(of.day),
        days=tuple(_day(one, asked.today) for one in of.on_this_day),
        obsessions=tuple(_spell(one) for one in of.obsessions),
        obsessions_sentence=_obsessions_sentence(of),
        obsessions_covers=f"Over a tenth of a week’s plays, and at least {LEAST_OBSESSED} of them",
    )


def _lead(of: Discovery) -> str:
    if not of.tracks:
        return "Nothing was played for the first time in this range."
    best = max(of.months, key=lambda one: one.tracks)
    artists = f", {counted(of.artists, 'artist')} among them new to you" if of.artists else ""
    opening = f"You played {counted(of.tracks, 'track')} for the first time{artists}."
    if len(of.months) < 3:
        return opening
    return f"{opening} No month brought more than {month(best.month)}: {counted(best.tracks, 'new track')}."


def _facts(of: Discovery) -> tuple[Fact, ...]:
    months = counted(len(of.months), "month")
    found = [
        Fact("New tracks", number(of.tracks), f"first played in the range, in {months}"),
        Fact("New artists", number(of.artists), "first played in the range"),
    ]
    if of.ms:
        found.append(
            Fact(
                "New music",
                share(of.new_ms, of.ms),
                f"of {hours(of.ms)} went to tracks first heard in the 90 days before",
            )
        )
    return tuple(found)


def _rows(of: Discovery, by_year: bool) -> tuple[NewRow, ...]:
    length = 4 if by_year else 7
    sums: dict[str, list[int]] = {}
    for one in of.months:
        row = sums.setdefault(one.month[:length], [0, 0, 0, 0])
        row[0] += one.tracks
        row[1] += one.artists
    for new in of.new_by_month:
        row = sums.setdefault(new.month[:length], [0, 0, 0, 0])
        row[2] += new.ms
        row[3] += new.new_ms
    return tuple(
        NewRow(
            name if by_year else month(name),
            number(tracks),
            number(artists),
            share(new_ms, ms) if ms else "–",
        )
        for name, (tracks, artists, ms, new_ms) in sorted(sums.items(), reverse=True)
    )


def _new_sentence(of: Discovery) -> str:
    if not of.ms:
        return (
            "Your history is too young here to tell new music from old: in its first 90 days everything is "
            "new, so they are left out."
        )
    told = [one for one in of.new_by_month if one.ms]
    opening = (
        f"{share(of.new_ms, of.ms)} of your listening went to music you had first heard in the 90 days before"
    )
    if len(told) < 3:
        return f"{opening}."
    best = max(told, key=_new_share)
    most = share(best.new_ms, best.ms)
    return f"{opening}; in {month(best.month)} it was {most}, more than in any other month."


def _new_covers(of: Discovery, asked: RangeQuery) -> str:
    if not of.ms:
        return ""
    young = asked.first is None or asked.first < of.new_since
    return f"{hours(of.ms)} of listening" + (f", since {day(of.new_since)}" if young else "")


def _new_share(one: NewMonth) -> float:
    return one.new_ms / one.ms


def _forgotten(one: Favourite, most: int) -> Listed:
    said = f"Last played {short_day(one.last)}, first {short_day(one.first)}"
    return Listed(
        title(one.name), artist_name(one.artist), said, number(one.plays), "plays", bar(one.plays, most)
    )


def _forgotten_sentence(of: Discovery) -> str:
    if not of.all_forgotten:
        return "You have forgotten none of your favourites: each was played within the last year."
    if of.all_forgotten == 1:
        return "One track that you once played a lot has not been on for a year."
    shown = (
        f" Here are the {len(of.forgotten)} you played most." if of.all_forgotten > len(of.forgotten) else ""
    )
    return f"{number(of.all_forgotten)} tracks that you once played a lot have not been on for a year.{shown}"


def _day(one: ThatDay, today: date) -> DayView:
    return DayView(
        year=one.day.year,
        ago=f"{counted(today.year - one.day.year, 'year')} ago, a {weekday(one.day)}",
        said=f"{counted(one.plays, 'play')}, {hours(one.ms)}",
        tracks=tuple(
            (title(track.name), artist_name(track.artist), counted(track.plays, "play"))
            for track in one.tracks
        ),
    )


def _spell(one: Spell) -> Listed:
    last = one.first + timedelta(days=7 * one.weeks - 1)
    when = f"{counted(one.weeks, 'week')}, {short_day(one.first)} to {short_day(last)}"
    percentage = share(one.share, 1.0)
    return Listed(
        title(one.name),
        artist_name(one.artist),
        f"{when}: {counted(one.plays, 'play')}",
        percentage,
        "of the week’s plays" if one.weeks == 1 else "of a week’s plays, at most",
        bar(one.share, 1.0),
    )


def _obsessions_sentence(of: Discovery) -> str:
    if not of.all_obsessions:
        return "No track took over a week: none had more than a tenth of a week’s plays."
    best = of.obsessions[0]
    times = "once" if of.all_obsessions == 1 else f"{number(of.all_obsessions)} times"
    shown = (
        f" Here are the {len(of.obsessions)} with most plays."
        if of.all_obsessions > len(of.obsessions)
        else ""
    )
    return (
        f"A single track took over {times}; the greatest spell had {counted(best.plays, 'play')} in "
        f"{counted(best.weeks, 'week')}.{shown}"
    )
