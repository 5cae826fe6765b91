"""Imports and their uploads. Times are Unix seconds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, func, insert, select, update

from app.store.accounts import lock_account
from app.store.engine import Store
from app.store.tables import account, history_correction, history_file, history_import, history_upload

QUEUED, RUNNING, DONE, FAILED, CANCELLED, UNDONE = (
    "queued",
    "running",
    "done",
    "failed",
    "cancelled",
    "undone",
)
UNDER_WAY = (QUEUED, RUNNING)
MOST_QUEUED = 10  # imports of one account that are not over
KINDS = ("music", "podcasts", "audiobooks")
ROWS = ("read", "kept", "duplicate", "unreadable", "ignored")
NO_ROWS = dict.fromkeys((*ROWS, *KINDS), 0) | {"first_at": None, "last_at": None}


@dataclass(frozen=True)
class Import:
    """An import. `note`: what went wrong with it as a whole. `deaths`: workers that died while it ran.

    `zone`: the name of the time zone of stamps that are on a clock without one. `day_first`: whether dates
    begin with the day, where they do not show it. `None` where nobody said.
    """

    id: int
    account_id: int
    state: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    note: str | None
    deaths: int
    zone: str | None
    day_first: bool | None


@dataclass(frozen=True)
class UploadRow:
    """A file that was uploaded: its name on disk, what it was called, whether it is read to its end."""

    id: int
    stored_as: str
    name: str
    read: bool


class QueueFull(Exception):
    """As many of the account's imports are queued as may be; the message is a sentence for the reader."""


def add_import(
    store: Store,
    account_id: int,
    uploads: Sequence[tuple[str, str]],
    before: Callable[[Connection], object] = lambda _connection: None,
    zone: str | None = None,
    day_first: bool | None = None,
) -> int:
    """Queues an import of uploads, each as its name on disk and what it was called; the import's number.

    `zone`, `day_first`: as in Import. `before` is done in the same transaction, first. Raises QueueFull, and
    IntegrityError for an account that is gone.
    """
    with store.writing() as connection:
        before(connection)
        lock_account(connection, account_id)
        _refuse_if_full(connection, account_id)
        number: int = connection.execute(
            insert(history_import)
            .values(
                account_id=account_id,
                state=QUEUED,
                created_at=time.time(),
                zone=zone,
                day_first=day_first,
            )
            .returning(history_import.c.id)
        ).scalar_one()
        connection.execute(
            insert(history_upload),
            [
                {"import_id": number, "stored_as": stored_as, "name": name, "read": False}
                for stored_as, name in uploads
            ],
        )
    return number


def _refuse_if_full(connection: Connection, account_id: int) -> None:
    # Locked, so that of two uploads at once the second counts the first.
    connection.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())
    criteria = (history_import.c.account_id == account_id) & history_import.c.state.in_(UNDER_WAY)
    waiting = connection.scalar(select(func.count()).select_from(history_import).where(criteria)) or 0
    if waiting >= MOST_QUEUED:
        raise QueueFull(
            f"{MOST_QUEUED} of your imports are waiting already. Nothing of this one was kept: "
            "send it again when one of them is done."
        )


def latest_import(store: Store, account_id: int) -> Import | None:
    """The import that was begun last."""
    return next(iter(imports_of(store, account_id, most=1)), None)


def imports_of(store: Store, account_id: int, most: int = 50) -> list[Import]:
    """The account's imports, newest first."""
    query = select(history_import).where(history_import.c.account_id == account_id)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(history_import.c.id.desc()).limit(most)).all()
    return [Import(**row._mapping) for row in rows]


def imports_in_turn(store: Store, account_id: int, first: int, most: int) -> list[Import]:
    """Some of the account's imports: those under way, in the order in which they are done; then the others,
    newest first.
    """
    under_way = history_import.c.state.in_(UNDER_WAY)
    query = (
        select(history_import)
        .where(history_import.c.account_id == account_id)
        .order_by(case((under_way, history_import.c.id)).asc().nulls_last(), history_import.c.id.desc())
    )
    with store.reading() as connection:
        rows = connection.execute(query.offset(first).limit(most)).all()
    return [Import(**row._mapping) for row in rows]


def find_import(store: Store, number: int) -> Import | None:
    """An import by its number."""
    query = select(history_import).where(history_import.c.id == number)
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return Import(**row._mapping) if row else None


def uploads_in_use(store: Store, account_id: int | None = None) -> list[UploadRow]:
    """What was uploaded for imports that are not over: the account's, or everybody's."""
    query = (
        select(*(history_upload.c[name] for name in ("id", "stored_as", "name", "read")))
        .join(history_import, history_import.c.id == history_upload.c.import_id)
        .where(history_import.c.state.in_(UNDER_WAY))
    )
    if account_id is not None:
        query = query.where(history_import.c.account_id == account_id)
    with store.reading() as connection:
        return [UploadRow(*row) for row in connection.execute(query)]


def uploads_of(store: Store, import_id: int) -> list[UploadRow]:
    """What was uploaded for an import, in its order."""
    columns = [history_upload.c[name] for name in ("id", "stored_as", "name", "read")]
    query = select(*columns).where(history_upload.c.import_id == import_id).order_by(history_upload.c.id)
    with store.reading() as connection:
        return [UploadRow(*row) for row in connection.execute(query)]


def upload_is_read(store: Store, upload_id: int) -> None:
    """Notes that every file of an upload has its receipt."""
    with store.writing() as connection:
        connection.execute(update(history_upload).where(history_upload.c.id == upload_id).values(read=True))


def is_running(connection: Connection, import_: Import) -> bool:
    """Whether the import runs and is still the same account's; it stays so until the transaction ends."""
    if not lock_account(connection, import_.account_id):
        return False
    query = select(history_import.c.state, history_import.c.account_id).where(
        history_import.c.id == import_.id
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    return row is not None and row.state == RUNNING and row.account_id == import_.account_id


def end_import(store: Store, import_id: int, state: str, note: str | None = None) -> bool:
    """Ends an import that is under way, without its rows. False when it was over already."""
    with store.writing() as connection:
        _lock_account_of(connection, import_id)
        criteria = (history_import.c.id == import_id) & history_import.c.state.in_(UNDER_WAY)
        ended = connection.scalar(
            update(history_import)
            .where(criteria)
            .values(state=state, note=note, finished_at=time.time())
            .returning(history_import.c.id)
        )
        if ended is None:
            return False
        _forget_rows(connection, import_id)
    return True


def _lock_account_of(connection: Connection, import_id: int) -> None:
    """Takes the row of the account that an import belongs to, which may change until it is taken."""
    belongs_to = select(history_import.c.account_id).where(history_import.c.id == import_id)
    account_id = None
    while account_id != (now := connection.scalar(belongs_to)):
        account_id = now
        if now is not None:
            lock_account(connection, now)


def fail_import(connection: Connection, import_id: int, note: str) -> None:
    """Ends an import that was done already, without its rows."""
    connection.execute(
        update(history_import).where(history_import.c.id == import_id).values(state=FAILED, note=note)
    )
    _forget_rows(connection, import_id)


def _forget_rows(connection: Connection, import_id: int) -> None:
    connection.execute(
        update(history_file).where(history_file.c.import_id == import_id).values(batch=None, **NO_ROWS)
    )
    connection.execute(delete(history_correction).where(history_correction.c.import_id == import_id))
