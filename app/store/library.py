"""Readings of an account's saved tracks: how far one has come, its pages, its end.

A reading is numbered. The latest that was finished is shown until the next one is. Times are Unix seconds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.store.engine import Store, insert_missing, optional_write, upsert
from app.store.tables import library, library_page, saved_track, session

RUNNING, PAUSED, DONE = "running", "paused", "done"
CANCELLED = "cancelled"  # a `trouble` of the listener's own making
LOOKED_AT_EVERY = 86400.0


@dataclass(frozen=True)
class LibrarySync:
    """How far the saved tracks are read: the reading under way, or the latest.

    `loaded` of `total` entries are kept; 0 while nobody knows.

    `trouble` says why it paused: the error's class name, or CANCELLED, which stays beside an older reading
    that is shown again. `resume_at`: when it may go on. `begun_at` is that of the latest, cancelled or not.
    """

    account_id: int
    number: int
    shown: int | None
    state: str
    loaded: int
    total: int
    resume_at: float | None
    trouble: str | None
    begun_at: float
    read_at: float | None

    @property
    def to_show(self) -> int:
        """The number of the reading whose tracks are shown: a finished one, or else what there is."""
        return self.number if self.shown is None else self.shown


def find_reading(store: Store, account_id: int) -> LibrarySync | None:
    """The account's reading; `None` when its library was never read. Notes that somebody looked."""
    with store.reading() as connection:
        row = connection.execute(select(library).where(library.c.account_id == account_id)).one_or_none()
        if row is None:
            return None
        loaded = connection.scalar(
            select(func.coalesce(func.sum(library_page.c.entries), 0)).where(
                library_page.c.account_id == account_id, library_page.c.reading == row.reading
            )
        )
    if row.looked_at < time.time() - LOOKED_AT_EVERY:
        with optional_write():
            _change(store, account_id, looked_at=time.time())
    return LibrarySync(
        account_id=account_id,
        number=row.reading,
        shown=row.shown,
        state=row.state,
        loaded=int(loaded or 0),
        total=row.total or 0,
        resume_at=row.resume_at,
        trouble=row.trouble,
        begun_at=row.begun_at,
        read_at=row.read_at,
    )


def unfinished_readings(store: Store) -> list[tuple[int, str]]:
    """The accounts with a reading that runs, each with the hash of the id of its latest session."""
    query = (
        select(library.c.account_id, session.c.id_hash)
        .join(session, session.c.account_id == library.c.account_id)
        .where(library.c.state == RUNNING, session.c.expires_at > time.time())
        .order_by(session.c.created_at)
    )
    with store.reading() as connection:
        return list({row.account_id: row.id_hash for row in connection.execute(query)}.items())


def begin_reading(store: Store, account_id: int) -> int:
    """Begins a new reading; its number. What is shown stays. Raises IntegrityError for a deleted account."""
    with store.writing() as connection:
        number = (_locked(connection, account_id) or 0) + 1
        shown = connection.scalar(select(library.c.shown).where(library.c.account_id == account_id))
        _forget_all_but(connection, account_id, {shown})
        values = {
            "account_id": account_id,
            "reading": number,
            "shown": shown,
            "state": RUNNING,
            "total": None,
            "resume_at": None,
            "trouble": None,
            "begun_at": time.time(),
            "looked_at": time.time(),
        }
        upsert(connection, library, [values])
    return number


def resume_reading(store: Store, account_id: int) -> None:
    """A paused reading runs again."""
    _change(store, account_id, state=RUNNING, resume_at=None, trouble=None)


def uncancel_reading(store: Store, account_id: int) -> None:
    """A reading that was cancelled before it was done runs again."""
    with store.writing() as connection:
        criteria = (library.c.account_id == account_id) & (library.c.state == PAUSED)
        cancelled = criteria & (library.c.trouble == CANCELLED)
        connection.execute(update(library).where(cancelled).values(state=RUNNING, trouble=None))


def pages_kept(store: Store, account_id: int, number: int) -> set[int]:
    """Where the pages begin that this reading has."""
    with store.reading() as connection:
        return set(
            connection.scalars(
                select(library_page.c.first).where(
                    library_page.c.account_id == account_id, library_page.c.reading == number
                )
            )
        )


def keep_page(
    store: Store,
    account_id: int,
    number: int,
    first: int,
    entries: int,
    total: int,
    rows: Sequence[dict[str, Any]],
) -> bool:
    """Keeps a page's tracks, each once. False when this reading is not the one that runs: stop."""
    ours = {"account_id": account_id, "reading": number}
    try:
        with store.writing() as connection:
            state = select(library.c.state).where(
                library.c.account_id == account_id, library.c.reading == number
            )
            if connection.scalar(state) != RUNNING:
                return False
            insert_missing(connection, library_page, [ours | {"first": first, "entries": entries}])
            insert_missing(connection, saved_track, [ours | row for row in rows])
            # The first total stays, unless it is disproved: a later one tells of a library that has changed.
            disproved = library.c.total.is_(None) | (library.c.total < first + entries)
            criteria = library.c.account_id == account_id
            connection.execute(update(library).where(criteria & disproved).values(total=total))
            return True
    except IntegrityError:
        return False  # the account was deleted meanwhile


def pause_reading(store: Store, account_id: int, number: int, trouble: str, resume_at: float | None) -> None:
    """Stops a running reading for now; what it has is kept."""
    with store.writing() as connection:
        connection.execute(
            update(library)
            .where(
                library.c.account_id == account_id, library.c.reading == number, library.c.state == RUNNING
            )
            .values(state=PAUSED, trouble=trouble, resume_at=resume_at)
        )


def finish_reading(store: Store, account_id: int, number: int) -> None:
    """From now on this reading is the one that is shown."""
    with store.writing() as connection:
        if _locked(connection, account_id) != number:
            return
        connection.execute(
            update(library)
            .where(library.c.account_id == account_id)
            .values(state=DONE, shown=number, read_at=time.time(), resume_at=None, trouble=None)
        )
        _forget_all_but(connection, account_id, {number})


def cancel_reading(store: Store, account_id: int) -> None:
    """Stops the reading by the listener's wish: the finished one stays shown, or else what came."""
    with store.writing() as connection:
        _locked(connection, account_id)
        row = connection.execute(select(library).where(library.c.account_id == account_id)).one_or_none()
        if row is None or row.state == DONE:
            return
        back = {"state": DONE, "reading": row.shown} if row.shown else {"state": PAUSED}
        connection.execute(
            update(library)
            .where(library.c.account_id == account_id)
            .values(**back, resume_at=None, trouble=CANCELLED)
        )
        if row.shown:
            _forget_all_but(connection, account_id, {row.shown})


def add_saved(store: Store, account_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Tracks that were saved just now join the finished reading."""
    with store.writing() as connection:
        _locked(connection, account_id)
        row = connection.execute(select(library).where(library.c.account_id == account_id)).one_or_none()
        if row is None or row.shown is None:
            return
        ours = {"account_id": account_id, "reading": row.shown}
        criteria = (saved_track.c.account_id == account_id) & (saved_track.c.reading == row.shown)
        counted = select(func.count()).where(criteria)
        before = connection.scalar(counted) or 0
        insert_missing(connection, saved_track, [ours | row_of_track for row_of_track in rows])
        added = (connection.scalar(counted) or 0) - before
        # They count as entries of the first page, where Spotify has them too.
        first = (
            (library_page.c.account_id == account_id)
            & (library_page.c.reading == row.shown)
            & (library_page.c.first == 0)
        )
        entries = library_page.c.entries + added
        connection.execute(update(library_page).where(first).values(entries=entries))
        if row.reading == row.shown and row.total is not None:
            total = {"total": row.total + added}
            connection.execute(update(library).where(library.c.account_id == account_id).values(**total))


def _locked(connection: Connection, account_id: int) -> int | None:
    """The number of the account's reading; nobody else changes it until this transaction is over."""
    query = select(library.c.reading).where(library.c.account_id == account_id)
    number: int | None = connection.scalar(query.with_for_update())
    return number


def _forget_all_but(connection: Connection, account_id: int, kept: set[int | None]) -> None:
    for table in (saved_track, library_page):
        criteria = table.c.account_id == account_id
        connection.execute(
            delete(table).where(criteria, table.c.reading.not_in([reading or 0 for reading in kept]))
        )


def _change(store: Store, account_id: int, **values: Any) -> None:
    with store.writing() as connection:
        connection.execute(update(library).where(library.c.account_id == account_id).values(**values))
