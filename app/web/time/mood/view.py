"""The sentences and the chart of the page about mood over time."""

import math

from app.web.charts.columns import MOST_TICKS
from app.web.charts.mood_lines import MoodLines, mood_lines
from app.web.charts.time_series import period_days
from app.web.format import PROVIDERS, counted, month, number, percent, share
from app.web.mood.view import FIVES, fives_sentence
from app.web.time.mood.report import (
    BROKEN_OFF,
    DONE,
    NO_APP,
    NO_RECCOBEATS,
    RUNNING,
    STOPPED,
    HistoryMood,
    LookUp,
    MoodPeriod,
)

__all__ = ["FIVES", "fives_sentence", "period_days"]

FEW = 0.2  # of a period's plays: with fewer known it is no record
OBSTACLES = {
    NO_APP: "This site has no Spotify app and no demo set up, and so nobody to ask about audio features. "
    "Its owner can set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.",
    NO_RECCOBEATS: "Without a login only ReccoBeats can be asked, and AUDIO_FEATURES leaves it out. "
    "Log in with Spotify, or ask the owner of this site to add reccobeats.",
}
_LOOK_UPS = {
    RUNNING: "Looking up: {}.",
    DONE: "Looked up {}.",
    BROKEN_OFF: "The look-up broke off after {}. It can go on.",
    STOPPED: "The look-up stopped after {}: nobody answered. Try again in a minute.",
}


def lead(report: HistoryMood) -> str:
    """What the page says first."""
    valence, energy = report.valence, report.energy
    if not report.coverage.plays:
        return "Nothing was played in this range."
    if valence is None or energy is None:
        return (
            "How your music sounds is not known here yet: an export says what was played, not how it sounds."
        )
    happy = "happy" if valence >= 0.55 else "sad or dark" if valence < 0.45 else "neither happy nor sad"
    lively = "lively" if energy >= 0.6 else "calm" if energy < 0.4 else "of middling energy"
    return f"As far as it is known, what you play is {happy} and {lively}."


def coverage(report: HistoryMood) -> str:
    """Of how many tracks and plays the mood is known, and from whom."""
    covers = report.coverage
    if not covers.tracks:
        return ""
    most = f"your {number(covers.tracks)} most played tracks" if covers.tracks > 1 else "your one track"
    sources = ", ".join(PROVIDERS.get(name.lower(), name) for name in covers.sources)
    known = f"Known for {number(covers.known)} of {most}" + (f", from {sources}" if sources else "")
    return f"{known}: {share(covers.known_plays, covers.plays)} of plays."


def look_up_sentence(look_up: LookUp) -> str:
    """How far a look-up is, or how it ended."""
    return _LOOK_UPS[look_up.state].format(f"{number(look_up.done)} of {counted(look_up.total, 'track')}")


def period_name(period: MoodPeriod) -> str:
    """A month or year."""
    return month(period.name) if "-" in period.name else period.name


def sentence(report: HistoryMood) -> str:
    """When the music was happiest; "" where too little is known to tell."""
    known = [
        (period.valence, period)
        for period in report.periods
        if period.valence is not None and period.known_plays >= FEW * period.plays
    ]
    if len(known) < 2:
        return ""
    highest, happiest = max(known, key=lambda item: item[0])
    lowest, saddest = min(known, key=lambda item: item[0])
    if highest - lowest < 0.02:
        return f"Your music has sounded about as happy in every {report.by}."
    return (
        f"It sounded happiest in {period_name(happiest)} ({percent(highest)}), and least happy in "
        f"{period_name(saddest)} ({percent(lowest)})."
    )


def lines(report: HistoryMood) -> MoodLines:
    """The chart of a report that knows anything."""
    return mood_lines([(period.valence, period.energy) for period in report.periods])


def scale_words(chart: MoodLines) -> str:
    """From where to where the chart goes."""
    whole = chart.low <= 0 and chart.high >= 1
    return f"The scale goes from {percent(chart.low)} to {percent(chart.high)}" + (
        "" if whole else ", not from 0% to 100%, so that small changes can be seen"
    )


def latest(report: HistoryMood, feature: str) -> float | None:
    """The mean of "valence" or "energy" in the last period where it is known."""
    means: list[float | None] = [getattr(period, feature) for period in report.periods]
    return next((mean for mean in reversed(means) if mean is not None), None)


def words(period: MoodPeriod) -> str:
    """What a period's mark says."""
    return (
        f"{period_name(period)}: valence {percent(period.valence)}, energy {percent(period.energy)}, "
        f"known for {share(period.known_plays, period.plays)} of plays"
    )


def ticks(report: HistoryMood, chart: MoodLines) -> list[tuple[float, str]]:
    """The labels below the chart, each at a percentage of its width."""
    step = math.ceil(len(report.periods) / MOST_TICKS) or 1
    return [
        (chart.points[place].x, _short_name(report.periods[place].name))
        for place in range(0, len(report.periods), step)
    ]


def _short_name(period: str) -> str:
    return f"{month(period)[:3]} {period[:4]}" if "-" in period else period
