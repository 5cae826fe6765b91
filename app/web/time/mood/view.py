"""What the page about mood over time prints. Its chart is 600 wide and 100 high: 0 % at y 100, 100 % at 0."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.columns import MOST_TICKS, Tick
from app.web.charts.shared import Fact
from app.web.format import PROVIDERS, counted, month, number, percent, share
from app.web.time.mood.report import DONE, MOST, RUNNING, HistoryMood, LookUp, MoodPeriod

WIDTH, HEIGHT = 600, 100
FEW = 0.2  # of a period's plays: with fewer known it is marked


@dataclass(frozen=True)
class Dot:
    """A period's value on a line."""

    x: float
    y: float
    said: str


@dataclass(frozen=True)
class Line:
    """A measure over time: its polyline, and a dot for each period."""

    name: str
    label: str
    points: str
    dots: tuple[Dot, ...]
    last: str


@dataclass(frozen=True)
class MoodRow:
    """A period of the table."""

    name: str
    valence: str
    energy: str
    known: str


@dataclass(frozen=True)
class Progress:
    """A look-up. `share` is what of it is done, 0-100; `going`: whether it goes on."""

    sentence: str
    done: int
    total: int
    going: bool


@dataclass(frozen=True)
class MoodView:
    """The page, ready to print. `button`: what the button says, "" where there is none; `why`: why not."""

    plays: bool
    lead: str
    coverage: str
    facts: tuple[Fact, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[MoodRow, ...]
    by: str
    sentence: str
    button: str
    ask: str
    why: str
    progress: Progress | None


def mood_view(of: HistoryMood) -> MoodView:
    """Everything that the template shows."""
    progress = _progress(of.look_up)
    going = progress is not None and progress.going
    can_ask = bool(of.askable) and not of.nobody and not going
    return MoodView(
        plays=bool(of.plays),
        lead=_lead(of),
        coverage=_coverage(of),
        facts=_facts(of),
        lines=_lines(of.periods) if of.known_plays else (),
        ticks=_ticks(of.periods),
        rows=tuple(_row(one) for one in reversed(of.periods)) if of.known_plays else (),
        by=of.by.capitalize(),
        sentence=_sentence(of),
        button="Look them up" if can_ask else "",
        ask=f"{number(of.askable)} of them can be asked about. Only the tracks’ ids are sent, at most "
        f"{MOST}, and only when you press this."
        if can_ask
        else "",
        why=of.nobody if of.askable else "",
        progress=progress if going or (progress and of.askable) else None,
    )


def _lead(of: HistoryMood) -> str:
    if not of.plays:
        return "Nothing was played in this range."
    if of.valence is None or of.energy is None:
        return (
            "How your music sounds is not known here yet: an export says what was played, not how it sounds."
        )
    happy = "happy" if of.valence >= 0.55 else "sad or dark" if of.valence < 0.45 else "neither happy nor sad"
    lively = "lively" if of.energy >= 0.6 else "calm" if of.energy < 0.4 else "of middling energy"
    return f"As far as it is known, what you play is {happy} and {lively}."


def _coverage(of: HistoryMood) -> str:
    if not of.tracks:
        return ""
    most = f"your {number(of.tracks)} most played tracks" if of.tracks > 1 else "your one track"
    sources = ", ".join(PROVIDERS.get(name.lower(), name) for name, _ in of.sources)
    told = f", from {sources}" if sources else ""
    return f"Known for {number(of.known)} of {most}{told}: {share(of.known_plays, of.plays)} of plays."


def _facts(of: HistoryMood) -> tuple[Fact, ...]:
    covers = f"mean of {counted(of.known_plays, 'play')}"
    found = []
    if of.valence is not None:
        found.append(Fact("Valence", percent(of.valence), f"how happy it sounds; {covers}"))
    if of.energy is not None:
        found.append(Fact("Energy", percent(of.energy), f"how intense it feels; {covers}"))
    return tuple(found)


def _lines(periods: Sequence[MoodPeriod]) -> tuple[Line, ...]:
    valence = [(place, one, one.valence) for place, one in enumerate(periods) if one.valence is not None]
    energy = [(place, one, one.energy) for place, one in enumerate(periods) if one.energy is not None]
    return (
        _line("valence", "Valence", valence, len(periods)),
        _line("energy", "Energy", energy, len(periods)),
    )


def _line(name: str, label: str, values: Sequence[tuple[int, MoodPeriod, float]], length: int) -> Line:
    dots = tuple(
        Dot(
            _x(place, length),
            round(HEIGHT * (1 - value), 1),
            f"{_name(one.name)}: {label.lower()} {percent(value)}, "
            f"known for {share(one.known, one.plays)} of plays",
        )
        for place, one, value in values
    )
    return Line(name, label, " ".join(f"{dot.x},{dot.y}" for dot in dots), dots, percent(values[-1][2]))


def _x(place: int, length: int) -> float:
    return round(WIDTH * (place + 0.5) / length, 1)


def _ticks(periods: Sequence[MoodPeriod]) -> tuple[Tick, ...]:
    step = math.ceil(len(periods) / MOST_TICKS) or 1
    places = list(range(0, len(periods), step))
    return tuple(
        Tick(x := _x(at, len(periods)), round(x / WIDTH * 100, 2), _short(periods[at].name)) for at in places
    )


def _name(period: str) -> str:
    return month(period) if "-" in period else period


def _short(period: str) -> str:
    return f"{month(period)[:3]} {period[:4]}" if "-" in period else period


def _row(one: MoodPeriod) -> MoodRow:
    known = f"{share(one.known, one.plays)} of {counted(one.plays, 'play')}"
    return MoodRow(_name(one.name), percent(one.valence), percent(one.energy), known)


def _sentence(of: HistoryMood) -> str:
    told = [one for one in of.periods if one.valence is not None and one.known >= FEW * one.plays]
    if len(told) < 2:
        return ""
    happiest, saddest = max(told, key=_valence), min(told, key=_valence)
    if _valence(happiest) - _valence(saddest) < 0.02:
        return f"Your music has sounded about as happy in every {of.by}."
    return (
        f"It sounded happiest in {_name(happiest.name)} ({percent(happiest.valence)}), and least happy in "
        f"{_name(saddest.name)} ({percent(saddest.valence)})."
    )


def _valence(one: MoodPeriod) -> float:
    return one.valence or 0.0


def _progress(of: LookUp | None) -> Progress | None:
    if of is None:
        return None
    so_far = f"{number(of.done)} of {counted(of.total, 'track')}"
    if of.under_way:
        return Progress(f"Looking up: {so_far}.", of.done, of.total, True)
    if of.state == DONE:
        return Progress(f"Looked up {so_far}.", of.done, of.total, False)
    if of.state == RUNNING:
        return Progress(f"The look-up broke off after {so_far}. It can go on.", of.done, of.total, False)
    return Progress(
        f"The look-up stopped after {so_far}: nobody answered. Try again in a minute.",
        of.done,
        of.total,
        False,
    )
