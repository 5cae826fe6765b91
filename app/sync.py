"""Live plays: asks Spotify, account by account, for what was played since, and keeps it.

Times are Unix seconds. One call a round in the normal case. At most four calls are under way at a time over
all processes and machines, and one account has one round at a time.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore, Event, Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from app.deadline import Deadline
from app.history.build import add_plays, rebuild
from app.login import Consent, SyncLogin
from app.music import RecentPlay
from app.services import Service, Services
from app.sessions import Sessions
from app.spotify.client import PlayerClient
from app.spotify.errors import (
    InsufficientScope,
    LoginEnded,
    OwnerNeedsPremium,
    RateLimited,
    SpotifyError,
    UserNotRegistered,
)
from app.store.accounts import lock_account
from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.history import mark_as_stale
from app.store.locks import give_back, prolong, take
from app.store.receipts import files_that_count
from app.store.sync import (
    CLAIM_SECONDS,
    ENDED,
    LivePlay,
    Sync,
    add_live_plays,
    claim,
    cursor_of,
    due_accounts,
    is_on,
    next_due,
    note_round,
    sync_of,
)
from app.sync_trouble import (
    LOGIN_ENDED,
    NOT_REGISTERED,
    OWNER_PREMIUM,
    QUOTA,
    RATE_LIMITED,
    SCOPE,
    UNREACHABLE,
)
from app.tokens import SyncTokens

log = logging.getLogger(__name__)

AT_ONCE = 4
ROUND_SECONDS = 8.0  # for the token and the call: whoever is slow must not hold up the others
SPACING = 0.1  # seconds at most between the beginnings of two rounds, when many are due
LONGEST_SLEEP = 30.0  # seconds until the next look at what is due
SOONER, LATER = 25 / 60, 3.0  # of the interval: after a full page, and after several empty ones
EMPTY_ROUNDS = 3
MOST_BACKING_OFF = 6.0  # intervals
_ENDING: dict[type[SpotifyError], str] = {
    LoginEnded: LOGIN_ENDED,
    UserNotRegistered: NOT_REGISTERED,
    OwnerNeedsPremium: OWNER_PREMIUM,
    InsufficientScope: SCOPE,
}


@dataclass(frozen=True)
class Round:
    """How one account's round went. `added`: new plays. `trouble`: what went wrong, by its code."""

    account_id: int
    added: int = 0
    trouble: str | None = None
    until: float | None = None


class Syncer:
    """Does rounds. `interval`: seconds between two of an account; `daily_calls`: from which on it waits.

    `rebuild` is called when a history is marked as stale, for a worker to build it again.
    """

    def __init__(
        self,
        store: Store,
        services: Services,
        sessions: Sessions,
        tokens: SyncTokens,
        interval: float,
        daily_calls: int,
        rebuild: Callable[[], object],
    ) -> None:
        self.store = store
        self.interval = interval
        self._services = services
        self._sessions = sessions
        self._tokens = tokens
        self._daily_calls = daily_calls
        self._rebuild = rebuild
        self._lock = Lock()
        self._under_way = 0  # rounds, whose calls may not be counted yet

    @property
    def longest(self) -> float:
        """More seconds than there can be until an account's next round."""
        return self.interval * MOST_BACKING_OFF * 1.2 + 2 * 86400.0

    def waits_until(self, service: str) -> float | None:
        """When the background may ask a service again whose calls for today are used up; `None` for now."""
        until = quota_gate(self.store, service).until()
        if until is None and self._services.calls_today(service) + self._under_way >= self._daily_calls:
            until = next_midnight()
        return until

    def round(self, account_id: int, only_due: bool = False) -> Round | None:
        """Asks for one account's plays; `None` where it is off, has ended, or another worker is at it.

        `only_due`: and where it is not due any more.
        """
        if not claim(self.store, account_id, self.longest if only_due else None):
            return None
        row = sync_of(self.store, account_id)
        if row is None:
            return None
        service = self._services.get(row.service)
        if service is None:
            log.warning("live plays of account %d: this site has no %s any more", account_id, row.service)
            return self._failed(row, UNREACHABLE, None)
        with self._lock:
            until = self.waits_until(row.service)
            self._under_way += until is None
        if until is not None:
            return self._failed(row, QUOTA, until)
        try:
            return self._ask(row, service)
        except SQLAlchemyError:
            raise  # nothing can be noted either; the claim runs out
        except tuple(_ENDING) as error:
            return self._ended(row, error)
        except RateLimited as error:
            log.warning("live plays of account %d: %s", account_id, error.in_a_line())
            return self._failed(row, QUOTA if error.quota else RATE_LIMITED, error.until)
        except SpotifyError as error:
            log.warning("live plays of account %d: %s", account_id, error.in_a_line())
            return self._failed(row, UNREACHABLE, None)
        except Exception:
            log.exception("live plays of account %d", account_id)
            return self._failed(row, UNREACHABLE, None)
        finally:
            with self._lock:
                self._under_way -= 1

    def _ask(self, row: Sync, service: Service) -> Round:
        deadline = Deadline(ROUND_SECONDS)
        client = PlayerClient(service.background_api, self._login(row, service), deadline)
        cursor = cursor_of(self.store, row.account_id)
        answer, full = client.recently_played(cursor)
        found = [live_play(play) for play in answer]
        with self.store.writing() as connection:
            # Deleted, moved or switched off meanwhile: nobody wants these plays any more.
            if not (lock_account(connection, row.account_id) and is_on(connection, row.account_id)):
                return Round(row.account_id)
            new = add_live_plays(connection, row.account_id, found, cursor, full)
            all_new = full and len(new) == len({(play.played_at, play.key) for play in found})
            empty = 0 if new else row.empty_rounds + 1
            note_round(
                connection,
                row,
                added=len(new),
                last_at=time.time(),
                trouble=None,
                failed_rounds=0,
                empty_rounds=min(empty, 1000),
                due_at=time.time() + self._pause(empty, full=all_new and bool(new)),
            )
            mark = mark_as_stale(connection, row.account_id) if new else None
        if new and not (mark and add_plays(self.store, row.account_id, new, mark)):
            if files_that_count(self.store, row.account_id):
                self._rebuild()
            else:
                rebuild(self.store, row.account_id)  # a few live plays: at once
        return Round(row.account_id, len(new))

    def _login(self, row: Sync, service: Service) -> SyncLogin:
        values = self._tokens.read(row.account_id)
        if values is None:
            raise LoginEnded("sync", "the token cannot be read")
        consent = Consent(self._sessions, self._tokens, row.account_id, row.authorized_at)
        return SyncLogin(self.store, service.oauth, self._tokens, values, consent)

    def _pause(self, empty_rounds: int, full: bool) -> float:
        factor = SOONER if full else 1.0
        if empty_rounds >= EMPTY_ROUNDS:
            factor = min(empty_rounds - 1.0, LATER)
        return self.interval * factor * (0.9 + 0.2 * random.random())  # noqa: S311 - jitter, not a secret

    def _ended(self, row: Sync, error: SpotifyError) -> Round:
        trouble = next(code for kind, code in _ENDING.items() if isinstance(error, kind))
        log.warning("live plays of account %d have ended: %s", row.account_id, error.in_a_line())
        with self.store.writing() as connection:
            note_round(connection, row, state=ENDED, trouble=trouble)
        return Round(row.account_id, trouble=trouble)

    def _failed(self, row: Sync, trouble: str, until: float | None) -> Round:
        failed = row.failed_rounds + 1 if trouble == UNREACHABLE else 0
        backing_off = min(2.0 ** max(failed - 1, 0), MOST_BACKING_OFF)
        due_at = time.time() + backing_off * self._pause(0, full=False)
        if until is not None:
            # Not all at once then. A day's quota is looked at before: its limit may have been raised.
            then = until + 0.1 * random.random() * self.interval  # noqa: S311 - jitter
            due_at = min(then, due_at) if trouble == QUOTA else then
        with self.store.writing() as connection:
            note_round(connection, row, trouble=trouble, failed_rounds=failed, due_at=due_at)
        return Round(row.account_id, trouble=trouble, until=until)


class Slots:
    """The four places for rounds that are under way, over all processes and machines."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self) -> tuple[str, str] | None:
        """A place, by its name and holder; `None` while all are taken."""
        for number in random.sample(range(AT_ONCE), AT_ONCE):
            name = f"sync-slot:{number}"
            if holder := take(self._store, name, CLAIM_SECONDS):
                return name, holder
        return None

    def keep(self, slot: tuple[str, str]) -> bool:
        """Keeps a place for another round. False when it was lost."""
        return prolong(self._store, *slot, CLAIM_SECONDS)

    def give_back(self, slot: tuple[str, str]) -> None:
        """Lets somebody else have it."""
        give_back(self._store, *slot)


def sync_now(syncer: Syncer, account_ids: Iterable[int], done: Callable[[Round], None]) -> None:
    """One round for each of these accounts, whether due or not; tells of each as it is done."""
    left, slots = list(account_ids)[::-1], Slots(syncer.store)

    def work() -> None:
        while left:
            slot = slots.take()
            if slot is None:
                time.sleep(0.1)  # the others give theirs back after each round
                continue
            try:
                while slots.keep(slot):
                    try:
                        account_id = left.pop()
                    except IndexError:
                        break
                    if (result := syncer.round(account_id)) is not None:
                        done(result)
            finally:
                slots.give_back(slot)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync") as pool:
        for finished in [pool.submit(work) for _ in range(AT_ONCE)]:
            finished.result()


class Scheduler:
    """The thread of a worker process that begins a round for every account that is due."""

    def __init__(self, syncer: Syncer) -> None:
        self._syncer = syncer
        self._slots = Slots(syncer.store)
        self._free = BoundedSemaphore(AT_ONCE)
        self._wake = Event()
        self._closing = Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync")
        self._thread = Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def wake(self) -> None:
        """Looks at once: something may be due that was not."""
        self._wake.set()

    def close(self) -> None:
        """Begins nothing any more. A round under way is not waited for: it leaves nothing half done."""
        self._closing.set()
        self._wake.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._closing.is_set():
            pause = LONGEST_SLEEP
            try:
                pause = self._begin_what_is_due()
            except SQLAlchemyError as error:
                log.warning("what is due could not be looked at: %s", type(error).__name__)
            self._wake.wait(pause)
            self._wake.clear()

    def _begin_what_is_due(self) -> float:
        """Seconds until the next look."""
        syncer = self._syncer
        due = due_accounts(syncer.store, syncer.longest)
        spacing = min(SPACING, syncer.interval / 2 / max(len(due), 1))
        for account_id in due:
            self._free.acquire()
            slot = None if self._closing.is_set() else self._slots.take()
            if slot is None:
                self._free.release()
                return 0.2  # all places are taken by other machines
            self._pool.submit(self._do, account_id, slot)
            if self._closing.wait(spacing):
                break
        if due:
            return 0.0 if len(due) > 1 else 0.2
        following = next_due(syncer.store)
        return LONGEST_SLEEP if following is None else min(max(following - time.time(), 0.05), LONGEST_SLEEP)

    def _do(self, account_id: int, slot: tuple[str, str]) -> None:
        try:
            self._syncer.round(account_id, only_due=True)
        except SQLAlchemyError as error:
            log.warning("a round of live plays was not kept: %s", type(error).__name__)
        except Exception:
            log.exception("a round of live plays broke off")
        finally:
            self._free.release()
            with suppress(SQLAlchemyError):
                self._slots.give_back(slot)
            self._wake.set()


def live_play(play: RecentPlay) -> LivePlay:
    """A play as it is kept: by the track's first artist."""
    track = play.track
    artist = next((artist.name for artist in track.artists), None) or None
    album = track.album.name or None if track.album else None
    uri = f"spotify:track:{track.id}" if track.id else None
    names = f"{(artist or '').casefold()}\x1f{(track.name or '').casefold()}"
    return LivePlay(
        played_at=play.played_at,
        key=(uri or names)[:250],
        uri=uri,
        artist=artist,
        title=track.name or None,
        album=album,
        duration_ms=track.duration_ms,
    )


def quota_gate(store: Store, service: str) -> Cooldown:
    """What tells the background of all processes that a service's quota is used up."""
    return Cooldown(store, f"{service}:background")


def next_midnight() -> float:
    """When the day ends by which calls are counted (UTC)."""
    today = datetime.fromtimestamp(time.time(), UTC).date()
    return datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC).timestamp()
