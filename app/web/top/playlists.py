"""Saving a top list as a playlist at Spotify: once a day and range, however often it is asked for."""

from dataclasses import asdict
from datetime import date
from functools import partial

from app import answers
from app.account_writes import kept_for_an_account
from app.music import TimeRange, Track
from app.site import Site
from app.spotify.errors import NoAnswer, NotFound
from app.spotify.oauth import PLAYLIST_SCOPE
from app.store.locks import single_flight
from app.store.playlists import SavedPlaylist, keep_playlist, saved_playlist
from app.visit import Visit
from app.web.demo_visit import PREFIX, is_demo, keep_value, read_value

__all__ = ["PLAYLIST_SCOPE", "SomebodyElse", "playlist_name", "save_top_tracks", "todays_playlist"]

DESCRIPTION = "Saved from Liner Notes."
SAVING_SECONDS = 2.5  # what it usually takes at most: two calls that write, one after the other


def playlist_name(time_range: TimeRange, day: date) -> str:
    """What the playlist is called: "Top tracks, 6 months, 2026-11-20"."""
    return f"Top tracks, {time_range.label}, {day.isoformat()}"


class SomebodyElse(Exception):
    """The one who agreed at Spotify is not the one who asked to save."""


def todays_playlist(
    site: Site, visit: Visit, account_id: int, time_range: TimeRange, today: date
) -> SavedPlaylist | None:
    """The playlist that the range's top tracks became today; in the demo, in this visit."""
    if not is_demo(visit):
        return saved_playlist(site.store, account_id, time_range.value, today)
    kept = read_value(site, visit, _demo_name(time_range))
    return SavedPlaylist(**kept["playlist"]) if kept and kept["day"] == today.isoformat() else None


def _keep(
    site: Site, visit: Visit, account_id: int, time_range: TimeRange, today: date, saved: SavedPlaylist
) -> None:
    if is_demo(visit):
        value = {"day": today.isoformat(), "playlist": asdict(saved)}
        keep_value(site, visit, _demo_name(time_range), value)
        return
    with kept_for_an_account():
        keep_playlist(site.store, account_id, time_range.value, today, saved)


def _demo_name(time_range: TimeRange) -> str:
    return f"{PREFIX}playlist:{time_range.value}"


def save_top_tracks(
    site: Site, visit: Visit, time_range: TimeRange, today: date, asked_by: int | None = None
) -> SavedPlaylist | None:
    """The private playlist of the visitor's top tracks, made now unless today's exists.

    `asked_by`: the account that wanted it, where the visitor had to log in again since. `None` where there is
    nothing to save: no tracks, or local files only. Raises SpotifyError, and SomebodyElse.
    """
    wanted = answers.top_tracks(time_range)
    got = answers.fetch(site, visit, [wanted])
    if asked_by is not None and asked_by != got.account_id:
        raise SomebodyElse
    tracks: tuple[Track, ...] = got.values[wanted.key]
    # Spotify's list may hold a track twice; the playlist should not.
    track_ids = list(dict.fromkeys(track.id for track in tracks if track.id is not None))
    if not track_ids:
        return None

    def kept() -> SavedPlaylist | None:
        return todays_playlist(site, visit, got.account_id, time_range, today)

    def keep(saved: SavedPlaylist) -> None:
        _keep(site, visit, got.account_id, time_range, today, saved)

    def filled() -> SavedPlaylist | None:
        saved = kept()
        return saved if saved and saved.filled else None

    def create() -> SavedPlaylist:
        name = playlist_name(time_range, today)
        made = visit.client.create_playlist(name, DESCRIPTION)
        created = SavedPlaylist(made.id, name, made.url, filled=False)
        # Noted before it is filled: should that fail, the next click fills this one.
        keep(created)
        return created

    def save() -> SavedPlaylist:
        noted = kept()
        saved = noted or create()
        try:
            visit.client.add_to_playlist(saved.id, track_ids)
        except NotFound:
            if noted is None:
                raise
            # An earlier click made it, and it was deleted at Spotify before it was filled.
            saved = create()
            visit.client.add_to_playlist(saved.id, track_ids)
        saved = SavedPlaylist(saved.id, saved.name, saved.url, filled=True)
        keep(saved)
        return saved

    owner = visit.session_id_hash if is_demo(visit) else got.account_id
    name = f"playlist:{owner}:{time_range.value}:{today.isoformat()}"
    try:
        save_once = partial(single_flight, site.store, name, filled, save, visit.deadline)
        return visit.service.bulkhead.call(site.pool, save_once, visit.deadline, SAVING_SECONDS)
    except TimeoutError as error:
        raise NoAnswer("spotify POST /me/playlists", "it is still being saved") from error
