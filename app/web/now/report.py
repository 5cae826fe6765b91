"""The overview: greeting, top artists, top tracks, genre and mood at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app import answers
from app.history.figures import DayCount
from app.music import Artist, Profile, TimeRange, Track
from app.site import Site
from app.stats.genres import GenreCount, top_genre
from app.stats.mood import Mood, mood_of
from app.visit import Visit
from app.web.audio_features import features_of, in_order
from app.web.last_known import Stale, stale_because_of
from app.web.time.range_with_plays import RangeWithPlays

LATEST = 10
_LATEST_DAYS = 30  # in which the latest plays are looked for


@dataclass(frozen=True)
class LatestPlay:
    """A play: when it began (Unix seconds), what and by whom."""

    at: int
    track: str
    artist: str | None


@dataclass(frozen=True)
class Recently:
    """What was played lately, from the person's own history. A `week` is the seven days up to today."""

    today: DayCount
    week: DayCount
    week_before: DayCount
    streak: int
    latest: tuple[LatestPlay, ...]


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


def recently(history: RangeWithPlays) -> Recently:
    """The latest plays of a whole history, and how many there were."""
    today, daily, names = history.query.today, history.daily, history.names.tracks
    first = history.rollup.ends - _LATEST_DAYS * 86_400
    latest: list[LatestPlay] = []
    for plays in history.plays_since(first):
        some = zip(plays.start[-LATEST:].tolist(), plays.track[-LATEST:].tolist(), strict=True)
        latest += [LatestPlay(at, names[track], history.artist_of(track)) for at, track in some]
    return Recently(
        today=_sum(daily, today, today),
        week=_sum(daily, today - timedelta(days=6), today),
        week_before=_sum(daily, today - timedelta(days=13), today - timedelta(days=7)),
        streak=history.current_streak.days,
        latest=tuple(latest[: -LATEST - 1 : -1]),
    )


def _sum(daily: Sequence[DayCount], first: date, last: date) -> DayCount:
    days = [day for day in daily[-14:] if first <= day.day <= last]
    return DayCount(last, sum(day.plays for day in days), sum(day.ms for day in days))
