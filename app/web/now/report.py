"""The overview: greeting, top artists, top tracks, genre and mood at a glance."""

from dataclasses import dataclass

from app import answers
from app.music import Artist, Profile, TimeRange, Track
from app.site import Site
from app.stats.genres import GenreCount, top_genre
from app.stats.mood import Mood, mood_of
from app.visit import Visit
from app.web.audio_features import features_of, in_order
from app.web.last_known import Stale, stale_because_of


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
        mood=mood_of(in_order(top_tracks, features_of(site, visit, top_tracks))),
        as_of=got.as_of,
        stale=stale_because_of(got.trouble),
    )


def ask_anew(site: Site, visit: Visit) -> None:
    """The next report asks Spotify and the providers of audio features anew."""
    visit.service.ask_providers_again()
    if visit.account_id is not None:
        answers.expire(site.store, visit.account_id)
