"""The sentences and charts of the page about behaviour, and Spotify's words in plain ones."""

from collections.abc import Mapping, Sequence

from app.history.figures import Share
from app.web.charts.columns import Columns, columns
from app.web.charts.scale import on_bar
from app.web.format import counted, country, number, service_name, share
from app.web.time.behaviour.report import Behaviour

DEVICES = {
    "ios": "iPhone or iPad",
    "android": "Android",
    "windows": "Windows",
    "macos": "Mac",
    "linux": "Linux",
    "web": "Web player",
    "cast": "Cast device",
    "console": "Game console",
    "other": "Other devices",
}
# Where a sentence says on what somebody listened.
_DEVICES_IN_A_SENTENCE = DEVICES | {
    "ios": "an iPhone or iPad",
    "macos": "a Mac",
    "web": "the web player",
    "cast": "cast devices",
    "console": "a game console",
    "other": "other devices",
}
# Spotify does not document its reasons; these are what the players' buttons and their names tell.
_ENDINGS = {
    "": "Not told",
    "trackdone": "Played to its end",
    "fwdbtn": "Skipped forward",
    "backbtn": "Went back",
    "endplay": "Stopped, or something else was started",
    "clickrow": "Another track was picked",
    "playbtn": "The play button was pressed elsewhere",
    "clickside": "Something else was picked at the side",
    "remote": "Another device took over",
    "logout": "Spotify was closed or logged out",
    "trackerror": "An error in the track",
    "unexpected-exit": "Spotify ended unexpectedly",
    "unexpected-exit-while-paused": "Spotify ended unexpectedly while paused",
    "popup": "A window opened over it",
    "appload": "Spotify was started anew",
    "uriopen": "A link was opened",
    "nextbtn": "Skipped forward by the next button",
    "reconnect": "The connection was made anew",
    "switched-to-video": "Went on as video",
    "switched-to-audio": "Went on as audio",
    "unknown": "Spotify does not know",
}


def lead(report: Behaviour) -> str:
    """What the page says first."""
    skips = report.skips
    if not report.plays and not skips.rows:
        return "Nothing was played in this range."
    if not skips.rows:
        return "None of these plays tells whether it was skipped."
    if not skips.skipped:
        return f"You let everything play: none of {counted(skips.rows, 'start')} was skipped."
    one_in = round(skips.rows / skips.skipped)
    rate = "nearly everything" if one_in < 2 else f"about one in {number(one_in)}"
    return f"You skip {rate} of the tracks that you start."


def skips_by_year(report: Behaviour) -> Columns | None:
    """The share of each year's rows that were skipped; `None` for a single year."""
    years = [year for year in report.years if year.rows]
    if len(years) < 2:
        return None
    return columns(
        [(str(year.year), round(100 * year.skipped / year.rows, 1)) for year in years], "% skipped"
    )


def tracks_sentence(report: Behaviour) -> str:
    """How many tracks are always skipped."""
    always, times = report.skips.always, f"each started at least {report.skips.least_rows['track']} times"
    if not report.skips.tracks:
        return f"You have skipped none of your tracks, {times}."
    if not always:
        return f"There is no track that you always skip. These come closest, {times}."
    if always == 1:
        return f"One track you skipped every single time. It comes first here, {times}."
    return f"{number(always)} tracks you skipped every single time; the list begins with them, {times}."


def known_for(known: int, total: int, noun: str) -> str:
    """How much of the range something is known for."""
    if known == total:
        return f"Known for all {counted(total, noun)}"
    return f"Known for {number(known)} of {counted(total, noun)}, {share(known, total)}"


def ending(reason: str) -> str:
    """A way in which plays end."""
    return _ENDINGS.get(reason, f"The player calls it “{reason}”")


def endings_sentence(report: Behaviour) -> str:
    """How many plays are heard to their end."""
    if not report.endings:
        return "How plays ended is not known for this range."
    rows = {ending.reason: ending.rows for ending in report.endings}
    return f"{share(rows.get('trackdone', 0), sum(rows.values()))} of what you start plays to its end."


def device(family: str) -> str:
    """A device family."""
    return DEVICES.get(family, family)


TONES = 9  # colours that can be told apart


def tones(shares: Sequence[Share]) -> dict[str, int]:
    """The colour of each device family or service, by its rank in the range; the last ones share one."""
    return {share.name: min(rank, TONES - 1) for rank, share in enumerate(shares)}


def bands(plays_of: Mapping[str, int], tones: dict[str, int]) -> list[tuple[str, int, float, float]]:
    """The parts of a year with their plays, and where each begins on the year's bar (0-100), how wide."""
    total, before = sum(plays_of.values()), 0
    found = []
    for name, plays in sorted(plays_of.items(), key=lambda item: tones[item[0]]):
        found.append((name, plays, on_bar(before / total), on_bar(plays / total)))
        before += plays
    return found


def devices_sentence(report: Behaviour) -> str:
    """What somebody listened on, and how that changed."""
    years = [year for year in report.years if year.platforms]
    if not years:
        return "On what you listened is not known for this range."
    first, last = (
        _DEVICES_IN_A_SENTENCE.get(family, family)
        for family in (max(year.platforms, key=year.platforms.__getitem__) for year in (years[0], years[-1]))
    )
    if len(years) == 1:
        return f"You listened most on {last}."
    if first == last:
        return f"In {years[-1].year}, as in {years[0].year}, you listened most on {last}."
    return f"From {first} in {years[0].year} you came to {last} in {years[-1].year}."


def sources_sentence(report: Behaviour) -> str:
    """What told of most plays."""
    first = report.sources[0]
    return f"{share(first.plays, report.plays)} of your plays are from {service_name(first.name)}."


def countries_sentence(report: Behaviour) -> str:
    """Where somebody listened."""
    if not report.countries:
        return "Where you listened is not known for this range."
    most = country(report.countries[0].name)
    if len(report.countries) == 1:
        return f"You listened in one country: {most}."
    return f"You listened in {number(len(report.countries))} countries, most in {most}."
