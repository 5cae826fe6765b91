"""Imports with their uploads, files and receipts, and what follows from them. Times are Unix seconds."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, or_, select, update

from app.store.accounts import LOCAL, lock_account
from app.store.engine import Store, insert_missing, upsert
from app.store.tables import (
    account,
    cover_fetch,
    history_file,
    history_import,
    history_part,
    history_upload,
    listening,
)

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
_KINDS = ("music", "podcasts", "audiobooks")
ROWS = ("read", "kept", "duplicate", "unreadable", "ignored")
DEFAULT_THRESHOLD = 30  # seconds
MARK_BYTES = 8
MANIFEST = "ledger"  # the name of the part that says which others make up the history
STALE = "stale"  # the name of a part: the others must be made anew; its body tells one such mark from another
_F = history_file.c
_P = history_part.c


@dataclass(frozen=True)
class Import:
    """An import. `note`: what went wrong with it as a whole. `deaths`: workers that died while it ran."""

    id: int
    account_id: int
    state: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    note: str | None
    deaths: int


@dataclass(frozen=True)
class UploadRow:
    """A file that was uploaded: its name on disk, what it was called, whether it is read to its end."""

    id: int
    stored_as: str
    name: str
    read: bool


@dataclass(frozen=True)
class FileRow:
    """The receipt of one JSON file. `rows`: by ROWS. `replaced`: live plays that its rows stand for.

    `oddities`: the first that were not kept, and how many rows there are of each year, as JSON.
    """

    id: int
    upload_id: int
    place: int
    name: str
    state: str
    note: str | None
    rows: Mapping[str, int]
    music: int
    podcasts: int
    audiobooks: int
    first_at: float | None
    last_at: float | None
    replaced: int
    oddities: bytes


@dataclass(frozen=True)
class Receipt:
    """What became of a file's readable rows, and how many live plays they replace."""

    kept: int
    duplicate: int
    replaced: int = 0


class Changed(Exception):
    """Somebody else has written another version of the history meanwhile."""


class QueueFull(Exception):
    """As many of the account's imports are queued as may be; the message is a sentence for the reader."""


def add_import(
    store: Store,
    account_id: int,
    uploads: Sequence[tuple[str, str]],
    before: Callable[[Connection], object] = lambda _connection: None,
) -> int:
    """Queues an import of uploads, each as its name on disk and what it was called; the import's number.

    `before` is done in the same transaction, first. Raises QueueFull, and IntegrityError for an account that
    is gone.
    """
    with store.writing() as connection:
        before(connection)
        lock_account(connection, account_id)
        _refuse_if_full(connection, account_id)
        number: int = connection.execute(
            insert(history_import)
            .values(account_id=account_id, state=QUEUED, created_at=time.time())
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
    mine = (history_import.c.account_id == account_id) & history_import.c.state.in_(UNDER_WAY)
    waiting = connection.scalar(select(func.count()).select_from(history_import).where(mine)) or 0
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


def stale_mark(store: Store, account_id: int) -> bytes | None:
    """The mark that the account's history must be made anew; `None` where it is as its files say."""
    return part(store, account_id, STALE).get(STALE)


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


@dataclass(frozen=True)
class FileSums:
    """What the receipts of an import's files add up to. `rows`: by ROWS. `notes`: files that have a note."""

    files: int
    queued: int
    not_done: int
    notes: int
    rows: Mapping[str, int]
    kinds: Mapping[str, int]
    replaced: int
    first_at: float | None
    last_at: float | None


def file_sums(store: Store, import_id: int) -> FileSums:
    """The sums over all files of an import."""
    query = select(
        func.count(),
        func.sum(case((_F.state == QUEUED, 1), else_=0)),
        func.sum(case((_F.state == DONE, 0), else_=1)),
        func.count(_F.note),
        func.min(_F.first_at),
        func.max(_F.last_at),
        *(func.sum(_F[name]) for name in (*ROWS, *_KINDS, "replaced")),
    ).where(_F.import_id == import_id)
    with store.reading() as connection:
        files, queued, not_done, notes, first_at, last_at, *sums = connection.execute(query).one()
    names = (*ROWS, *_KINDS, "replaced")
    named = {name: int(value or 0) for name, value in zip(names, sums, strict=True)}
    return FileSums(
        files=files,
        queued=int(queued or 0),
        not_done=int(not_done or 0),
        notes=notes,
        rows={name: named[name] for name in ROWS},
        kinds={name: named[name] for name in _KINDS},
        replaced=named["replaced"],
        first_at=first_at,
        last_at=last_at,
    )


def oddities_of(store: Store, import_id: int) -> Iterator[bytes]:
    """What was not kept of an import's files, as JSON; only of files of which something was not."""
    query = select(_F.oddities).where(_F.import_id == import_id, _F.unreadable + _F.ignored > 0)
    with store.reading() as connection:
        yield from connection.scalars(query)


def read_files_of(store: Store, import_id: int) -> Iterator[bytes]:
    """What the receipts of those of an import's files that are read hold beside their sums, as JSON."""
    query = select(_F.oddities).where(_F.import_id == import_id, _F.state == DONE)
    with store.reading() as connection:
        yield from connection.scalars(query)


def next_file(store: Store, import_id: int) -> FileRow | None:
    """The file of an import that is read next."""
    return next(iter(files_of(store, import_id, most=1, only=_F.state == QUEUED)), None)


def files_with_notes(store: Store, import_id: int, most: int) -> list[FileRow]:
    """The first files of an import that could not be read."""
    return files_of(store, import_id, most=most, only=_F.note.is_not(None))


def files_of(
    store: Store,
    import_id: int,
    first: int = 0,
    most: int | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[FileRow]:
    """The receipts of an import's files, in their order: so many from `first` on, `only` some of them."""
    columns = [_F[name] for name in ("id", "upload_id", "place", "name", "state", "note")]
    columns += [_F[name] for name in ROWS]
    columns += [_F[name] for name in (*_KINDS, "first_at", "last_at", "replaced", "oddities")]
    query = select(*columns).where(_F.import_id == import_id).order_by(_F.upload_id, _F.place)
    query = query.offset(first).limit(most)
    if only is not None:
        query = query.where(only)
    with store.reading() as connection:
        return [_file(row) for row in connection.execute(query)]


def announce_files(
    store: Store, the: Import, upload_id: int, names: Sequence[tuple[int, str]]
) -> set[int] | None:
    """Notes the files of an upload, each as its place and name; which of them are not read yet.

    `None` when the import is over or has moved to another account: stop.
    """
    with store.writing() as connection:
        if not _goes_on(connection, the):
            return None
        mine = (_F.import_id == the.id) & (_F.upload_id == upload_id)
        known = {row.place: row.state for row in connection.execute(select(_F.place, _F.state).where(mine))}
        fresh = [_blank(the, upload_id, place, name) for place, name in names if place not in known]
        if fresh:
            connection.execute(insert(history_file), fresh)
    return {place for place, _ in names if known.get(place, QUEUED) == QUEUED}


def keep_file(store: Store, the: Import, upload_id: int, place: int, **receipt: Any) -> bool:
    """Keeps a file's receipt and rows, as a whole. False as with `announce_files`."""
    with store.writing() as connection:
        if not _goes_on(connection, the):
            return False
        at = (_F.import_id == the.id) & (_F.upload_id == upload_id) & (_F.place == place)
        connection.execute(update(history_file).where(at).values(**receipt))
    return True


def note_failed_upload(store: Store, the: Import, upload_id: int, name: str, note: str) -> bool:
    """An upload that could not be opened, as a receipt of its own. False as with `announce_files`."""
    row = _blank(the, upload_id, 0, name) | {"state": FAILED, "note": note}
    with store.writing() as connection:
        if not _goes_on(connection, the):
            return False
        mine = (_F.import_id == the.id) & (_F.upload_id == upload_id)
        connection.execute(delete(history_file).where(mine))
        connection.execute(insert(history_file), [row])
        connection.execute(update(history_upload).where(history_upload.c.id == upload_id).values(read=True))
    return True


def _goes_on(connection: Connection, the: Import) -> bool:
    """Whether the import runs and is still the same account's; it stays so until the transaction ends."""
    if not lock_account(connection, the.account_id):
        return False
    query = select(history_import.c.state, history_import.c.account_id).where(history_import.c.id == the.id)
    row = connection.execute(query.with_for_update()).one_or_none()
    return row is not None and row.state == RUNNING and row.account_id == the.account_id


def files_that_count(store: Store, account_id: int, finished: Import | None = None) -> list[int]:
    """The numbers of the account's files whose rows make up its history: of the imports that are done, and
    of the one that is about to be.
    """
    done = history_import.c.state == DONE
    query = (
        select(_F.id)
        .join(history_import, history_import.c.id == _F.import_id)
        .where(
            _F.account_id == account_id,
            _F.state == DONE,
            _F.batch.is_not(None),
            done if finished is None else done | (history_import.c.id == finished.id),
        )
        .order_by(_F.id)
    )
    with store.reading() as connection:
        return list(connection.scalars(query))


def imports_of_files(store: Store, files: Sequence[int]) -> list[int]:
    """The numbers of the imports that files are of; 0 for one that is gone."""
    query = select(_F.id, _F.import_id).where(_F.id.in_(files))
    with store.reading() as connection:
        found = {row.id: row.import_id for row in connection.execute(query)}
    return [found.get(number, 0) for number in files]


def batch_of(store: Store, file_id: int) -> bytes | None:
    """The packed rows of a file; `None` when they were taken away."""
    with store.reading() as connection:
        body: bytes | None = connection.scalar(select(_F.batch).where(_F.id == file_id))
        return body


def keep_history(
    store: Store,
    account_id: int,
    parts: Iterable[tuple[str, bytes]],
    receipts: Mapping[int, Receipt],
    finished: Import | None,
    state: str = DONE,
    mark: bytes | None = None,
    manifest: bytes | None = None,
) -> bool:
    """Puts the parts in place of all that were there, with what became of every file's rows.

    `finished` is the import that this ends. False when that was cancelled or moved meanwhile: nothing is
    changed. `mark` is the stale mark that was there before the files were read; a later one stays.
    `manifest` is the one of that time: raises Changed where there is another now.
    """
    with store.writing() as connection:
        lock_account(connection, account_id)
        if manifest is not None and stored_manifest(connection, account_id) not in (manifest, None):
            raise Changed
        if finished is not None:
            if not _goes_on(connection, finished):
                return False
            connection.execute(
                update(history_import)
                .where(history_import.c.id == finished.id)
                .values(state=state, finished_at=time.time())
            )
        old = (_P.name != STALE) if mark is None else (_P.name != STALE) | (_P.body == mark)
        connection.execute(delete(history_part).where(_P.account_id == account_id, old))
        for name, body in parts:
            connection.execute(insert(history_part).values(account_id=account_id, name=name, body=body))
        for number, receipt in receipts.items():
            values = asdict(receipt)
            changed = or_(*(_F[name] != value for name, value in values.items()))
            connection.execute(update(history_file).where(_F.id == number, changed).values(**values))
    return True


def replace_parts(
    store: Store,
    account_id: int,
    before: bytes,
    parts: Mapping[str, bytes],
    shared: Sequence[str],
    mark: bytes,
) -> None:
    """Puts a version of the history in the place of one with which it shares parts, and takes a mark away.

    `before`: the manifest of the version before. Raises Changed where that, or the mark, is another now.
    """
    mine = _P.account_id == account_id
    with store.writing() as connection:
        if not lock_account(connection, account_id) or stored_manifest(connection, account_id) != before:
            raise Changed
        if connection.scalar(select(_P.body).where(mine, _P.name == STALE)) != mark:
            raise Changed
        connection.execute(delete(history_part).where(mine, _P.name.not_in([*shared, MANIFEST])))
        rows = [{"account_id": account_id, "name": name, "body": body} for name, body in parts.items()]
        upsert(connection, history_part, rows)


def stored_manifest(connection: Connection, account_id: int) -> bytes | None:
    """The manifest of the account's history."""
    mine = (_P.account_id == account_id) & (_P.name == MANIFEST)
    body: bytes | None = connection.scalar(select(_P.body).where(mine))
    return body


def end_import(store: Store, import_id: int, state: str, note: str | None = None) -> bool:
    """Ends an import that is under way, without its rows. False when it was over already."""
    with store.writing() as connection:
        _lock_account_of(connection, import_id)
        mine = (history_import.c.id == import_id) & history_import.c.state.in_(UNDER_WAY)
        ended = connection.scalar(
            update(history_import)
            .where(mine)
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
    connection.execute(update(history_file).where(_F.import_id == import_id).values(batch=None, **_NOTHING))


def undo_import(store: Store, account_id: int, import_id: int) -> bool:
    """Takes back the rows of an import that is done, and marks the history as stale."""
    with store.writing() as connection:
        lock_account(connection, account_id)
        mine = (
            (history_import.c.id == import_id)
            & (history_import.c.account_id == account_id)
            & (history_import.c.state == DONE)
        )
        undone = connection.scalar(
            update(history_import).where(mine).values(state=UNDONE).returning(history_import.c.id)
        )
        if undone is None:
            return False
        connection.execute(update(history_file).where(_F.import_id == import_id).values(batch=None))
        mark_as_stale(connection, account_id)
    return True


def move_history(store: Store, source: int, target: int) -> None:
    """Moves all imports from one account to another, and the history with them where there was none.

    Where there was one, it is marked as stale. A private local account ends with it, so that nothing comes in
    for it any more. Nothing moves to an account that is gone, and none of an account's own.
    """
    with store.writing() as connection:
        # In the order of their numbers: two who join accounts the other way round do not wait for each other.
        there = {number: lock_account(connection, number) for number in sorted((source, target))}
        if source == target or not all(there.values()):
            return
        one = connection.scalar(select(_P.name).where(_P.account_id == target).limit(1)) or connection.scalar(
            select(history_import.c.id).where(history_import.c.account_id == target).limit(1)
        )
        moved = False
        for table in (history_import, history_file):
            changed = update(table).where(table.c.account_id == source).values(account_id=target)
            moved = bool(connection.scalars(changed.returning(table.c.id)).all()) or moved
        # Settings go along, unless there are some.
        known = select(listening.c.account_id).where(listening.c.account_id == target)
        if connection.scalar(known) is None:
            settings = update(listening).where(listening.c.account_id == source)
            connection.execute(settings.values(account_id=target))
        # So does the consent to fetch covers; they come anew, a few at a time.
        agreed = select(cover_fetch.c.agreed_at).where(cover_fetch.c.account_id == source)
        if (agreed_at := connection.scalar(agreed)) is not None:
            row = {"account_id": target, "agreed_at": agreed_at, "due_at": time.time()}
            insert_missing(connection, cover_fetch, [row])
        if one is None:
            connection.execute(update(history_part).where(_P.account_id == source).values(account_id=target))
        elif moved:
            mark_as_stale(connection, target)
        connection.execute(delete(account).where(account.c.id == source, account.c.service == LOCAL))


def mark_as_stale(connection: Connection, account_id: int) -> bytes | None:
    """Marks the account's history as one that must be built again. The mark, where there was none before."""
    mine = (_P.account_id == account_id) & (_P.name == STALE)
    known = connection.scalar(select(_P.body).where(mine))
    mark = secrets.token_bytes(MARK_BYTES)
    upsert(connection, history_part, [{"account_id": account_id, "name": STALE, "body": mark}])
    return mark if known is None else None


def part(store: Store, account_id: int, *names: str) -> dict[str, bytes]:
    """Parts of the history, by name; missing ones are absent."""
    query = select(history_part.c.name, history_part.c.body).where(
        history_part.c.account_id == account_id, history_part.c.name.in_(names)
    )
    with store.reading() as connection:
        return {row.name: row.body for row in connection.execute(query)}


def part_names(store: Store, account_id: int, prefix: str) -> list[str]:
    """The names of the parts that begin so."""
    query = select(history_part.c.name).where(
        history_part.c.account_id == account_id, history_part.c.name.startswith(prefix, autoescape=True)
    )
    with store.reading() as connection:
        return sorted(connection.scalars(query))


def keep_part(store: Store, account_id: int, name: str, body: bytes) -> None:
    """Puts one more part beside the others."""
    with store.writing() as connection:
        upsert(connection, history_part, [{"account_id": account_id, "name": name, "body": body}])


def drop_parts(store: Store, account_id: int, names: Sequence[str]) -> None:
    """Forgets parts."""
    with store.writing() as connection:
        mine = history_part.c.account_id == account_id
        connection.execute(delete(history_part).where(mine, history_part.c.name.in_(names)))


@dataclass(frozen=True)
class Listening:
    """How a listener wants plays counted. `timezone`: `None` until they choose one."""

    timezone: str | None = None
    threshold_s: int = DEFAULT_THRESHOLD


def listening_of(store: Store, account_id: int) -> Listening:
    """The account's settings."""
    query = select(listening.c.timezone, listening.c.threshold_s).where(listening.c.account_id == account_id)
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return Listening(*row) if row else Listening()


def keep_listening(store: Store, account_id: int, settings: Listening) -> bool:
    """Changes the account's settings. False when the account is gone."""
    row = {
        "account_id": account_id,
        "timezone": settings.timezone,
        "threshold_s": settings.threshold_s,
    }
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return False
        upsert(connection, listening, [row])
    return True


def has_history(store: Store, account_id: int) -> bool:
    """Whether anything was imported, or has arrived live."""
    return history_size(store, account_id) > 0 or bool(part(store, account_id, MANIFEST))


def history_size(store: Store, account_id: int) -> int:
    """How many imports the account has."""
    query = select(func.count()).where(history_import.c.account_id == account_id)
    with store.reading() as connection:
        return connection.scalar(query) or 0


_NOTHING = dict.fromkeys((*ROWS, "music", "podcasts", "audiobooks"), 0) | {"first_at": None, "last_at": None}


def _blank(the: Import, upload_id: int, place: int, name: str) -> dict[str, Any]:
    return {
        "account_id": the.account_id,
        "import_id": the.id,
        "upload_id": upload_id,
        "place": place,
        "name": name,
        "state": QUEUED,
        "oddities": b"[]",
        **_NOTHING,
    }


def _file(row: Row[Any]) -> FileRow:
    named = row._mapping
    return FileRow(
        rows={name: named[name] for name in ROWS},
        **{name: named[name] for name in FileRow.__dataclass_fields__ if name != "rows"},
    )
