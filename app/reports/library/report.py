"""What the library page shows: how far the reading is, what the tracks add up to, and one stretch of them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.background import Work
from app.music import SavedTrack, TimeRange, Track
from app.reports import answers
from app.reports.accounts import kept_for_an_account
from app.reports.library.reader import Reader
from app.reports.library.rows import row_for
from app.reports.visit import Visit
from app.site import Site
from app.spotify.client import SAVE_BATCH, LibraryClient
from app.spotify.errors import (
    AppRefused,
    InsufficientScope,
    OwnerNeedsPremium,
    RateLimited,
    SpotifyError,
    UserNotRegistered,
)
from app.spotify.oauth import SAVE_SCOPE
from app.store import saved_tracks
from app.store.library import (
    CANCELLED,
    DONE,
    PAUSED,
    RUNNING,
    Reading,
    add_saved,
    begin_reading,
    cancel_reading,
    find_reading,
    go_on,
)
from app.store.saved_tracks import Count, Saved, Shelf, Totals, folded

__all__ = ["CANCELLED", "DONE", "PAUSED", "RUNNING", "SAVE_SCOPE", "Count", "Reading", "Saved", "Totals"]

FRESH_SECONDS = 86400.0
ROWS = 50  # a page of the table
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
    """How the table is asked for. `page` counts from 1."""

    sort: str = "added"
    descending: bool = True
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class Table:
    """A page of the table, and how many tracks match."""

    rows: Sequence[Saved]
    found: int
    pages: int


def reading_of(site: Site, visit: Visit, wait: bool) -> Reading:
    """The visitor's reading; begun where there is none, and taken up again where it may go on.

    `wait`: for a small library to be read, or a large one to be known as such, as long as the visit may take.
    Raises SpotifyError for what the person or the owner must mend first.
    """
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    work = _set_to_work(site, visit, account_id, eager=wait)
    if wait and work is not None:
        work.settled.wait(visit.deadline.left())
    reading = find_reading(site.store, account_id)
    if reading is None:
        return Reading(account_id, 0, None, RUNNING, 0, 0, None, None, time.time(), None)
    kind = _PERSONAL.get(reading.trouble or "")
    if kind is not None and reading.state == PAUSED and not reading.loaded and reading.shown is None:
        raise kind("spotify GET /me/tracks", "when the library was last asked for")
    return reading


def read_anew(site: Site, visit: Visit) -> None:
    """Reads the library again; one that is not read to its end goes on instead."""
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    _set_to_work(site, visit, account_id, eager=True, anew=True)


def cancel(site: Site, visit: Visit) -> None:
    """Stops the reading."""
    if visit.account_id is not None:
        cancel_reading(site.store, visit.account_id)


def numbers(site: Site, reading: Reading, artists: int | None = None) -> Numbers:
    """What is known so far; of the artists only the first so many."""
    shelf = _shelf(site, reading)
    return Numbers(
        totals=saved_tracks.totals(shelf),
        added_by_month=saved_tracks.added_by_month(shelf),
        decades=saved_tracks.decades(shelf),
        artists=saved_tracks.artists(shelf, artists),
        first=saved_tracks.oldest(shelf),
        latest=saved_tracks.newest(shelf),
    )


def table(site: Site, reading: Reading, order: Order) -> Table:
    """One page of the table."""
    offset = (order.page - 1) * ROWS
    rows, found = saved_tracks.page(
        _shelf(site, reading), order.words, order.sort, order.descending, offset, ROWS
    )
    return Table(rows, found, -(-found // ROWS))


def every_track(site: Site, reading: Reading) -> Iterator[Saved]:
    """All tracks, newest first."""
    return saved_tracks.everything(_shelf(site, reading))


def top_tracks_not_saved(site: Site, visit: Visit, reading: Reading) -> tuple[Track, ...] | None:
    """The top tracks of half a year that are not in the library; `None` while that cannot be known.

    The same title by the same artist counts as saved, whatever the edition.
    """
    if reading.shown is None:
        return None
    try:
        wanted = answers.top_tracks(TOP_RANGE)
        top: tuple[Track, ...] = answers.fetch(site, visit, [wanted]).values[wanted.key]
    except SpotifyError:
        return None  # the library itself is worth showing without
    known = [track for track in top if track.id]
    found = saved_tracks.which_are_saved(
        _shelf(site, reading), [track.id or "" for track in known], [_title(track) for track in known]
    )
    return tuple(track for track in known if track.id not in found and _title(track) not in found)


def save(site: Site, visit: Visit, track_ids: Sequence[str], asked_by: int | None = None) -> bool:
    """Saves tracks at Spotify and in what is kept. False where the visitor is not who asked for it.

    `asked_by`: the account that wanted it, where the visitor had to log in again since. Raises SpotifyError.
    """
    track_ids = list(dict.fromkeys(track_ids))
    wanted = answers.top_tracks(TOP_RANGE)
    got = answers.fetch(site, visit, [wanted])
    if asked_by is not None and asked_by != got.account_id:
        return False
    client = LibraryClient(visit.service.api, visit.login, visit.deadline)
    known: dict[str | None, Track] = {track.id: track for track in got.values[wanted.key]}
    for start in range(0, len(track_ids), SAVE_BATCH):
        batch = track_ids[start : start + SAVE_BATCH]
        client.save_tracks(batch)
        now = time.time()
        rows = [row_for(SavedTrack(now, known[one]), nth) for nth, one in enumerate(batch, 1) if one in known]
        with kept_for_an_account():
            add_saved(site.store, got.account_id, rows)
    return True


def _set_to_work(site: Site, visit: Visit, account_id: int, eager: bool, anew: bool = False) -> Work | None:
    """Sets a thread to reading, where there is something to read and nobody is at it."""

    def plan() -> int | None:
        reading, now = find_reading(site.store, account_id), time.time()
        if reading is None or (reading.state == DONE and (anew or _is_old(reading, now))):
            with kept_for_an_account():
                return begin_reading(site.store, account_id)
        if reading.state == PAUSED and (anew or _may_go_on(reading, now, eager)):
            go_on(site.store, account_id)
            return reading.number
        return reading.number if reading.state == RUNNING else None

    def read(work: Work, number: int) -> None:
        Reader(site, visit, account_id, number, work.goes_on, work.settled.set).read()

    reading = find_reading(site.store, account_id)
    if not anew and reading and reading.state == DONE and not _is_old(reading, time.time()):
        return None  # as on most visits: nothing to take a lease for
    return site.background.begin(f"library:{account_id}", plan, read)


def _is_old(reading: Reading, now: float) -> bool:
    return reading.read_at is None or now - reading.read_at > FRESH_SECONDS


def _may_go_on(reading: Reading, now: float, eager: bool) -> bool:
    """Whether a paused reading may go on. Who is `eager` does not wait, but for a rate limit."""
    if reading.trouble == CANCELLED:
        return False
    over = reading.resume_at is None or reading.resume_at <= now
    return over or (eager and reading.trouble != RateLimited.__name__)


def _shelf(site: Site, reading: Reading) -> Shelf:
    return Shelf(site.store, reading.account_id, reading.to_show)


def _title(track: Track) -> tuple[str, str]:
    return folded(track.name), folded(track.artists[0].name if track.artists else None)
