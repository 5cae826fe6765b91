"""Histories: named blobs, built from the files of imports and from live plays."""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from app.store.accounts import LOCAL, lock_account
from app.store.engine import Store, insert_missing, upsert
from app.store.imports import DONE, UNDONE, Import, is_running
from app.store.tables import (
    account,
    cover_fetch,
    history_correction,
    history_file,
    history_import,
    history_part,
    listening,
)

MARK_BYTES = 8
MANIFEST = "ledger"  # the name of the blob that says which others make up the history
STALE = "stale"  # the name of a blob: the others must be made anew; its body tells one such mark from another
_F = history_file.c
_P = history_part.c


@dataclass(frozen=True)
class Receipt:
    """What became of a file's readable rows, and how many live plays they replace."""

    kept: int
    duplicate: int
    replaced: int = 0


class Changed(Exception):
    """Somebody else has written another version of the history meanwhile."""


def keep_history(
    store: Store,
    account_id: int,
    blobs: Iterable[tuple[str, bytes]],
    receipts: Mapping[int, Receipt],
    finished: Import | None,
    state: str = DONE,
    mark: bytes | None = None,
    manifest: bytes | None = None,
    effects: Mapping[int, tuple[int, int]] = {},
) -> bool:
    """Puts the blobs in place of all that were there, with what became of every file's rows.

    `finished` is the import that this ends. False when that was cancelled or moved meanwhile: nothing is
    changed. `mark` is the stale mark that was there before the files were read; a later one stays.
    `manifest` is the one of that time: raises Changed where there is another now. `effects`: of corrections,
    by their numbers, how many plays and tracks each changes.
    """
    with store.writing() as connection:
        lock_account(connection, account_id)
        if manifest is not None and stored_manifest(connection, account_id) not in (manifest, None):
            raise Changed
        if finished is not None:
            if not is_running(connection, finished):
                return False
            connection.execute(
                update(history_import)
                .where(history_import.c.id == finished.id)
                .values(state=state, finished_at=time.time())
            )
        old = (_P.name != STALE) if mark is None else (_P.name != STALE) | (_P.body == mark)
        connection.execute(delete(history_part).where(_P.account_id == account_id, old))
        for name, body in blobs:
            connection.execute(insert(history_part).values(account_id=account_id, name=name, body=body))
        for number, receipt in receipts.items():
            values = asdict(receipt)
            changed = or_(*(_F[name] != value for name, value in values.items()))
            connection.execute(update(history_file).where(_F.id == number, changed).values(**values))
        _keep_effects(connection, effects)
    return True


def _keep_effects(connection: Connection, effects: Mapping[int, tuple[int, int]]) -> None:
    changed = update(history_correction).where(history_correction.c.id == bindparam("number"))
    changed = changed.values(plays=bindparam("now_plays"), tracks=bindparam("now_tracks"))
    rows = [
        {"number": number, "now_plays": plays, "now_tracks": tracks}
        for number, (plays, tracks) in effects.items()
    ]
    if rows:
        connection.execute(changed, rows)


def replace_blobs(
    store: Store,
    account_id: int,
    before: bytes,
    blobs: Mapping[str, bytes],
    shared: Sequence[str],
    mark: bytes,
) -> None:
    """Puts a version of the history in the place of one with which it shares blobs, and takes a mark away.

    `before`: the manifest of the version before. Raises Changed where that, or the mark, is another now.
    """
    criteria = _P.account_id == account_id
    with store.writing() as connection:
        if not lock_account(connection, account_id) or stored_manifest(connection, account_id) != before:
            raise Changed
        if connection.scalar(select(_P.body).where(criteria, _P.name == STALE)) != mark:
            raise Changed
        connection.execute(delete(history_part).where(criteria, _P.name.not_in([*shared, MANIFEST])))
        rows = [{"account_id": account_id, "name": name, "body": body} for name, body in blobs.items()]
        upsert(connection, history_part, rows)


def stored_manifest(connection: Connection, account_id: int) -> bytes | None:
    """The manifest of the account's history."""
    criteria = (_P.account_id == account_id) & (_P.name == MANIFEST)
    body: bytes | None = connection.scalar(select(_P.body).where(criteria))
    return body


def stale_mark(store: Store, account_id: int) -> bytes | None:
    """The mark that the account's history must be made anew; `None` where it is as its files say."""
    return read_blobs(store, account_id, STALE).get(STALE)


def mark_as_stale(connection: Connection, account_id: int) -> bytes | None:
    """Marks the account's history as one that must be built again. The mark, where there was none before."""
    criteria = (_P.account_id == account_id) & (_P.name == STALE)
    known = connection.scalar(select(_P.body).where(criteria))
    mark = secrets.token_bytes(MARK_BYTES)
    upsert(connection, history_part, [{"account_id": account_id, "name": STALE, "body": mark}])
    return mark if known is None else None


def undo_import(store: Store, account_id: int, import_id: int) -> bool:
    """Takes back the rows and corrections of an import that is done, and marks the history as stale."""
    with store.writing() as connection:
        lock_account(connection, account_id)
        criteria = (
            (history_import.c.id == import_id)
            & (history_import.c.account_id == account_id)
            & (history_import.c.state == DONE)
        )
        undone = connection.scalar(
            update(history_import).where(criteria).values(state=UNDONE).returning(history_import.c.id)
        )
        if undone is None:
            return False
        connection.execute(update(history_file).where(_F.import_id == import_id).values(batch=None))
        connection.execute(delete(history_correction).where(history_correction.c.import_id == import_id))
        mark_as_stale(connection, account_id)
    return True


def move_history(store: Store, source: int, target: int) -> None:
    """Moves all imports and corrections from one account to another, and the history where there was none.

    Where there was one, it is marked as stale. A private local account ends with it, so that nothing comes in
    for it any more. Nothing moves to an account that is gone, and none of an account's own.
    """
    with store.writing() as connection:
        # In the order of their numbers: two who join accounts the other way round do not wait for each other.
        exists = {number: lock_account(connection, number) for number in sorted((source, target))}
        if source == target or not all(exists.values()):
            return
        occupied = any(
            connection.scalar(select(table.c.account_id).where(table.c.account_id == target).limit(1))
            for table in (history_part, history_import, history_correction)
        )
        moved = False
        for table in (history_import, history_file, history_correction):
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
        if not occupied:
            connection.execute(update(history_part).where(_P.account_id == source).values(account_id=target))
        elif moved:
            mark_as_stale(connection, target)
        connection.execute(delete(account).where(account.c.id == source, account.c.service == LOCAL))


def read_blobs(store: Store, account_id: int, *names: str) -> dict[str, bytes]:
    """Parts of the history, by name; missing ones are absent."""
    query = select(history_part.c.name, history_part.c.body).where(
        history_part.c.account_id == account_id, history_part.c.name.in_(names)
    )
    with store.reading() as connection:
        return {row.name: row.body for row in connection.execute(query)}


def blob_names(store: Store, account_id: int, prefix: str) -> list[str]:
    """The names of the blobs that begin so."""
    query = select(history_part.c.name).where(
        history_part.c.account_id == account_id, history_part.c.name.startswith(prefix, autoescape=True)
    )
    with store.reading() as connection:
        return sorted(connection.scalars(query))


def write_blob(store: Store, account_id: int, name: str, body: bytes) -> None:
    """Puts one more blob beside the others."""
    with store.writing() as connection:
        upsert(connection, history_part, [{"account_id": account_id, "name": name, "body": body}])


def delete_blobs(store: Store, account_id: int, names: Sequence[str]) -> None:
    """Forgets blobs."""
    with store.writing() as connection:
        criteria = history_part.c.account_id == account_id
        connection.execute(delete(history_part).where(criteria, history_part.c.name.in_(names)))


def has_history(store: Store, account_id: int) -> bool:
    """Whether anything was imported, or has arrived live."""
    return history_size(store, account_id) > 0 or bool(read_blobs(store, account_id, MANIFEST))


def history_size(store: Store, account_id: int) -> int:
    """How many imports the account has."""
    query = select(func.count()).where(history_import.c.account_id == account_id)
    with store.reading() as connection:
        return connection.scalar(query) or 0
