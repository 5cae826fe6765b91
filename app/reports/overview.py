"""The overview: greeting, top artists, top tracks, genre and mood at a glance."""

from dataclasses import dataclass

from app.music import Artist, Profile, TimeRange, Track
from app.stats.genres import GenreCount
from app.stats.mood import Mood


@dataclass(frozen=True)
class Stale:
    """Why the report is an old one. Times are Unix seconds; `resume_at` is when Spotify may be asked again."""

    reason: str
    resume_at: float | None


@dataclass(frozen=True)
class Overview:
    """One listener's overview over one time range. `as_of`: when its oldest part was fetched (Unix seconds).

    `top_artists` and `top_tracks` are best first, at most 50, as Spotify ranks them by affinity.
    """

    profile: Profile
    time_range: TimeRange
    top_artists: tuple[Artist, ...]
    top_tracks: tuple[Track, ...]
    top_genre: GenreCount | None
    mood: Mood
    as_of: float
    stale: Stale | None = None
