"""What the pages of an artist, an album and a track draw and say beside their templates."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from app.music import Album, AudioFeatures, Page, Track
from app.stats.keys import PITCH_CLASSES, key_name
from app.stats.sound import SHARES
from app.web.charts.artwork import Picture, picture
from app.web.charts.time_series import MONTHS, Series, by_hour, series
from app.web.format import (
    TextSpan,
    album_name,
    artist_name,
    counted,
    day,
    duration,
    hours,
    long_time,
    number,
    playing_time,
    release_date,
    stripped,
    track_name,
)
from app.web.item.report import ALBUMS_STEP, TRACKS_STEP, ItemPage
from app.web.mood.measures import GLOSSARY, with_unit
from app.web.sleeves.view import sleeve_address
from app.web.time.item.report import (
    ALBUM,
    ARTIST,
    COVER,
    LISTS,
    PICTURED,
    TRACK,
    ItemReport,
    Moment,
    YearRank,
)
from app.web.time.range_with_plays import Kind

__all__ = [  # what the templates use
    "ALBUMS_STEP",
    "ALBUM_KINDS",
    "GLOSSARY",
    "GROUP_TITLES",
    "LISTS",
    "PICTURED",
    "SHARES",
    "TRACKS_STEP",
    "by_hour",
]

GROUP_TITLES = {"album": "Albums", "single": "Singles and EPs", "compilation": "Compilations"}
ALBUM_KINDS = {"album": "Album", "single": "Single or EP", "compilation": "Compilation"}
SHOWN = 10  # of a list of own plays at first
LONG_RANGE = 186  # days from which on a column stands for a month

Figure = tuple[str, str, tuple[TextSpan, ...]]  # a label, a value, what it covers


def shown_name(page: ItemPage) -> str:
    """The name as the page's title."""
    return {ARTIST: artist_name, ALBUM: album_name, TRACK: track_name}[page.kind](page.name)


def cover(page: ItemPage) -> Picture:
    """The picture: Spotify's, else the one of the own plays, else a sleeve; a track has its album's."""
    known = picture(page.images, COVER) or (page.plays.cover if page.plays else None)
    if known:
        return known
    album = page.found.item.album if page.found and isinstance(page.found.item, Track) else None
    by = page.artists[0].name if page.artists else None
    if album and stripped(album.name):
        return Picture(sleeve_address(album.name, ALBUM, by))
    return Picture(sleeve_address(page.name, page.kind, by))


def album_facts(album: Album, tracks: Page[Track] | None) -> list[str]:
    """Release date, number of tracks and length, as far as they are known."""
    total = album.total_tracks or (tracks.total if tracks else 0)
    released = release_date(album.release_date)
    length = _length(tracks) if tracks else None
    return [fact for fact in (released, counted(total, "track") if total else None, length) if fact]


def _length(tracks: Page[Track]) -> str | None:
    """How long these tracks last, and which they are where it is not the whole album."""
    known = [track.duration_ms for track in tracks.items if track.duration_ms is not None]
    if not known:
        return None
    length = playing_time(sum(known))
    if len(known) < len(tracks.items):
        return f"{length} for the {counted(len(known), 'track')} whose length is known"
    whole = tracks.end - tracks.offset == tracks.total
    return length if whole else f"{length} for the tracks shown here"


def discs(tracks: Page[Track]) -> Iterator[tuple[str, list[tuple[int, str, Track]]]]:
    """The tracks of each disc, with a title where there is more than the first.

    Each track comes with its number and its id on the page, "" where it has none or an earlier row has it.
    """
    only_first = {track.disc or 1 for track in tracks.items} == {1}
    seen: set[str | None] = {None}
    for disc, numbered in groupby(
        enumerate(tracks.items, tracks.offset + 1), lambda place_and_track: place_and_track[1].disc or 1
    ):
        rows = []
        for place, track in numbered:
            rows.append((track.number or place, "" if track.id in seen else f"track-{track.id}", track))
            seen.add(track.id)
        yield "" if only_first else f"Disc {disc}", rows


def track_facts(track: Track) -> list[str]:
    """Length and release date, as far as they are known."""
    length = None if track.duration_ms is None else duration(track.duration_ms)
    released = release_date(track.album.release_date) if track.album else None
    return [fact for fact in (length, released) if fact]


def place_on_album(track: Track) -> str:
    """Where on its album a track is; "" where that is not known."""
    if track.number is None:
        return ""
    if (track.disc or 1) > 1:
        return f"Disc {track.disc}, track {track.number}"
    total = track.album.total_tracks if track.album else None
    return f"Track {track.number} of {total}" if total and total >= track.number else f"Track {track.number}"


def album_offset(track: Track) -> int | None:
    """The offset of the album's page that shows a track; `None` for the first, also where discs hide it."""
    if track.number is None or (track.disc or 1) > 1:
        return None
    return (track.number - 1) // TRACKS_STEP * TRACKS_STEP or None


def sound_facts(sound: AudioFeatures) -> list[tuple[str, str, str]]:
    """What is known of a track beside its shares: label, value, explanation."""
    facts = []
    if sound.key is not None and sound.mode is not None:
        facts.append(("Key", key_name(sound.key, sound.mode), "named by sharps"))
    elif sound.key is not None:
        facts.append(("Key", PITCH_CLASSES[sound.key], "major or minor is not known"))
    if sound.tempo is not None:
        facts.append(("Tempo", with_unit("tempo", sound.tempo), "estimated; may be half or double"))
    if sound.loudness is not None:
        facts.append(("Loudness", with_unit("loudness", sound.loudness), "on average; nearer to 0 is louder"))
    if sound.time_signature is not None:
        facts.append(("Metre", f"{sound.time_signature} beats", "in a bar, estimated"))
    return facts


def lead(report: ItemReport, zone: ZoneInfo) -> str:
    """How often it was played, from when to when, and for how long."""
    first, latest = report.first, report.latest
    if first is None or latest is None:
        return ""
    from_day, to_day = (datetime.fromtimestamp(moment.at, zone).date() for moment in (first, latest))
    times = "once" if report.plays == 1 else f"{number(report.plays)} times"
    when = f"on {day(from_day)}" if from_day == to_day else f"from {day(from_day)} to {day(to_day)}"
    them = "them" if report.kind == ARTIST else "it"
    return f"You played {them} {times} {when}{f', for {long_time(report.ms)}' if report.ms else ''}."


def figures(report: ItemReport, zone: ZoneInfo) -> list[Figure]:
    """Its rank, plays and time, its first and its latest play."""
    share = report.plays / max(report.range_plays, 1)
    percent = f"{share:.1%}" if share >= 0.001 else "under 0.1%"
    length, days = counted(report.length, report.kind), counted(len(report.daily), "day")
    found: list[Figure] = []
    if report.rank:
        found.append(("Rank", f"No. {number(report.rank)}", (TextSpan(f"of {length}, by plays"),)))
    found += [
        ("Plays", number(report.plays), (TextSpan(f"{percent} of all your plays"),)),
        ("Listening time", hours(report.ms) if report.ms else "Unknown", (TextSpan(f"on {days}"),)),
    ]
    for label, moment in (("First play", report.first), ("Latest play", report.latest)):
        if moment is not None:
            found.append(_moment(label, moment, report, zone))
    return found


def _moment(label: str, moment: Moment, report: ItemReport, zone: ZoneInfo) -> Figure:
    at = datetime.fromtimestamp(moment.at, zone)
    played = ALBUM if report.kind == TRACK else TRACK
    name, by = stripped(moment.album if played == ALBUM else moment.track), report.artist
    covers: tuple[TextSpan, ...] = (TextSpan(f"at {at:%H:%M}"),)
    if name:
        covers = (TextSpan(f"{at:%H:%M}, "), TextSpan(name, True, played, by))
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


def over_time(report: ItemReport, days: tuple[date, date]) -> Series:
    """The plays of the range by month; of a short one by week or day."""
    return series(report.daily, days, MONTHS if (days[1] - days[0]).days >= LONG_RANGE else None)


def list_title(report: ItemReport, kind: Kind) -> str:
    """What the list of its tracks or albums is called."""
    if report.kind == TRACK:
        return "Played from"
    return "Tracks you played" if kind is Kind.TRACKS else "Records you played"


def list_covers(length: int) -> str:
    """How much of such a list the page shows."""
    shown = f"First {PICTURED} of {number(length)}" if length > PICTURED else f"All {length}"
    return f"{shown}, with their share of these plays" if length > 1 else ""
