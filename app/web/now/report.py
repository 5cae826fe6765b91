"""The overview: what was played lately, and what Spotify ranks: top artists, top tracks, genre and mood."""

from collections.abc import Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app import answers
from app.history.cover_plan import Named
from app.history.figures import DayCount
from app.history.items import TRACK
from app.music import Artist, Profile, TimeRange, Track
from app.site import Site
from app.stats.genres import GenreCount, top_genre
from app.stats.mood import Mood, mood_of
from app.visit import Visit
from app.web.audio_features import features_of, in_order
from app.web.charts.artwork import Picture
from app.web.last_known import Stale, stale_because_of
from app.web.time.range_with_plays import RangeWithPlays

LATEST = 10
WEEKS = 8  # of the chart
YEARS = 6  # in which this day is looked for
_LONG_PAST = 28  # days without plays after which a history counts as ended
_LATEST_DAYS = 30  # in which the latest plays are looked for


@dataclass(frozen=True)
class LatestPlay:
    """A play: when it began (Unix seconds), what and by whom, and what Spotify shows of it."""

    at: int
    track: str
    artist: str | None
    picture: Picture | None = None


@dataclass(frozen=True)
class ThatDay:
    """This day in an earlier year, with the track that was played most."""

    day: date
    plays: int
    ms: int
    track: str | None
    artist: str | None


@dataclass(frozen=True)
class Recently:
    """What was played lately, from the person's own history. A `week` is the seven days up to `ends`.

    `ends`: today, or the last day with plays where that is long past. `daily`: the days with plays of the
    last WEEKS weeks. `artist`: whom they heard most in the week. `week_without_time`: of how many plays of
    the week nobody knows how long they were.
    """

    today: DayCount
    ends: date
    week: DayCount
    week_without_time: int
    week_before: DayCount
    streak: int
    daily: tuple[DayCount, ...]
    artist: str | None
    latest: tuple[LatestPlay, ...]
    on_this_day: tuple[ThatDay, ...]


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


def overview_soon(site: Site, visit: Visit, time_range: TimeRange, seconds: float) -> Overview | None:
    """The overview; `None` where Spotify has not answered in so many seconds. Raises SpotifyError.

    What it says later is kept for when the visitor asks again. Where all is kept, nothing is cut short.
    """
    queries = [answers.PROFILE, answers.top_artists(time_range), answers.top_tracks(time_range)]
    account_id = visit.account_id
    if account_id is not None and len(answers.last_known(site.store, account_id, queries)) == len(queries):
        return overview(site, visit, time_range)
    future = site.pool.in_background(lambda: overview(site, visit, time_range))
    wait([future], seconds)
    return future.result() if future.done() else None


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
    shown = latest[: -LATEST - 1 : -1]
    pictures = history.pictures(*(Named(TRACK, play.track, play.artist) for play in shown))
    last = daily[-1].day if daily else today
    ends = today if (today - last).days < _LONG_PAST else last
    week = _days_of(history, ends - timedelta(days=6), ends)
    artists = week.artists.top(1)
    return Recently(
        today=_sum(daily, today, today),
        ends=ends,
        week=_sum(daily, ends - timedelta(days=6), ends),
        week_without_time=week.rollup.unknown_plays,
        week_before=_sum(daily, ends - timedelta(days=13), ends - timedelta(days=7)),
        streak=history.current_streak.days,
        daily=tuple(day for day in daily if ends - timedelta(weeks=WEEKS) < day.day <= ends),
        artist=artists[0].name if artists else None,
        latest=tuple(replace(play, picture=found) for play, found in zip(shown, pictures, strict=True)),
        on_this_day=_on_this_day(history),
    )


def _on_this_day(history: RangeWithPlays) -> tuple[ThatDay, ...]:
    """This day in the years before, the latest first."""
    today = history.query.today
    earlier = [
        day
        for day in history.daily
        if (day.day.month, day.day.day) == (today.month, today.day) and day.day < today
    ]
    found = []
    for day in earlier[: -YEARS - 1 : -1]:
        track = next(iter(_days_of(history, day.day, day.day).tracks.top(1)), None)
        name, artist = (track.name, track.artist) if track else (None, None)
        found.append(ThatDay(day.day, day.plays, day.ms, name, artist))
    return tuple(found)


def _days_of(history: RangeWithPlays, first: date, last: date) -> RangeWithPlays:
    return history.another(replace(history.query, preset=None, first=first, last=last))


def _sum(daily: Sequence[DayCount], first: date, last: date) -> DayCount:
    days = [day for day in daily[-_LONG_PAST:] if first <= day.day <= last]
    return DayCount(last, sum(day.plays for day in days), sum(day.ms for day in days))
