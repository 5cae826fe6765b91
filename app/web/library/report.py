"""The saved tracks: how far they are read, what they add up to, one page of them, and saving more."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event

from app import answers
from app.account_writes import kept_for_an_account
from app.covers import covers_of
from app.history.cover_plan import Named
from app.history.items import ALBUM, ARTIST, TRACK
from app.library.rows import row_for
from app.library.sync import PATIENCE, SMALL, lease_name
from app.music import Image, SavedTrack, TimeRange, Track
from app.site import Site
from app.spotify.client import SAVE_BATCH, CatalogueClient, LibraryClient
from app.spotify.errors import (
    AppRefused,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotAsked,
    OwnerNeedsPremium,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.spotify.oauth import SAVE_SCOPE
from app.store import saved_tracks
from app.store.library import (
    CANCELLED,
    DONE,
    PAUSED,
    RUNNING,
    LibrarySync,
    add_saved,
    begin_reading,
    cancel_reading,
    find_reading,
    resume_reading,
    uncancel_reading,
)
from app.store.locks import leased
from app.store.saved_tracks import Count, Saved, StoredLibrary, Totals, folded
from app.visit import Visit
from app.web import demo_visit

__all__ = [
    "ALBUM",
    "CANCELLED",
    "DONE",
    "PAUSED",
    "RUNNING",
    "SAVE_SCOPE",
    "TRACK",
    "Count",
    "LibrarySync",
    "Saved",
    "Totals",
]

_LOGIN_HELPS = {kind.__name__ for kind in (InsufficientScope, LoginEnded, Unauthorized, UserNotRegistered)}
FRESH_SECONDS = 86400.0
READING_SECONDS = 4.0  # what a small library usually takes at most
LOOK_AGAIN = 0.1  # seconds
ROWS = 50  # a page of the table
MOST_ARTISTS = 12
TOP_RANGE = TimeRange.MEDIUM_TERM
# What only the person or the owner can mend: told instead of an empty library.
_PERSONAL = {
    kind.__name__: kind for kind in (UserNotRegistered, OwnerNeedsPremium, AppRefused, InsufficientScope)
}


@dataclass(frozen=True)
class Numbers:
    """What the tracks of a reading add up to. `artists`: by first artist, most saved first."""

    totals: Totals
    added_by_month: Sequence[Count]
    decades: Sequence[Count]
    artists: Sequence[Count]
    first: Saved | None
    latest: Saved | None


@dataclass(frozen=True)
class Order:
    """How the table is asked for. `page` counts from 1. `month`: when it was added ("2026-11", UTC)."""

    sort: str = "added"
    descending: bool = True
    words: str = ""
    page: int = 1
    month: str | None = None


@dataclass(frozen=True)
class Table:
    """A page of the table, and how many tracks match."""

    rows: Sequence[Saved]
    found: int
    pages: int


@dataclass(frozen=True)
class NotSaved:
    """A top track that is not in the library. `as_other_release`: the same title by the same artist is."""

    track: Track
    as_other_release: bool


@dataclass(frozen=True)
class LibraryReport:
    """The library, as far as it is read. `not_saved`: top tracks that it lacks; `None` while not known.

    `portraits`: of the artists in the numbers, in their order.
    """

    reading: LibrarySync
    numbers: Numbers
    order: Order
    table: Table
    not_saved: Sequence[NotSaved] | None
    portraits: Sequence[Sequence[Image]] = ()


def library_report(site: Site, visit: Visit, order: Order) -> LibraryReport:
    """The visitor's library, with one page of its table. Raises SpotifyError as `reading_of` does."""
    reading = reading_of(site, visit, wait=True)
    found = numbers(site, reading, MOST_ARTISTS)
    named = [Named(ARTIST, str(artist.what)) for artist in found.artists]
    return LibraryReport(
        reading=reading,
        numbers=found,
        portraits=covers_of(site.store, reading.account_id, named),
        order=order,
        table=table(site, reading, order),
        not_saved=top_tracks_not_saved(site, visit, reading),
    )


def reading_of(site: Site, visit: Visit, wait: bool) -> LibrarySync:
    """The visitor's reading; begun where there is none, and taken up again where it may go on.

    `wait`: for a small library to be read, or a large one to be known as such, as long as the visit may take.
    Raises SpotifyError for what the person or the owner must mend first.
    """
    account_id = answers.account_of(site, visit)
    loading = _set_to_work(site, visit, account_id, eager=wait)
    if wait:
        # Beside the reading: the page wants them too.
        _top_tracks(site, visit)
        if loading:
            _wait_for(site, account_id, visit)
    reading = find_reading(site.store, account_id)
    if reading is None:
        return LibrarySync(account_id, 0, None, RUNNING, 0, 0, None, None, time.time(), None)
    if _is_error_page(reading):
        raise _PERSONAL[reading.trouble or ""](
            "spotify GET /me/tracks", "when the library was last asked for"
        )
    return reading


def refresh(site: Site, visit: Visit) -> None:
    """Reads the library again; one that is not read to its end goes on instead."""
    account_id = answers.account_of(site, visit)
    if not _set_to_work(site, visit, account_id, anew=True):
        # Whoever stopped it a moment ago still holds the lease: it runs on, or the next visit takes it up.
        uncancel_reading(site.store, account_id)


def cancel(site: Site, visit: Visit) -> None:
    """Stops the reading."""
    if visit.account_id is not None:
        cancel_reading(site.store, visit.account_id)


def numbers(site: Site, reading: LibrarySync, artists: int | None = None) -> Numbers:
    """What is known so far; of the artists only the first so many."""
    library = _stored_library(site, reading)
    return Numbers(
        totals=saved_tracks.totals(library),
        added_by_month=saved_tracks.added_by_month(library),
        decades=saved_tracks.decades(library),
        artists=saved_tracks.artists(library, artists),
        first=saved_tracks.oldest(library),
        latest=saved_tracks.newest(library),
    )


def table(site: Site, reading: LibrarySync, order: Order) -> Table:
    """One page of the table."""
    offset = (order.page - 1) * ROWS
    rows, found = saved_tracks.page(
        _stored_library(site, reading), order.words, order.sort, order.descending, offset, ROWS, order.month
    )
    return Table(rows, found, -(-found // ROWS))


def every_track(site: Site, reading: LibrarySync) -> Iterator[Saved]:
    """All tracks, newest first."""
    return saved_tracks.everything(_stored_library(site, reading))


def top_tracks_not_saved(site: Site, visit: Visit, reading: LibrarySync) -> tuple[NotSaved, ...] | None:
    """The top tracks of half a year that are not in the library; `None` while that cannot be known."""
    top = _top_tracks(site, visit) if reading.shown is not None else None
    if top is None:
        return None
    known = [track for track in top if track.id]
    found = saved_tracks.which_are_saved(
        _stored_library(site, reading),
        [track.id or "" for track in known],
        [_title(track) for track in known],
    )
    saved_here = set(demo_visit.saved(site, visit, TRACK)) if demo_visit.is_demo(visit) else set()
    return tuple(
        NotSaved(track, _title(track) in found) for track in known if track.id not in found | saved_here
    )


def is_saved(site: Site, visit: Visit, kind: str, item_id: str) -> bool | None:
    """Whether an item is in the library, as far as that is read; `None` while that is not known.

    Only tracks are read: of an album it is known what was saved in this visit of the demo.
    """
    if demo_visit.is_demo(visit) and item_id in demo_visit.saved(site, visit, kind):
        return True
    if kind != TRACK:
        return None
    reading = find_reading(site.store, visit.account_id) if visit.account_id is not None else None
    if reading is None:
        return None
    saved = item_id in saved_tracks.which_are_saved(_stored_library(site, reading), [item_id], [])
    return saved or (None if reading.shown is None else False)


def named(site: Site, account_id: int, words: str) -> Sequence[Saved]:
    """Saved tracks whose title, artists or album hold all these words, a few."""
    reading = find_reading(site.store, account_id)
    if reading is None:
        return ()
    return saved_tracks.page(_stored_library(site, reading), words, "added", True, 0, ROWS)[0]


def save(site: Site, visit: Visit, kind: str, item_ids: Sequence[str], asked_by: int | None = None) -> bool:
    """Saves tracks or albums at Spotify, and tracks in what is kept; in the demo, for this visit alone.

    False where the visitor is not who asked for it.
    `asked_by`: the account that wanted it, where the visitor had to log in again since. Raises SpotifyError.
    """
    item_ids = list(dict.fromkeys(item_ids))
    if kind == TRACK:
        return _save_tracks(site, visit, item_ids, asked_by)
    if asked_by is not None and asked_by != answers.account_of(site, visit):
        return False
    if demo_visit.is_demo(visit):
        demo_visit.save(site, visit, kind, item_ids)
    else:
        _save_at_spotify(site, visit, kind, item_ids)
    return True


def _save_tracks(site: Site, visit: Visit, track_ids: list[str], asked_by: int | None) -> bool:
    top_tracks = answers.top_tracks(TOP_RANGE)
    got = answers.fetch(site, visit, [top_tracks])
    if asked_by is not None and asked_by != got.account_id:
        return False
    if demo_visit.is_demo(visit):
        demo_visit.save(site, visit, TRACK, track_ids)
        return True
    known: dict[str | None, Track] = {track.id: track for track in got.values[top_tracks.key]}
    if len(track_ids) == 1 and track_ids[0] not in known:
        known |= _looked_up(site, visit, track_ids[0])
    for start in range(0, len(track_ids), SAVE_BATCH):
        batch = track_ids[start : start + SAVE_BATCH]
        _save_at_spotify(site, visit, TRACK, batch)
        now = time.time()
        rows = [
            row_for(SavedTrack(now, known[track_id]), place)
            for place, track_id in enumerate(batch, 1)
            if track_id in known
        ]
        with kept_for_an_account():
            add_saved(site.store, got.account_id, rows)
    return True


def _save_at_spotify(site: Site, visit: Visit, kind: str, item_ids: Sequence[str]) -> None:
    client = LibraryClient(visit.service.api, visit.login, visit.deadline)
    try:
        visit.service.bulkhead.call(site.pool, partial(client.save, kind, item_ids), visit.deadline)
    except TimeoutError as error:
        raise NoAnswer("spotify PUT /me/library", "not in time") from error


def _looked_up(site: Site, visit: Visit, track_id: str) -> dict[str | None, Track]:
    """A track by its id; nothing where Spotify does not say: the next reading of the library brings it."""
    track = partial(CatalogueClient(visit.service.api, visit.login, visit.deadline).track, track_id)
    with suppress(SpotifyError, TimeoutError):
        return {track_id: visit.service.bulkhead.call(site.pool, track, visit.deadline)}
    return {}


def _set_to_work(site: Site, visit: Visit, account_id: int, eager: bool = False, anew: bool = False) -> bool:
    """Queues reading, where there is something to read and nobody is at it; whether that is so."""
    reading = find_reading(site.store, account_id)
    if not anew and reading and reading.state == DONE and not _is_old(reading, time.time()):
        return False  # as on most visits: nothing to take a lease for
    with leased(site.store, lease_name(account_id)) as lease:
        if lease is None or not _has_something_to_read(site, visit, account_id, eager, anew):
            return False
    site.jobs.sync_library(account_id, visit.session_id_hash)
    return True


def _has_something_to_read(site: Site, visit: Visit, account_id: int, eager: bool, anew: bool) -> bool:
    """Whether a reading runs: perhaps from now on. To be called with its lease."""
    reading, now = find_reading(site.store, account_id), time.time()
    if reading is None or (reading.state == DONE and (anew or _is_old(reading, now))):
        with kept_for_an_account():
            begin_reading(site.store, account_id)
        return True
    if reading.state == PAUSED and (anew or _may_go_on(reading, now, visit, eager)):
        resume_reading(site.store, account_id)
        return True
    return reading.state == RUNNING


def _wait_for(site: Site, account_id: int, visit: Visit) -> None:
    """Waits until a small library is read, or a large one known as such, for as long as the visit may.

    Not where too many wait for Spotify already.
    """
    pause = Event()
    with suppress(NotAsked), visit.service.bulkhead.place(visit.deadline, READING_SECONDS) as place:
        while not place.passed and _is_being_read(site, account_id):
            pause.wait(min(LOOK_AGAIN, place.left()))


def _is_being_read(site: Site, account_id: int) -> bool:
    """Whether a reading runs that may be a small library's."""
    reading = find_reading(site.store, account_id)
    return reading is not None and reading.state == RUNNING and not (reading.loaded and reading.total > SMALL)


def _is_error_page(reading: LibrarySync) -> bool:
    """Whether there is nothing to show but what the person or the owner must mend."""
    is_empty = not reading.loaded and reading.shown is None
    return reading.state == PAUSED and reading.trouble in _PERSONAL and is_empty


def _top_tracks(site: Site, visit: Visit) -> tuple[Track, ...] | None:
    """The top tracks of half a year; `None` where Spotify does not say: the library is shown without."""
    query = answers.top_tracks(TOP_RANGE)
    try:
        top: tuple[Track, ...] = answers.fetch(site, visit, [query]).values[query.key]
    except SpotifyError:
        return None
    return top


def _is_old(reading: LibrarySync, now: float) -> bool:
    # A newer reading that was stopped is not begun again by itself the moment after.
    tried_at = reading.begun_at if reading.trouble == CANCELLED else 0.0
    return reading.read_at is None or now - max(reading.read_at, tried_at) > FRESH_SECONDS


def _may_go_on(reading: LibrarySync, now: float, visit: Visit, eager: bool) -> bool:
    """Whether a paused reading may go on: when its time has come, or a login has come since that may help.

    Who is `eager` has an error page before them and presses "try again". A page with tracks on it is not: it
    loads itself anew.
    """
    if reading.trouble == CANCELLED:
        return False
    if reading.resume_at is None or reading.resume_at <= now:
        return True
    if eager and _is_error_page(reading):
        return True
    return reading.trouble in _LOGIN_HELPS and visit.login.authorized_at > reading.resume_at - PATIENCE


def _stored_library(site: Site, reading: LibrarySync) -> StoredLibrary:
    return StoredLibrary(site.store, reading.account_id, reading.to_show)


def _title(track: Track) -> tuple[str, str]:
    return folded(track.name), folded(track.artists[0].name if track.artists else None)
