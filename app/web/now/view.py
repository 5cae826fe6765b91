"""The overview's sentence and its figures."""

from app.stats.mood import Figure, Mood
from app.web.charts.radar import Radar, radar
from app.web.format import PERIODS, TextSpan, counted, track_span
from app.web.now.report import Overview, Recently


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


def against(recently: Recently) -> str:
    """This week beside the one before it."""
    now, before = recently.week.plays, recently.week_before.plays
    if not before:
        return "none in the seven days before"
    if now == before:
        return "as many as in the seven days before"
    more = "more" if now > before else "fewer"
    return f"{counted(abs(now - before), 'play')} {more} than in the seven before"
