"""Batches that come without a file, a few plays at a time. Times are Unix seconds.

They are rows of `history_file` like the batches of files, under one import of the account's whose state is
LIVE. Small arrivals share a row, so that thousands of them are few rows.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from app.store.accounts import lock_account
from app.store.engine import Store, upsert
from app.store.history import (
    COUNTING,
    DONE,
    LIVE,
    MANIFEST,
    STALE,
    Changed,
    mark_as_stale,
    stored_manifest,
)
from app.store.tables import history_file, history_import, history_part

_F = history_file.c
_P = history_part.c


@dataclass(frozen=True)
class OpenBatch:
    """The latest row of live batches. `kept`, `duplicate`: how many of its rows are plays, and are not."""

    id: int
    kept: int
    duplicate: int
    body: bytes


@dataclass(frozen=True)
class NewVersion:
    """A version of a history that shares parts with the one before.

    `before`: the manifest of that one. `parts`: what is new, the manifest among it. `shared`: the names of
    parts that stay.
    """

    before: bytes
    parts: Mapping[str, bytes]
    shared: Sequence[str]


def batches_between(store: Store, account_id: int, first: float, last: float) -> list[bytes]:
    """The packed batches that count and have plays that start from `first` to `last`."""
    query = (
        select(_F.batch)
        .join(history_import, history_import.c.id == _F.import_id)
        .where(
            _F.account_id == account_id,
            _F.state == DONE,
            _F.batch.is_not(None),
            history_import.c.state.in_(COUNTING),
            or_(_F.first_at.is_(None), _F.first_at <= last + 1),
            or_(_F.last_at.is_(None), _F.last_at >= first - 1),
        )
        .order_by(_F.id)
    )
    with store.reading() as connection:
        return list(connection.scalars(query))


def open_batch(store: Store, account_id: int) -> OpenBatch | None:
    """The latest row of the account's live batches, to which more can be added."""
    query = (
        select(_F.id, _F.kept, _F.duplicate, _F.batch)
        .join(history_import, history_import.c.id == _F.import_id)
        .where(_F.account_id == account_id, history_import.c.state == LIVE, _F.batch.is_not(None))
        .order_by(_F.id.desc())
        .limit(1)
    )
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return OpenBatch(*row) if row else None


def keep_live_batch(
    store: Store,
    account_id: int,
    row: Mapping[str, Any],
    number: int | None = None,
    version: NewVersion | None = None,
) -> bool:
    """Stores a batch, and the version of the history that has it; without one the history is stale.

    `row`: the columns of `history_file`; `number`: the row that it replaces. False when the account is gone.
    Raises Changed where the history is not the one that `version` follows.
    """
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return False
        if version is not None:
            _replace_parts(connection, account_id, version)
        else:
            mark_as_stale(connection, account_id)
        if number is not None:
            connection.execute(update(history_file).where(_F.id == number).values(**row))
        else:
            _add_row(connection, account_id, row)
    return True


def _replace_parts(connection: Connection, account_id: int, version: NewVersion) -> None:
    mine = _P.account_id == account_id
    stale = connection.scalar(select(_P.name).where(mine, _P.name == STALE))
    if stale is not None or stored_manifest(connection, account_id) != version.before:
        raise Changed
    connection.execute(delete(history_part).where(mine, _P.name.not_in([*version.shared, MANIFEST])))
    upsert(
        connection,
        history_part,
        [{"account_id": account_id, "name": name, "body": body} for name, body in version.parts.items()],
    )


def _add_row(connection: Connection, account_id: int, row: Mapping[str, Any]) -> None:
    live = (history_import.c.account_id == account_id) & (history_import.c.state == LIVE)
    number = connection.scalar(select(history_import.c.id).where(live).order_by(history_import.c.id).limit(1))
    if number is None:
        values = {"account_id": account_id, "state": LIVE, "created_at": time.time()}
        number = connection.execute(
            insert(history_import).values(**values).returning(history_import.c.id)
        ).scalar_one()
    last = connection.scalar(select(func.max(_F.place)).where(_F.import_id == number))
    place = 0 if last is None else last + 1
    connection.execute(
        insert(history_file).values(
            account_id=account_id, import_id=number, upload_id=0, place=place, name="", state=DONE, **row
        )
    )
