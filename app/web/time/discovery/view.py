"""The sentences and charts of the page about discovery."""

from datetime import date, timedelta

from app.web.charts.columns import Columns, columns
from app.web.format import counted, month, number, share
from app.web.time.discovery.report import Discovery, Obsession

BY_YEAR_FROM = 25  # months from which on tables count by year


def lead(report: Discovery) -> str:
    """What the page says first."""
    tracks = sum(row.tracks for row in report.months)
    artists = sum(row.artists for row in report.months)
    if not tracks:
        return "Nothing was played for the first time in this range."
    among = f", {counted(artists, 'artist')} among them new to you" if artists else ""
    opening = f"You played {counted(tracks, 'track')} for the first time{among}."
    if len(report.months) < 3:
        return opening
    best = max(report.months, key=lambda row: row.tracks)
    return f"{opening} No month brought more than {month(best.month)}: {counted(best.tracks, 'new track')}."


def new_tracks(report: Discovery) -> Columns | None:
    """New tracks by month."""
    return columns([(row.month, row.tracks) for row in report.months], "tracks")


def new_artists(report: Discovery) -> Columns | None:
    """New artists by month."""
    return columns([(row.month, row.artists) for row in report.months], "artists")


def new_share(report: Discovery) -> Columns | None:
    """The share of each month's listening time that went to new music, in percent."""
    return columns(
        [(row.month, round(100 * row.new_ms_played / row.ms_played, 1)) for row in report.new_music.months],
        "% of the time",
    )


def by_year(report: Discovery) -> bool:
    """Whether the table has a row a year, and not a month."""
    return len(report.months) >= BY_YEAR_FROM


def rows(report: Discovery) -> list[tuple[str, list[int]]]:
    """The months or years of the table, latest first: new tracks, new artists, time, time to new music."""
    length = 4 if by_year(report) else 7
    sums: dict[str, list[int]] = {}
    for first_plays in report.months:
        row = sums.setdefault(first_plays.month[:length], [0, 0, 0, 0])
        row[0] += first_plays.tracks
        row[1] += first_plays.artists
    for new in report.new_music.months:
        row = sums.setdefault(new.month[:length], [0, 0, 0, 0])
        row[2] += new.ms_played
        row[3] += new.new_ms_played
    return sorted(sums.items(), reverse=True)


def new_music_sentence(report: Discovery) -> str:
    """How much of the listening was to new music."""
    new = report.new_music
    if not new.ms_played:
        return (
            "Your history is too young here to tell new music from old: in its first 90 days everything is "
            "new, so they are left out."
        )
    opening = (
        f"{share(new.new_ms_played, new.ms_played)} of your listening went to music you had first heard in "
        "the 90 days before"
    )
    if len(new.months) < 3:
        return f"{opening}."
    best = max(new.months, key=lambda row: row.new_ms_played / row.ms_played)
    most = share(best.new_ms_played, best.ms_played)
    return f"{opening}; in {month(best.month)} it was {most}, more than in any other month."


def forgotten_sentence(report: Discovery) -> str:
    """How many favourites are forgotten."""
    count, shown = report.forgotten.count, len(report.forgotten.tracks)
    if not count:
        return "You have forgotten none of your favourites: each was played within the last year."
    if count == 1:
        return "One track that you once played a lot has not been on for a year."
    most = f" Here are the {shown} you played most." if count > shown else ""
    return f"{number(count)} tracks that you once played a lot have not been on for a year.{most}"


def last_day(obsession: Obsession) -> date:
    """The Sunday on which an obsession ended."""
    return obsession.first + timedelta(days=7 * obsession.weeks - 1)


def obsessions_sentence(report: Discovery) -> str:
    """How often a track took over."""
    count, shown = report.obsessions.count, len(report.obsessions.tracks)
    if not count:
        return "No track took over a week: none had more than a tenth of a week’s plays."
    best = report.obsessions.tracks[0]
    times = "once" if count == 1 else f"{number(count)} times"
    most = f" Here are the {shown} with most plays." if count > shown else ""
    return (
        f"A single track took over {times}; the greatest spell had {counted(best.plays, 'play')} in "
        f"{counted(best.weeks, 'week')}.{most}"
    )
