"""What the page about behaviour prints."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.columns import (
    BarRow,
    Columns,
    aria,
    bar,
    columns,
)
from app.web.charts.shared import Fact
from app.web.format import artist_name, counted, country, hours, number, share, title
from app.web.time.behaviour.names import FAMILIES, ON, REASONS
from app.web.time.behaviour.report import (
    LEAST_OF_ARTIST,
    LEAST_OF_TRACK,
    Behaviour,
    Ending,
    Share,
    Skipped,
)

COUNTRIES_SHOWN = 20


@dataclass(frozen=True)
class ShareView:
    """A part of a whole, with what is known of it."""

    label: str
    value: str
    bar: float
    covers: str


@dataclass(frozen=True)
class Band:
    """A family's part of a year, on 0-100 along the year's bar. `tone` tells families apart."""

    x: float
    width: float
    tone: int
    said: str


@dataclass(frozen=True)
class YearBands:
    """A year of devices: its bands and the family that led."""

    year: str
    bands: tuple[Band, ...]
    led: str
    plays: str


@dataclass(frozen=True)
class Family:
    """A device family, for the key."""

    tone: int
    row: BarRow


@dataclass(frozen=True)
class BehaviourView:
    """The page, ready to print."""

    rows: bool
    lead: str
    facts: tuple[Fact, ...]
    skips: Columns | None
    artists_most: tuple[BarRow, ...]
    artists_least: tuple[BarRow, ...]
    artists_covers: str
    tracks: tuple[BarRow, ...]
    tracks_sentence: str
    shares: tuple[ShareView, ...]
    endings: tuple[BarRow, ...]
    endings_sentence: str
    endings_covers: str
    families: tuple[Family, ...]
    years: tuple[YearBands, ...]
    devices_sentence: str
    devices_covers: str
    countries: tuple[BarRow, ...]
    countries_more: str
    countries_sentence: str
    countries_covers: str


def behaviour_view(of: Behaviour) -> BehaviourView:
    """Everything that the template shows."""
    tones = {one.name: tone for tone, one in enumerate(of.platforms)}
    known_device = sum(one.plays for one in of.platforms)
    known_country = sum(one.plays for one in of.countries)
    return BehaviourView(
        rows=bool(of.rows),
        lead=_lead(of),
        facts=_facts(of),
        skips=columns([(one.year, round(100 * one.skipped / one.rows, 1)) for one in of.years], "% skipped")
        if len(of.years) > 1
        else None,
        artists_most=_rates(of.artists_most),
        artists_least=_rates(of.artists_least),
        artists_covers=f"{counted(of.artists_known, 'artist')} started at least {LEAST_OF_ARTIST} times",
        tracks=_rates(of.tracks),
        tracks_sentence=_tracks_sentence(of),
        shares=(
            _share("Shuffle", of.shuffled, of.shuffle_known, of.rows, "came up in shuffle"),
            _share("Offline", of.offline, of.offline_known, of.rows, "were played offline"),
        ),
        endings=_endings(of.endings, of.endings_known),
        endings_sentence=_endings_sentence(of),
        endings_covers=_coverage(of.endings_known, of.rows, "row"),
        families=tuple(
            Family(tones[one.name], _amount(FAMILIES.get(one.name, one.name), one, of.platforms[0].plays))
            for one in of.platforms
        ),
        years=tuple(_bands(one.year, one.families, tones) for one in of.years if one.families),
        devices_sentence=_devices_sentence(of),
        devices_covers=_coverage(known_device, of.plays, "play"),
        countries=tuple(
            _amount(country(one.name), one, of.countries[0].plays) for one in of.countries[:COUNTRIES_SHOWN]
        ),
        countries_more=_countries_more(of.countries),
        countries_sentence=_countries_sentence(of.countries),
        countries_covers=_coverage(known_country, of.plays, "play"),
    )


def _lead(of: Behaviour) -> str:
    if not of.rows:
        return "Nothing was played in this range."
    if not of.skipped:
        return f"You let everything play: none of {counted(of.rows, 'row')} was skipped."
    one_in = round(of.rows / of.skipped)
    rate = "nearly everything" if one_in < 2 else f"about one in {number(one_in)}"
    return f"You skip {rate} of the tracks that you start."


def _facts(of: Behaviour) -> tuple[Fact, ...]:
    if not of.rows:
        return ()
    found = [
        Fact("Skipped", share(of.skipped, of.rows), f"{number(of.skipped)} of {counted(of.rows, 'row')}")
    ]
    if of.platforms:
        best = of.platforms[0]
        covers = f"{share(best.plays, sum(one.plays for one in of.platforms))} of plays with a known device"
        found.append(Fact("Most on", FAMILIES.get(best.name, best.name), covers))
    if of.countries:
        best = of.countries[0]
        covers = f"{share(best.plays, sum(one.plays for one in of.countries))} of plays with a known country"
        found.append(Fact("Most in", country(best.name), covers))
    return tuple(found)


def _rates(rows: Sequence[Skipped]) -> tuple[BarRow, ...]:
    return tuple(
        BarRow(
            name=title(one.name) if one.artist is not None else artist_name(one.name),
            value=share(one.skipped, one.rows),
            bar=aria(one.skipped, one.rows),
            by=one.artist,
            note=f"{number(one.skipped)} of {number(one.rows)}",
        )
        for one in rows
    )


def _tracks_sentence(of: Behaviour) -> str:
    times = f"each started at least {LEAST_OF_TRACK} times"
    if not of.tracks:
        return f"You have skipped none of your tracks, {times}."
    if not of.always:
        return f"There is no track that you always skip. These come closest, {times}."
    if of.always == 1:
        return f"One track you skipped every single time. It comes first here, {times}."
    return f"{number(of.always)} tracks you skipped every single time; the list begins with them, {times}."


def _share(label: str, part: int, known: int, rows: int, what: str) -> ShareView:
    if not known:
        return ShareView(label, "–", 0.0, "Not known for any row of this range.")
    return ShareView(
        label,
        share(part, known),
        aria(part, known),
        f"{number(part)} of {counted(known, 'row')} {what}. {_coverage(known, rows, 'row')}.",
    )


def _coverage(known: int, rows: int, noun: str) -> str:
    if known == rows:
        return f"Known for all {counted(rows, noun)}"
    return f"Known for {number(known)} of {counted(rows, noun)}, {share(known, rows)}"


def _endings(endings: Sequence[Ending], known: int) -> tuple[BarRow, ...]:
    most = endings[0].rows if endings else 0
    return tuple(
        BarRow(
            REASONS.get(
                one.reason, f"Spotify calls it “{one.reason}”" if one.reason else "Spotify does not say"
            ),
            share(one.rows, known),
            bar(one.rows, most),
            note=number(one.rows),
        )
        for one in endings
    )


def _endings_sentence(of: Behaviour) -> str:
    if not of.endings:
        return "How plays ended is not known for this range."
    done = next((one.rows for one in of.endings if one.reason == "trackdone"), 0)
    return f"{share(done, of.endings_known)} of what you start plays to its end."


def _amount(name: str, one: Share, most: int) -> BarRow:
    return BarRow(name, counted(one.plays, "play"), bar(one.plays, most), note=hours(one.ms))


def _bands(year: str, families: dict[str, int], tones: dict[str, int]) -> YearBands:
    total = sum(families.values())
    bands, so_far = [], 0
    for name, plays in sorted(families.items(), key=lambda one: tones[one[0]]):
        said = f"{FAMILIES.get(name, name)} {share(plays, total)}"
        bands.append(Band(aria(so_far, total), aria(plays, total), tones[name], said))
        so_far += plays
    best = max(families, key=lambda one: (families[one], -tones[one]))
    return YearBands(
        year,
        tuple(bands),
        f"{FAMILIES.get(best, best)} {share(families[best], total)}",
        counted(total, "play"),
    )


def _devices_sentence(of: Behaviour) -> str:
    years = [one for one in of.years if one.families]
    if not years:
        return "On what you listened is not known for this range."
    leaders = [max(one.families, key=lambda name: one.families[name]) for one in years]
    first, last = (ON.get(one, one) for one in (leaders[0], leaders[-1]))
    if len(years) == 1:
        return f"You listened most on {last}."
    if first == last:
        return f"In {years[-1].year}, as in {years[0].year}, you listened most on {last}."
    return f"From {first} in {years[0].year} you came to {last} in {years[-1].year}."


def _countries_sentence(countries: Sequence[Share]) -> str:
    if not countries:
        return "Where you listened is not known for this range."
    if len(countries) == 1:
        return f"You listened in one country: {country(countries[0].name)}."
    return f"You listened in {number(len(countries))} countries, most in {country(countries[0].name)}."


def _countries_more(countries: Sequence[Share]) -> str:
    rest = countries[COUNTRIES_SHOWN:]
    if not rest:
        return ""
    return f"And {counted(sum(one.plays for one in rest), 'play')} in {number(len(rest))} more."
