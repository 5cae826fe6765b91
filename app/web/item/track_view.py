"""What the template of a track prints."""

from dataclasses import dataclass, replace

from app.music import AudioFeatures, Track
from app.stats.keys import PITCH_CLASSES, key_name
from app.stats.sound import SHARES
from app.web.charts.artwork import Artwork, artwork
from app.web.charts.scale import on_bar
from app.web.charts.shared import Fact
from app.web.format import PROVIDERS, duration
from app.web.item.ranks_view import RanksView, ranks_view
from app.web.item.report import TRACKS_STEP, TrackReport
from app.web.item.view import HEAD_WIDTH, Song, released, song
from app.web.mood.measures import GLOSSARY, with_unit


@dataclass(frozen=True)
class MeasureRow:
    """A measure that is a share. `bar` is its value on 0-100, `None` where it is not known."""

    title: str
    gloss: str
    value: str
    bar: float | None


@dataclass(frozen=True)
class SoundView:
    """How a track sounds, and who says so."""

    source: str
    facts: tuple[Fact, ...]
    rows: tuple[MeasureRow, ...]


@dataclass(frozen=True)
class TrackView:
    """A track, ready to draw. `place`: where on its album, "" where that is not known.

    `album_offset`: the offset of the album's page that shows it. `nobody_knows`: see TrackReport.
    """

    song: Song
    sleeve: Artwork
    facts: tuple[str, ...]
    place: str
    album_offset: int | None
    sound: SoundView | None
    nobody_knows: bool
    ranks: RanksView | None


def track_view(report: TrackReport, track_id: str, now: float) -> TrackView:
    """Everything the page shows. `now` is in Unix seconds."""
    track, on = report.track, report.track.album
    length = "length unknown" if track.duration_ms is None else duration(track.duration_ms)
    return TrackView(
        song=replace(song(track), id=track_id),
        sleeve=artwork(on.images if on else (), (on.name if on else None) or track.name, HEAD_WIDTH),
        facts=tuple(filter(None, (length, released(on.release_date) if on else None))),
        place=_place(track),
        album_offset=_album_offset(track) or None,
        sound=_sound(report.sound) if report.sound else None,
        nobody_knows=report.nobody_knows,
        ranks=ranks_view(report.ranks, "tracks", now),
    )


def _place(track: Track) -> str:
    if track.number is None:
        return ""
    if (track.disc or 1) > 1:
        return f"Disc {track.disc}, track {track.number}"
    total = track.album.total_tracks if track.album else None
    return f"Track {track.number} of {total}" if total and total >= track.number else f"Track {track.number}"


def _album_offset(track: Track) -> int:
    """On which of an album's pages a track is; the first where its discs hide that."""
    if track.number is None or (track.disc or 1) > 1:
        return 0
    return (track.number - 1) // TRACKS_STEP * TRACKS_STEP


def _sound(sound: AudioFeatures) -> SoundView:
    return SoundView(
        source=PROVIDERS.get(sound.source.lower(), sound.source),
        facts=tuple(_facts(sound)),
        rows=tuple(_row(name, getattr(sound, name)) for name in SHARES),
    )


def _facts(sound: AudioFeatures) -> list[Fact]:
    found = []
    if sound.key is not None and sound.mode is not None:
        found.append(Fact("Key", key_name(sound.key, sound.mode), "named by sharps"))
    elif sound.key is not None:
        found.append(Fact("Key", PITCH_CLASSES[sound.key], "major or minor is not known"))
    if sound.tempo is not None:
        found.append(Fact("Tempo", with_unit("tempo", sound.tempo), "estimated; may be half or double"))
    if sound.loudness is not None:
        found.append(
            Fact("Loudness", with_unit("loudness", sound.loudness), "on average; nearer to 0 is louder")
        )
    if sound.time_signature is not None:
        found.append(Fact("Metre", f"{sound.time_signature} beats", "in a bar, estimated"))
    return found


def _row(name: str, value: float | None) -> MeasureRow:
    measure = GLOSSARY[name]
    return MeasureRow(
        measure.title, measure.gloss, with_unit(name, value), None if value is None else on_bar(value)
    )
