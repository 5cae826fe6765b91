"""Corrections: rules of a listener's own that are applied whenever their history is built.

A rule that an import brought holds for as long as that import does.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select

from app.store.accounts import lock_account
from app.store.engine import Store
from app.store.history import mark_as_stale
from app.store.imports import DONE, Import
from app.store.tables import history_correction, history_import

_C = history_correction.c
_NAMES = ("from_artist", "from_title", "from_album", "to_artist", "to_title", "to_album")
_RULE = ("kind", "action", *_NAMES, "started_at")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A rule. `kind`: "artist", "album", "track" or "play"; `action`: "merge", "rename", "hide" or "delete".

    Names that it does not need are `None`; `from_artist` is "" for those whose name is unknown.
    `started_at`: of one play, Unix seconds. `plays`, `tracks`: what it changes; `None` until it is counted.
    """

    kind: str
    action: str
    from_artist: str
    from_title: str | None = None
    from_album: str | None = None
    to_artist: str | None = None
    to_title: str | None = None
    to_album: str | None = None
    started_at: int | None = None
    id: int = 0
    plays: int | None = None
    tracks: int | None = None


def corrections_of(store: Store, account_id: int, finished: Import | None = None) -> list[Correction]:
    """The rules that hold for an account, oldest first: its own and those of imports that are done, and of
    the one that is about to be.
    """
    with store.reading() as connection:
        return _corrections(connection, account_id, finished)


def _corrections(connection: Connection, account_id: int, finished: Import | None = None) -> list[Correction]:
    done = history_import.c.state == DONE
    query = (
        select(*(_C[name] for name in (*_RULE, "id", "plays", "tracks")))
        .join(history_import, history_import.c.id == _C.import_id, isouter=True)
        .where(
            _C.account_id == account_id,
            or_(
                _C.import_id.is_(None),
                done if finished is None else done | (history_import.c.id == finished.id),
            ),
        )
        .order_by(_C.created_at, _C.id)
    )
    return [Correction(**row._mapping) for row in connection.execute(query)]


def add_correction(
    store: Store,
    account_id: int,
    correction: Correction,
    check: Callable[[Sequence[Correction]], bool],
) -> bool:
    """Adds a rule, and marks the history as stale. False when the account is gone.

    `check` is told the rules that hold: it says whether this one is new, and may raise to refuse it.
    """
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return False
        if check(_corrections(connection, account_id)):
            insert_corrections(connection, account_id, [correction])
            mark_as_stale(connection, account_id)
    return True


def insert_corrections(
    connection: Connection,
    account_id: int,
    corrections: Sequence[Correction],
    import_id: int | None = None,
) -> None:
    """Adds rules; those that an import brings hold once it is done."""
    shared = {"account_id": account_id, "import_id": import_id, "created_at": time.time()}
    if corrections:
        rows = [shared | {name: getattr(rule, name) for name in _RULE} for rule in corrections]
        connection.execute(insert(history_correction), rows)


def remove_corrections(store: Store, account_id: int, numbers: Collection[int]) -> None:
    """Takes rules of an account back, and marks the history as stale."""
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return
        theirs = (_C.account_id == account_id) & _C.id.in_(numbers)
        if connection.scalars(delete(history_correction).where(theirs).returning(_C.id)).all():
            mark_as_stale(connection, account_id)
