"""Covers of an account's history: who agreed that they are fetched, when that is due, and what came.

Times are Unix seconds. Whoever takes back their consent loses what came with it.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, update

from app.store.accounts import lock_account
from app.store.engine import Store, insert_missing, upsert
from app.store.sweep import ANSWERS_KEPT
from app.store.tables import account, cover, cover_fetch, history_import

_F = cover_fetch.c

# Made once, since every page of a history reads them.
_BY_KEY = select(cover.c.key, cover.c.images).where(
    cover.c.account_id == bindparam("account"),
    cover.c.key.in_(bindparam("keys", expanding=True)),
    cover.c.fetched_at > bindparam("oldest"),
)


@dataclass(frozen=True)
class CoverFetch:
    """What an account agreed to. `found`: how many names have a cover. `is_due`: more are on their way."""

    agreed_at: float
    found: int
    is_due: bool


def agree(store: Store, account_id: int) -> None:
    """Notes an account's consent, and that its covers are due. Raises IntegrityError for one that is gone."""
    now = time.time()
    with store.writing() as connection:
        lock_account(connection, account_id, shared=True)
        row = {"account_id": account_id, "agreed_at": now, "due_at": now}
        insert_missing(connection, cover_fetch, [row])


def take_back(store: Store, account_id: int) -> None:
    """Ends an account's consent, and deletes its covers."""
    with store.writing() as connection:
        connection.execute(delete(cover_fetch).where(_F.account_id == account_id))


def cover_fetch_of(store: Store, account_id: int) -> CoverFetch | None:
    """An account's consent and how far it is; `None` where it never agreed."""
    found = select(func.count()).where(cover.c.account_id == account_id, cover.c.images != b"[]")
    with store.reading() as connection:
        row = connection.execute(
            select(_F.agreed_at, _is_due(time.time())).where(_F.account_id == account_id)
        ).one_or_none()
        return CoverFetch(row[0], connection.scalar(found) or 0, bool(row[1])) if row else None


def next_due_account(store: Store) -> tuple[int, str] | None:
    """The account whose covers have been due for longest, and its service; `None` where none are."""
    query = (
        select(_F.account_id, account.c.service)
        .join(account, account.c.id == _F.account_id)
        .where(_is_due(time.time()))
        .order_by(_F.due_at)
        .limit(1)
    )
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def begin_round(store: Store, account_id: int) -> bool:
    """Notes that it is looked at what is missing; whether the account still agrees."""
    mine = update(cover_fetch).where(_F.account_id == account_id)
    with store.writing() as connection:
        changed = mine.values(planned_at=time.time()).returning(_F.account_id)
        return connection.scalar(changed) is not None


def put_off(store: Store, account_id: int, until: float) -> None:
    """Nothing is due before a moment."""
    with store.writing() as connection:
        connection.execute(update(cover_fetch).where(_F.account_id == account_id).values(due_at=until))


def covers(store: Store, account_id: int, keys: Collection[str]) -> Mapping[str, bytes]:
    """What is kept of these keys: images as JSON."""
    values = {"account": account_id, "keys": list(keys), "oldest": time.time() - ANSWERS_KEPT}
    with store.reading() as connection:
        return {row.key: row.images for row in connection.execute(_BY_KEY, values)}


def covered_keys(store: Store, account_id: int) -> set[str]:
    """The keys of all that came, also of what Spotify has no picture of."""
    mine = (cover.c.account_id == account_id) & (cover.c.fetched_at > time.time() - ANSWERS_KEPT)
    with store.reading() as connection:
        return set(connection.scalars(select(cover.c.key).where(mine)))


def keep_covers(store: Store, account_id: int, found: Mapping[str, bytes]) -> bool:
    """Keeps covers by key; false where the account does not agree any more, or is gone."""
    now = time.time()
    with store.writing() as connection:
        lock_account(connection, account_id, shared=True)
        agreed = select(_F.account_id).where(_F.account_id == account_id).with_for_update(key_share=True)
        if connection.scalar(agreed) is None:
            return False
        rows = [
            {"account_id": account_id, "key": key, "images": images, "fetched_at": now}
            for key, images in found.items()
        ]
        upsert(connection, cover, rows)
    return True


def _is_due(now: float) -> ColumnElement[bool]:
    """Whether its time has come, or an import has ended since it was looked at what is missing."""
    imported = exists().where(
        history_import.c.account_id == _F.account_id, history_import.c.finished_at > _F.planned_at
    )
    return or_(_F.due_at <= now, imported)
