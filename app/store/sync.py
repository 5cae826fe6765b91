"""Live plays as the database knows them: whose are asked for, what came, what may be missing.

Times are Unix seconds, but `played_at` and the ends of gaps, which are Unix milliseconds.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock, Timer
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.store.accounts import lock_account
from app.store.engine import Store, upsert
from app.store.locks import SKEW
from app.store.tables import account, call_count, live_play, sync, sync_gap

log = logging.getLogger(__name__)
ON, ENDED = "on", "ended"
COUNT_SECONDS = 1.0  # until counted calls are in the database
CLAIM_SECONDS = 25.0  # longer than any round, so that a dead worker's account is asked within a minute
_KEPT_DAYS = 40  # of counted calls


@dataclass(frozen=True)
class Sync:
    """Live plays of one account, as its row says. `authorized_at`: when the person gave their consent."""

    account_id: int
    service: str
    encrypted: bytes
    authorized_at: float
    begun_at: float
    state: str
    trouble: str | None
    due_at: float
    last_at: float | None
    plays_added: int
    empty_rounds: int
    failed_rounds: int


@dataclass(frozen=True)
class LivePlay:
    """A play that Spotify told of. `uri`: the track's address, `None` for a local file."""

    played_at: int
    key: str
    uri: str | None
    artist: str | None
    title: str | None
    album: str | None
    duration_ms: int | None


_COLUMNS = (
    *(sync.c[name] for name in ("account_id", "authorized_at", "begun_at", "state", "trouble")),
    *(sync.c[name] for name in ("due_at", "last_at", "plays_added", "empty_rounds", "failed_rounds")),
    sync.c.encrypted.label("encrypted"),
    account.c.service,
)


def sync_of(store: Store, account_id: int) -> Sync | None:
    """The account's; `None` where it is off."""
    found = _syncs(store, sync.c.account_id == account_id)
    return found[0] if found else None


def all_syncs(store: Store) -> list[Sync]:
    """Every account's for which it is on or has ended."""
    return _syncs(store)


def switch_on(store: Store, account_id: int, encrypted: bytes, authorized_at: float, due_at: float) -> bool:
    """Begins, or goes on with another token. False when the account is gone."""
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return False
        row = {
            "account_id": account_id,
            "encrypted": encrypted,
            "authorized_at": authorized_at,
            "due_at": due_at,
        }
        row |= {"state": ON, "trouble": None, "failed_rounds": 0, "empty_rounds": 0}
        known = connection.scalar(select(sync.c.account_id).where(sync.c.account_id == account_id))
        if known is None:
            connection.execute(sync.insert().values(**row, begun_at=time.time()))
        else:
            connection.execute(update(sync).where(sync.c.account_id == account_id).values(**row))
    return True


def switch_off(store: Store, account_id: int) -> None:
    """Forgets the token. The plays stay."""
    with store.writing() as connection:
        connection.execute(delete(sync).where(sync.c.account_id == account_id))


def replace_token(store: Store, account_id: int, encrypted: bytes, authorized_at: float) -> bool:
    """Keeps a renewed token of the same consent; whether it is still wanted."""
    criteria = (sync.c.account_id == account_id) & (sync.c.authorized_at == authorized_at)
    with store.writing() as connection:
        change = update(sync).where(criteria).values(encrypted=encrypted)
        return connection.scalar(change.returning(sync.c.account_id)) is not None


def due_accounts(store: Store, longest: float, limit: int = 200) -> list[int]:
    """Accounts to be asked now, the most overdue first.

    One that is due in more than `longest` seconds was given its time while the clock was ahead.
    """
    now = time.time()
    query = select(sync.c.account_id).where(sync.c.state == ON, _is_due(now, longest), _is_free(now))
    with store.reading() as connection:
        return list(connection.scalars(query.order_by(sync.c.due_at).limit(limit)))


def next_due(store: Store) -> float | None:
    """When the next account is to be asked; `None` where it is on for nobody."""
    free_at = case((sync.c.due_at > sync.c.claimed_until, sync.c.due_at), else_=sync.c.claimed_until)
    with store.reading() as connection:
        due_at: float | None = connection.scalar(select(func.min(free_at)).where(sync.c.state == ON))
        return due_at


def claim(store: Store, account_id: int, longest: float | None = None) -> bool:
    """Takes an account for one round: of several workers one gets it.

    With `longest` only where it is due, as with `due_accounts`: another worker may have just asked.
    """
    now = time.time()
    criteria = (sync.c.account_id == account_id) & (sync.c.state == ON) & _is_free(now)
    if longest is not None:
        criteria &= _is_due(now, longest)
    change = update(sync).where(criteria).values(claimed_until=now + CLAIM_SECONDS)
    with store.writing() as connection:
        return connection.scalar(change.returning(sync.c.account_id)) is not None


def _is_due(now: float, longest: float) -> ColumnElement[bool]:
    return (sync.c.due_at <= now) | (sync.c.due_at > now + longest)


def _is_free(now: float) -> ColumnElement[bool]:
    # A claim that lasts too long was made while the clock was ahead.
    return (sync.c.claimed_until <= now) | (sync.c.claimed_until > now + CLAIM_SECONDS + SKEW)


def cursor_of(store: Store, account_id: int) -> int | None:
    """When the newest live play was played."""
    query = select(func.max(live_play.c.played_at)).where(live_play.c.account_id == account_id)
    with store.reading() as connection:
        newest: int | None = connection.scalar(query)
        return newest


def add_live_plays(
    connection: Connection, account_id: int, plays: Sequence[LivePlay], cursor: int | None, full_page: bool
) -> list[LivePlay]:
    """Keeps the plays that are not known yet, and a gap where plays before them may be missing; the new ones.

    `cursor`: the newest play before. `full_page`: the answer held as many plays as Spotify remembers.
    """
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    new, known = [], {(play.played_at, play.key) for play in plays}
    for play in sorted(plays, key=lambda play: (play.played_at, play.key)):
        row = {"account_id": account_id} | {name: getattr(play, name) for name in play.__dataclass_fields__}
        added = module.insert(live_play).values(**row).on_conflict_do_nothing()
        if connection.scalar(added.returning(live_play.c.played_at)) is not None:
            new.append(play)
    oldest = min((play.played_at for play in plays), default=0)
    if full_page and cursor is not None and len(new) == len(known) and oldest > cursor:
        gap = {"account_id": account_id, "begins_at": cursor, "ends_at": oldest}
        upsert(connection, sync_gap, [gap])
    return new


def is_on(connection: Connection, account_id: int) -> bool:
    """Whether an account's plays are still wanted."""
    return connection.scalar(select(sync.c.account_id).where(sync.c.account_id == account_id)) is not None


def note_round(connection: Connection, row: Sync, added: int = 0, **values: Any) -> None:
    """Notes how a round went, and ends its claim.

    Nothing where it was switched off meanwhile, or another consent has taken the place of the round's.
    """
    criteria = (sync.c.account_id == row.account_id) & (sync.c.authorized_at == row.authorized_at)
    values |= {"claimed_until": 0, "plays_added": sync.c.plays_added + added}
    connection.execute(update(sync).where(criteria).values(**values))


def live_plays(store: Store, account_id: int) -> list[LivePlay]:
    """All of an account's, in order."""
    columns = [live_play.c[name] for name in LivePlay.__dataclass_fields__]
    query = select(*columns).where(live_play.c.account_id == account_id)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(live_play.c.played_at, live_play.c.key))
        return [LivePlay(*row) for row in rows]


def gaps_of(store: Store, account_id: int) -> list[tuple[int, int]]:
    """Where plays may be missing, as Unix milliseconds from and to, in order."""
    query = select(sync_gap.c.begins_at, sync_gap.c.ends_at).where(sync_gap.c.account_id == account_id)
    with store.reading() as connection:
        return [(row[0], row[1]) for row in connection.execute(query.order_by(sync_gap.c.begins_at))]


class CallCounter:
    """Counts the calls of one service by this process, and adds them to the database now and then.

    Not call by call: pages would wait for the database's lock. What a process that is killed had counted in
    its last second is lost.
    """

    def __init__(self, store: Store, service: str) -> None:
        self._store = store
        self._service = service
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, endpoint: str) -> None:
        """Counts one call."""
        with self._lock:
            is_first = not self._counts
            self._counts[endpoint[:100]] += 1
        if is_first:
            timer = Timer(COUNT_SECONDS, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        """Adds what was counted to the day (UTC), in the database."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            self._write(counts)
        except SQLAlchemyError as error:
            log.warning("%d calls were not counted: %s", counts.total(), type(error).__name__)

    def _write(self, counts: Counter[str]) -> None:
        if not counts:
            return
        day = _today()
        with self._store.writing() as connection:
            module = sqlite if connection.dialect.name == "sqlite" else postgresql
            for endpoint, calls in sorted(counts.items()):
                row = {"service": self._service, "day": day, "endpoint": endpoint, "calls": calls}
                added = module.insert(call_count).values(**row)
                connection.execute(
                    added.on_conflict_do_update(
                        index_elements=["service", "day", "endpoint"],
                        set_={"calls": call_count.c.calls + calls},
                    )
                )


def calls_today(store: Store, service: str) -> int:
    """How often a service was asked today (UTC), by whomever."""
    query = select(func.sum(call_count.c.calls)).where(
        call_count.c.service == service, call_count.c.day == _today()
    )
    with store.reading() as connection:
        return connection.scalar(query) or 0


def forget_old_counts(store: Store) -> None:
    """Deletes what was counted long ago."""
    oldest = datetime.fromtimestamp(time.time() - _KEPT_DAYS * 86400, UTC).date().isoformat()
    with store.writing() as connection:
        connection.execute(delete(call_count).where(call_count.c.day < oldest))


def _today() -> str:
    return datetime.fromtimestamp(time.time(), UTC).date().isoformat()


def _syncs(store: Store, *which: ColumnElement[bool]) -> list[Sync]:
    query = select(*_COLUMNS).join(account, account.c.id == sync.c.account_id).where(*which)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(sync.c.account_id)).mappings().all()
    return [Sync(**row) for row in rows]
