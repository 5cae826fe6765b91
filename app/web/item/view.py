"""What the pages of an artist, an album and a track draw and say beside their templates."""

from collections.abc import Iterator
from itertools import groupby

from app.music import Album, AudioFeatures, Page, Track
from app.stats.keys import PITCH_CLASSES, key_name
from app.stats.sound import SHARES
from app.web.format import counted, duration, playing_time, release_date
from app.web.item.report import ALBUMS_STEP, TRACKS_STEP
from app.web.mood.measures import GLOSSARY, with_unit

__all__ = [  # what the templates use
    "ALBUMS_STEP",
    "ALBUM_KINDS",
    "GLOSSARY",
    "GROUP_TITLES",
    "SHARES",
    "TRACKS_STEP",
    "album_facts",
    "album_offset",
    "discs",
    "place_on_album",
    "sound_facts",
    "track_facts",
]

GROUP_TITLES = {"album": "Albums", "single": "Singles and EPs", "compilation": "Compilations"}
ALBUM_KINDS = {"album": "Album", "single": "Single or EP", "compilation": "Compilation"}


def album_facts(album: Album, tracks: Page[Track] | None) -> list[str]:
    """Release date, number of tracks and length, as far as they are known."""
    total = album.total_tracks or (tracks.total if tracks else 0)
    facts = [release_date(album.release_date) or "release date unknown"]
    if total:
        facts.append(counted(total, "track"))
    if tracks and tracks.items:
        facts.append(_length(tracks))
    return facts


def _length(tracks: Page[Track]) -> str:
    """How long these tracks last, and which they are where it is not the whole album."""
    known = [track.duration_ms for track in tracks.items if track.duration_ms is not None]
    if not known:
        return "length unknown"
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
    for number, numbered in groupby(
        enumerate(tracks.items, tracks.offset + 1), lambda place_and_track: place_and_track[1].disc or 1
    ):
        rows = []
        for place, track in numbered:
            rows.append((track.number or place, "" if track.id in seen else f"track-{track.id}", track))
            seen.add(track.id)
        yield "" if only_first else f"Disc {number}", rows


def track_facts(track: Track) -> list[str]:
    """Length and release date, as far as they are known."""
    length = "length unknown" if track.duration_ms is None else duration(track.duration_ms)
    released = release_date(track.album.release_date) if track.album else None
    return [length, released] if released else [length]


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
