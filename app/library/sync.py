"""The task that reads an account's saved tracks: page by page, four at once, each page kept as it comes.

It stops at the first trouble and keeps what came; whoever takes it up again asks only for what is missing.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from app.account_writes import kept_for_an_account
from app.deadline import Deadline
from app.library.rows import row_for
from app.music import Page, SavedTrack
from app.site import Site
from app.spotify.client import SAVED_PAGE, LibraryClient
from app.spotify.errors import NoAnswer, RateLimited, SpotifyError, resume_time
from app.store.library import (
    RUNNING,
    begin_reading,
    find_reading,
    finish_reading,
    keep_page,
    pages_kept,
    pause_reading,
)
from app.store.locks import leased
from app.visit import Visit, visit_of_session

log = logging.getLogger(__name__)

AT_ONCE = 4
SMALL = 500  # entries up to which a visit waits for the whole
CALL_SECONDS = 10.0
PATIENCE = 30.0  # seconds until a reading that broke off may be tried again
FAULT = "Fault"  # a trouble of our own making
READINGS = 2  # a library that changed while it was read is read once more


def sync_library(
    site: Site, account_id: int, session_id_hash: str, goes_on: Callable[[], bool] = lambda: True
) -> None:
    """Goes on with the account's reading, with the login of a session, unless someone is at it or it is over.

    `goes_on` is asked at every page: whether this process does.
    """
    with leased(site.store, lease_name(account_id)) as lease:
        reading = find_reading(site.store, account_id) if lease is not None else None
        visit = visit_of_session(site, session_id_hash, Deadline(CALL_SECONDS))
        if lease is None or reading is None or reading.state != RUNNING or visit is None:
            return

        def is_ours() -> bool:
            return goes_on() and lease.is_held()

        LibraryReader(site, visit, account_id, reading.number, is_ours).read()


def lease_name(account_id: int) -> str:
    """Of the lease of who reads the account's library."""
    return f"library:{account_id}"


class _Stopped(Exception):
    """Nobody wants the reading any more: cancelled, logged out, deleted, or taken over."""


@dataclass
class LibraryReader:
    """Reads one account's library. `goes_on` is asked at every page."""

    site: Site
    visit: Visit
    account_id: int
    number: int
    goes_on: Callable[[], bool]
    # Where an empty page was: nothing is asked from there on, whatever the server says of its length.
    _end: int = field(default=sys.maxsize, init=False)

    def read(self) -> None:
        """Reads to the end, or until something is in the way."""
        try:
            for left in reversed(range(READINGS)):
                if not self._read_all():
                    break
                if not left:
                    # It never stands still: at least the newest are not missed.
                    self._keep(0, self._page(0, SAVED_PAGE))
                    break
                self.number = self._begin_again()
            finish_reading(self.site.store, self.account_id, self.number)
        except _Stopped:
            return
        except SpotifyError as error:
            log.warning("the library is not read to its end: %s", error.in_a_line())
            until = resume_time(error) or time.time() + PATIENCE
            pause_reading(self.site.store, self.account_id, self.number, _kind(error), until)
        except Exception:
            pause_reading(self.site.store, self.account_id, self.number, FAULT, time.time() + PATIENCE)
            raise

    def _read_all(self) -> bool:
        """Reads all pages that are missing; whether the library changed meanwhile. Raises SpotifyError."""
        kept = pages_kept(self.site.store, self.account_id, self.number)
        reading = find_reading(self.site.store, self.account_id)
        if reading is None:
            raise _Stopped
        named = {reading.total}
        if 0 not in kept:
            named = {self._keep(0, self._page(0, SAVED_PAGE))}
            kept.add(0)
        # A server that does not say how many there are is asked as long as it names more.
        while missing := [at for at in range(0, min(max(named), self._end), SAVED_PAGE) if at not in kept]:
            named |= self._read_pages(missing, max(named))
            kept.update(missing)
        return len(named) > 1

    def _begin_again(self) -> int:
        self._end = sys.maxsize
        with kept_for_an_account():
            return begin_reading(self.site.store, self.account_id)

    def _read_pages(self, missing: list[int], total: int) -> set[int]:
        """Reads these pages; the totals that they named. Raises the first error, once all is in."""
        named, trouble = set[int](), list[Exception]()

        def calls() -> Iterator[tuple[int, Callable[[], Page[SavedTrack]]]]:
            for at in missing:
                if trouble or at >= self._end:
                    return
                yield at, partial(self._page, at, min(SAVED_PAGE, total - at))

        for at, outcome in self.site.pool.as_completed(calls(), AT_ONCE):
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                named.add(self._keep(at, outcome))
            except (SpotifyError, _Stopped) as error:
                trouble.append(error)
        if trouble:
            # A rate limit says when to come back, which is worth more than what else went wrong.
            raise next((error for error in trouble if isinstance(error, RateLimited | _Stopped)), trouble[0])
        return named

    def _page(self, at: int, entries: int) -> Page[SavedTrack]:
        """The entries from `at` on, asked for again where a server gives fewer at a time."""
        client = LibraryClient(self.visit.service.api, self.visit.login, Deadline(CALL_SECONDS))
        page = client.saved_tracks(at)
        if not page.items:
            self._end = min(self._end, at)
        while at < page.end < min(at + entries, page.total):
            rest = client.saved_tracks(page.end)
            if rest.end == page.end:
                break  # fewer than it said
            page = Page(page.items + rest.items, at, rest.total, rest.end)
        if at == 0 and page.total and not page.items:
            raise NoAnswer("spotify GET /me/tracks", "no tracks on the first page of many")
        return page

    def _keep(self, at: int, page: Page[SavedTrack]) -> int:
        """Keeps a page; how many entries Spotify says there are. Raises _Stopped."""
        if not self.goes_on() or self.site.sessions.read(self.visit.session_id_hash) is None:
            raise _Stopped
        items = page.items[:SAVED_PAGE]
        rows = [row_for(item, place=-(at + nth)) for nth, item in enumerate(items)]
        if not keep_page(self.site.store, self.account_id, self.number, at, len(items), page.total, rows):
            raise _Stopped
        return page.total


def _kind(error: SpotifyError) -> str:
    """The name of an error's kind, as others know it."""
    return next(kind.__name__ for kind in type(error).__mro__ if not kind.__name__.startswith("_"))
