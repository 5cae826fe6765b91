"""The overview's sentences and its figures."""

from datetime import date, timedelta

from app.stats.mood import Figure, Mood
from app.web.charts.radar import Radar, radar
from app.web.charts.time_series import DAYS, Series, series
from app.web.format import PERIODS, TextSpan, counted, day, number, track_span
from app.web.now.report import WEEKS, Overview, Recently


def lead(report: Overview) -> tuple[TextSpan, ...]:
    """What the report says first, as pieces of one or two sentences; empty when there is nothing to say."""
    firsts: list[TextSpan] = []
    if report.top_artists:
        artist = report.top_artists[0]
        named = TextSpan(artist.name, True, "artist", id=artist.id) if artist.name else None
        firsts += [named or TextSpan("an unnamed artist")]
        firsts += [TextSpan(" first among your artists")]
    if report.top_tracks:
        track = report.top_tracks[0]
        firsts += [TextSpan(" and ")] if firsts else []
        firsts += [track_span(track) if track.name else TextSpan("an unnamed track")]
        firsts += [TextSpan(" first among your tracks")]
    if not firsts:
        return ()
    opening = TextSpan(f"Over {PERIODS[report.time_range]}, Spotify ranks ")
    if report.top_genre is None:
        return (opening, *firsts, TextSpan("."))
    return (
        opening,
        *firsts,
        TextSpan(". The genre you meet most is "),
        TextSpan(report.top_genre.name, True),
        TextSpan("."),
    )


def mood_features(mood: Mood) -> tuple[tuple[str, str, Figure], ...]:
    """The four audio features that the overview shows: name, meaning, mean and median (0-1)."""
    return (
        ("Valence", "how happy it sounds: low is sad or angry, high is cheerful", mood.valence),
        ("Energy", "how intense it feels: low is quiet and slow, high is loud and fast", mood.energy),
        ("Danceability", "how easy it is to dance to: tempo, beat and regularity", mood.danceability),
        (
            "Instrumentalness",
            "how likely it has no vocals: above 50% it probably has none",
            mood.instrumentalness,
        ),
    )


def mood_radar(mood: Mood) -> Radar[str] | None:
    """Mean and median of the four features as a radar; `None` where fewer than three are known."""
    figures = {name: figure for name, _, figure in mood_features(mood)}
    means: dict[str, float | None] = {name: figure.mean for name, figure in figures.items()}
    medians: dict[str, float | None] = {name: figure.median for name, figure in figures.items()}
    return radar({"mean": means, "median": medians}, first=-0.5)


def week(recently: Recently) -> tuple[TextSpan, ...]:
    """The last seven days beside the seven before them, and who was heard most."""
    when = f" in the last seven days of your history, up to {day(recently.ends)}"
    if recently.ends == recently.today.day:
        when = " in the last seven days"
    now, before = recently.week.plays, recently.week_before.plays
    if not now:
        return (TextSpan(f"Nothing was played{when}."),)
    if not before:
        against = "none in the seven before"
    elif now == before:
        against = "as many as in the seven before"
    else:
        against = (
            f"{number(abs(now - before))} {'more' if now > before else 'fewer'} than in the seven before"
        )
    unknown = recently.week_without_time
    known = f" (their length is known for {number(now - unknown)})" if unknown and recently.week.ms else ""
    opening = TextSpan(f"{counted(now, 'play')}{known}{when}, {against}")
    if not recently.artist:
        return (opening, TextSpan("."))
    return (opening, TextSpan("; most of all "), TextSpan(recently.artist, True, "artist"), TextSpan("."))


def by_day(recently: Recently) -> Series:
    """The last weeks, day by day."""
    first = recently.ends - timedelta(weeks=WEEKS) + timedelta(days=1)
    return series(recently.daily, (first, recently.ends), DAYS)


def year_ago(now: date, then: date) -> str:
    """How long ago an earlier year's day is: "3 years ago, a Monday"."""
    return f"{counted(now.year - then.year, 'year')} ago, a {then:%A}"
