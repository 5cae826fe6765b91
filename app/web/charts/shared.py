"""What several pages draw: rows of tracks, figures set large, bars. Shares are 0-1; bars are 0-100 wide."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.music import Track
from app.web.charts.artwork import Artwork, artwork
from app.web.format import (
    clock_time,
    duration,
    iso,
    showable,
    stripped,
)
from app.web.last_known import Stale
from app.web.representation import is_spotify_id


@dataclass(frozen=True)
class TrackRow:
    """A ranked track. `local`: a file of the listener's own, which Spotify has no page or picture for.

    `play_id`: its id, where Spotify can play it.
    """

    rank: int
    name: str
    artists: tuple[str, ...]
    album: str | None
    duration: str
    sleeve: Artwork
    url: str | None
    local: bool
    play_id: str | None


@dataclass(frozen=True)
class Fact:
    """A value to set large, with what it is and what it covers."""

    label: str
    value: str
    covers: str


@dataclass(frozen=True)
class StaleView:
    """Why the report is an old one. `resume` is on the reader's clock, `resume_iso` for machines."""

    reason: str
    resume: str | None
    resume_iso: str | None


def track_row(rank: int, track: Track) -> TrackRow:
    """One track of the list."""
    name, album = stripped(track.name), track.album
    album_name = stripped(album.name) if album else None
    return TrackRow(
        rank=rank,
        name=name or "Unknown title",
        artists=tuple(stripped(artist.name) or "Unknown artist" for artist in track.artists),
        album=album_name,
        duration=duration(track.duration_ms),
        sleeve=artwork(album.images if album else (), album_name or name, wanted=96),
        url=track.url if showable(track.url) else None,
        local=track.id is None,
        play_id=track.id if is_spotify_id(track.id) else None,
    )


def stale_view(stale: Stale, now: float, timezone: ZoneInfo) -> StaleView:
    """Why the report is old, and from when on Spotify may be asked again."""
    if stale.resume_at is None or stale.resume_at <= now:
        return StaleView(reason=stale.reason, resume=None, resume_iso=None)
    return StaleView(
        reason=stale.reason,
        resume=clock_time(stale.resume_at, now, timezone),
        resume_iso=iso(stale.resume_at),
    )
