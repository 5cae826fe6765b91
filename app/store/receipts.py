"""The files of imports, each with its rows and its receipt. Times are Unix seconds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, delete, func, insert, select, update

from app.store.corrections import Correction, insert_corrections
from app.store.engine import Store
from app.store.imports import DONE, FAILED, KINDS, NO_ROWS, QUEUED, ROWS, Import, is_running
from app.store.tables import history_file, history_import, history_upload

_F = history_file.c


@dataclass(frozen=True)
class FileRow:
    """The receipt of one file. `rows`: by ROWS. `replaced`: live plays that its rows stand for.

    `format`: what people call its format; `None` where it was not recognised.
    `rejected`: the first that were not kept, and how many rows there are of each year, as JSON.
    """

    id: int
    upload_id: int
    place: int
    name: str
    format: str | None
    state: str
    note: str | None
    rows: Mapping[str, int]
    music: int
    podcasts: int
    audiobooks: int
    first_at: float | None
    last_at: float | None
    replaced: int
    rejected: bytes


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
        *(func.sum(_F[name]) for name in (*ROWS, *KINDS, "replaced")),
    ).where(_F.import_id == import_id)
    with store.reading() as connection:
        files, queued, not_done, notes, first_at, last_at, *sums = connection.execute(query).one()
    names = (*ROWS, *KINDS, "replaced")
    named = {name: int(value or 0) for name, value in zip(names, sums, strict=True)}
    return FileSums(
        files=files,
        queued=int(queued or 0),
        not_done=int(not_done or 0),
        notes=notes,
        rows={name: named[name] for name in ROWS},
        kinds={name: named[name] for name in KINDS},
        replaced=named["replaced"],
        first_at=first_at,
        last_at=last_at,
    )


def rejected_of(store: Store, import_id: int) -> Iterator[bytes]:
    """What was not kept of an import's files, as JSON; only of files of which something was not."""
    query = select(_F.rejected).where(_F.import_id == import_id, _F.unreadable + _F.ignored > 0)
    with store.reading() as connection:
        yield from connection.scalars(query)


def read_files_of(store: Store, import_id: int) -> Iterator[bytes]:
    """What the receipts of those of an import's files that are read hold beside their sums, as JSON."""
    query = select(_F.rejected).where(_F.import_id == import_id, _F.state == DONE)
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
    columns = [_F[name] for name in ("id", "upload_id", "place", "name", "format", "state", "note")]
    columns += [_F[name] for name in ROWS]
    columns += [_F[name] for name in (*KINDS, "first_at", "last_at", "replaced", "rejected")]
    query = select(*columns).where(_F.import_id == import_id).order_by(_F.upload_id, _F.place)
    query = query.offset(first).limit(most)
    if only is not None:
        query = query.where(only)
    with store.reading() as connection:
        return [_file(row) for row in connection.execute(query)]


def announce_files(
    store: Store, import_: Import, upload_id: int, names: Sequence[tuple[int, str]]
) -> set[int] | None:
    """Notes the files of an upload, each as its place and name; which of them are not read yet.

    `None` when the import is over or has moved to another account: stop.
    """
    with store.writing() as connection:
        if not is_running(connection, import_):
            return None
        criteria = (_F.import_id == import_.id) & (_F.upload_id == upload_id)
        known = {
            row.place: row.state for row in connection.execute(select(_F.place, _F.state).where(criteria))
        }
        fresh = [_blank(import_, upload_id, place, name) for place, name in names if place not in known]
        if fresh:
            connection.execute(insert(history_file), fresh)
    return {place for place, _ in names if known.get(place, QUEUED) == QUEUED}


def keep_file(store: Store, import_: Import, upload_id: int, place: int, **receipt: Any) -> bool:
    """Keeps a file's receipt and rows, as a whole. False as with `announce_files`.

    `receipt`: values of the row, and as `corrections` the rules that the file brings.
    """
    corrections: Sequence[Correction] = receipt.pop("corrections", ())
    with store.writing() as connection:
        if not is_running(connection, import_):
            return False
        at = (_F.import_id == import_.id) & (_F.upload_id == upload_id) & (_F.place == place)
        connection.execute(update(history_file).where(at).values(**receipt))
        insert_corrections(connection, import_.account_id, corrections, import_.id)
    return True


def note_failed_upload(store: Store, import_: Import, upload_id: int, name: str, note: str) -> bool:
    """An upload that could not be opened, as a receipt of its own. False as with `announce_files`."""
    row = _blank(import_, upload_id, 0, name) | {"state": FAILED, "note": note}
    with store.writing() as connection:
        if not is_running(connection, import_):
            return False
        criteria = (_F.import_id == import_.id) & (_F.upload_id == upload_id)
        connection.execute(delete(history_file).where(criteria))
        connection.execute(insert(history_file), [row])
        connection.execute(update(history_upload).where(history_upload.c.id == upload_id).values(read=True))
    return True


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


def _blank(import_: Import, upload_id: int, place: int, name: str) -> dict[str, Any]:
    return {
        "account_id": import_.account_id,
        "import_id": import_.id,
        "upload_id": upload_id,
        "place": place,
        "name": name,
        "state": QUEUED,
        "rejected": b"[]",
        **NO_ROWS,
    }


def _file(row: Row[Any]) -> FileRow:
    named = row._mapping
    return FileRow(
        rows={name: named[name] for name in ROWS},
        **{name: named[name] for name in FileRow.__dataclass_fields__ if name != "rows"},
    )
