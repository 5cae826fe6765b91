"""The overview: greeting, top artists, top tracks, genre and mood at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.audio_features.chain import look_up
from app.deadline import Deadline
from app.music import Artist, AudioFeatures, Profile, TimeRange, Track
from app.reports import answers
from app.reports.visit import Visit
from app.site import Site
from app.spotify.errors import RateLimited, SpotifyError
from app.stats.genres import GenreCount, top_genre
from app.stats.mood import Mood, mood_of

FEATURES_SECONDS = 2.0


@dataclass(frozen=True)
class Stale:
    """Why the report is an old one. `resume_at`: when Spotify may be asked again (Unix seconds)."""

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


def overview(site: Site, visit: Visit, time_range: TimeRange) -> Overview:
    """The visitor's overview: two round trips when nothing is kept, none when all is. Raises SpotifyError."""
    artists, tracks = answers.top_artists(time_range), answers.top_tracks(time_range)
    got = answers.fetch(site, visit, [answers.PROFILE, artists, tracks])
    top_artists: tuple[Artist, ...] = got.values[artists.key]
    top_tracks: tuple[Track, ...] = got.values[tracks.key]
    return Overview(
        profile=got.values[answers.PROFILE.key],
        time_range=time_range,
        top_artists=top_artists,
        top_tracks=top_tracks,
        top_genre=top_genre(top_artists),
        mood=mood_of(features_of(site, visit, top_tracks)),
        as_of=got.as_of,
        stale=_stale(got.trouble),
    )


def ask_anew(site: Site, visit: Visit) -> None:
    """The next report asks Spotify and the providers of audio features anew."""
    visit.service.ask_providers_again()
    if visit.account_id is not None:
        answers.expire(site.store, visit.account_id)


def features_of(site: Site, visit: Visit, tracks: Sequence[Track]) -> list[AudioFeatures | None]:
    """The audio features of each track, in order; `None` for unknown ones and local files."""
    ids = [track.id for track in tracks if track.id is not None]
    providers = visit.service.features_providers(visit.client)
    known = look_up(site.store, site.pool, providers, ids, Deadline(FEATURES_SECONDS))
    return [known.get(track.id) if track.id is not None else None for track in tracks]


def _stale(trouble: SpotifyError | None) -> Stale | None:
    if trouble is None:
        return None
    if isinstance(trouble, RateLimited):
        return Stale("Spotify has had enough of our questions for now.", trouble.until)
    return Stale("Spotify is not answering right now.", None)
