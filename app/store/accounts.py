"""Accounts: the people this instance has met, one row each.

Whoever changes several rows of an account takes the account's own row first, and so does its deletion: they
come one after the other. On SQLite the write lock sees to the same.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.store.engine import Store, optional_write, upsert
from app.store.sweep import sweep_now_and_then
from app.store.tables import (
    account,
    account_number,
    deleted_account,
    history_import,
    history_upload,
    history_upload_chunk,
)


@dataclass(frozen=True)
class AccountRow:
    """An account as an owner may tell it from others. `user_id`: what its service calls the person."""

    id: int
    service: str
    user_id: str
    created_at: float


def accounts(store: Store) -> list[AccountRow]:
    """Every account, oldest first."""
    columns = [account.c[name] for name in ("id", "service", "spotify_user_id", "created_at")]
    with store.reading() as connection:
        return [AccountRow(*row) for row in connection.execute(select(*columns).order_by(account.c.id))]


class DeletedSince(Exception):
    """The person has deleted their account after they gave the login that asks for it."""


def find_or_add_account(
    store: Store,
    service: str,
    user_id: str,
    stable_id: str | None,
    marks: Collection[str] = (),
    authorized_at: float = 0.0,
) -> int:
    """The number of the account that Spotify (`service`) calls `user_id` and, where it says so, `stable_id`.

    Either id finds the account, the stable one first: an account met before Spotify sent stable ids
    gets its own on the next visit, and a person whose user id has changed is noted under the new one.
    The same user id under two stable ids is two people. Raises DeletedSince where one of `marks` was deleted
    after `authorized_at`.
    """
    try:
        with store.writing() as connection:
            number = _find(connection, service, user_id, stable_id)
            # Looked at after the account: one that a deletion has just taken away has left its mark by now.
            if _deleted_since(connection, marks, authorized_at):
                raise DeletedSince
            return number or _add(connection, service, user_id, stable_id or "")
    except IntegrityError:
        # Two first visits at once: the other one has added the row.
        with store.writing() as connection:
            number = _find(connection, service, user_id, stable_id)
            if number is None:
                raise
            return number


LOCAL = "local"  # the service of a private account that belongs to one browser
_LOOKED_AT_EVERY = 86400.0


def add_local_account(store: Store) -> int:
    """A private account that belongs to one browser and no Spotify knows. Those of old are swept out."""
    sweep_now_and_then(store)
    with store.writing() as connection:
        return _add(connection, LOCAL, secrets.token_hex(16), "", seen_at=time.time())


def local_account_seen(store: Store, number: int) -> bool:
    """Whether there is such a local account; notes, once a day, that somebody came."""
    query = select(account.c.seen_at).where(account.c.id == number, account.c.service == LOCAL)
    with store.reading() as connection:
        seen_at = connection.scalar(query)
    if seen_at is None:
        return False
    if seen_at < time.time() - _LOOKED_AT_EVERY:
        with optional_write(), store.writing() as connection:
            connection.execute(update(account).where(account.c.id == number).values(seen_at=time.time()))
    return True


def find_account(store: Store, number: int) -> tuple[str, str, str] | None:
    """The account's service, user id and stable id."""
    columns = [account.c[name] for name in ("service", "spotify_user_id", "spotify_account_id")]
    with store.reading() as connection:
        row = connection.execute(select(*columns).where(account.c.id == number)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def lock_account(connection: Connection, number: int, shared: bool = False) -> bool:
    """Takes the account's row until the transaction ends, before any other row of the account; whether there
    is such an account. `shared`: beside others who add to the account, but not beside its deletion.
    """
    query = select(account.c.id).where(account.c.id == number)
    return connection.scalar(query.with_for_update(key_share=True, read=shared)) is not None


def delete_account(store: Store, number: int, marks: Collection[str] = ()) -> list[str]:
    """Deletes the account, with its sessions, answers and history; what its uploads are called on disk.

    `marks` tell logins that this person gave before, and that nobody knows yet to be theirs, to end.
    """
    now = time.time()
    uploads = (
        select(history_upload.c.stored_as)
        .join(history_import, history_import.c.id == history_upload.c.import_id)
        .where(history_import.c.account_id == number)
    )
    with store.writing() as connection:
        connection.execute(select(account.c.id).where(account.c.id == number).with_for_update())
        stored = list(connection.scalars(uploads))
        connection.execute(delete(history_upload_chunk).where(history_upload_chunk.c.stored_as.in_(stored)))
        upsert(connection, deleted_account, [{"mark": mark, "deleted_at": now} for mark in marks])
        connection.execute(delete(account).where(account.c.id == number))
    return stored


def _deleted_since(connection: Connection, marks: Collection[str], moment: float) -> bool:
    query = select(deleted_account.c.mark).where(
        deleted_account.c.mark.in_(marks), deleted_account.c.deleted_at >= moment
    )
    return bool(marks) and connection.execute(query.limit(1)).first() is not None


def _find(connection: Connection, service: str, user_id: str, stable_id: str | None) -> int | None:
    theirs = select(account.c.id).where(account.c.service == service)
    by_user = theirs.where(account.c.spotify_user_id == user_id)
    if not stable_id:
        return connection.scalar(by_user.order_by(account.c.id.desc()))
    number = connection.scalar(theirs.where(account.c.spotify_account_id == stable_id))
    if number is not None:
        renamed = (account.c.id == number) & (account.c.spotify_user_id != user_id)
        connection.execute(update(account).where(renamed).values(spotify_user_id=user_id))
    else:
        number = connection.scalar(by_user.where(account.c.spotify_account_id == ""))
        connection.execute(update(account).where(account.c.id == number).values(spotify_account_id=stable_id))
    return number


def _add(
    connection: Connection, service: str, user_id: str, stable_id: str, seen_at: float | None = None
) -> int:
    row = insert(account).values(
        service=service,
        spotify_user_id=user_id,
        spotify_account_id=stable_id,
        created_at=time.time(),
        seen_at=seen_at,
        **_new_number(connection),
    )
    return int(connection.execute(row.returning(account.c.id)).scalar_one())


def _new_number(connection: Connection) -> dict[str, int]:
    """A number that no account ever had: a session that outlived its account must not find another's."""
    if connection.dialect.name != "sqlite":
        return {}  # PostgreSQL's sequence sees to it
    number = connection.execute(insert(account_number).returning(account_number.c.id)).scalar_one()
    connection.execute(delete(account_number))
    return {"id": number}
