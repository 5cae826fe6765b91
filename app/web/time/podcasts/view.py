"""What the pages about podcasts and audiobooks print."""

from dataclasses import dataclass

from app.web.charts.columns import BarRow, Columns, bar, columns
from app.web.charts.shared import Fact
from app.web.format import counted, hours, long_time, number, short_day, stripped
from app.web.time.podcasts.report import Spoken


@dataclass(frozen=True)
class Words:
    """What things are called on the page. `whole` consists of many a `part`."""

    title: str
    whole: str
    part: str


SHOWS, BOOKS = Words("Podcasts", "show", "episode"), Words("Audiobooks", "book", "chapter")


@dataclass(frozen=True)
class LatestRow:
    """Something that was heard."""

    name: str
    of: str
    day: str
    time: str


@dataclass(frozen=True)
class SpokenView:
    """The page, ready to print."""

    empty: bool
    lead: str
    facts: tuple[Fact, ...]
    shows: tuple[BarRow, ...]
    shows_covers: str
    latest: tuple[LatestRow, ...]
    months: Columns | None


def spoken_view(of: Spoken, words: Words) -> SpokenView:
    """Everything that the template shows."""
    most = of.shows[0].ms if of.shows else 0
    totals = of.totals
    return SpokenView(
        empty=not totals.plays,
        lead=_lead(of, words),
        facts=(
            Fact("Listening time", hours(totals.ms), counted(totals.plays, "play")),
            Fact(f"{words.whole.capitalize()}s", number(totals.artists), "with a play that counts"),
            Fact(f"{words.part.capitalize()}s", number(totals.tracks), "each counted once"),
            Fact(
                "Days", number(totals.days), f"with a {words.part}" if words is BOOKS else "with an episode"
            ),
        )
        if totals.plays
        else (),
        shows=tuple(
            BarRow(
                stripped(one.name) or f"Unknown {words.whole}",
                hours(one.ms),
                bar(one.ms, most),
                note=counted(one.plays, "play"),
            )
            for one in of.shows
        ),
        shows_covers=f"By time, {number(len(of.shows))} of {counted(totals.artists, words.whole)}",
        latest=tuple(
            LatestRow(
                stripped(one.name) or f"Unknown {words.part}",
                stripped(one.of) or f"Unknown {words.whole}",
                short_day(one.day),
                hours(one.ms),
            )
            for one in of.latest
        ),
        months=columns([(name, round(ms / 3_600_000, 1)) for name, _, ms in of.months], "hours"),
    )


def _lead(of: Spoken, words: Words) -> str:
    totals = of.totals
    if not totals.plays:
        return f"No {words.part} was played in this range."
    heard = f"You heard {long_time(totals.ms)} of {words.title.lower()}"
    return f"{heard}: {counted(totals.tracks, words.part)} of {counted(totals.artists, words.whole)}."
