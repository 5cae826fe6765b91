"""Accounts: the people this instance has met, one row each."""

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.store.engine import Store
from app.store.sweep import sweep_now_and_then
from app.store.tables import account


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


def find_or_add_account(store: Store, service: str, user_id: str, stable_id: str | None) -> int:
    """The number of the account that Spotify (`service`) calls `user_id` and, where it says so, `stable_id`.

    Either id finds the account, the stable one first: an account met before Spotify sent stable ids
    gets its own on the next visit, and a person whose user id has changed is noted under the new one.
    The same user id under two stable ids is two people.
    """
    try:
        with store.writing() as connection:
            return _find(connection, service, user_id, stable_id) or _add(
                connection, service, user_id, stable_id or ""
            )
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
    now = time.time()
    with store.writing() as connection:
        number: int = connection.execute(
            insert(account)
            .values(
                service=LOCAL,
                spotify_user_id=secrets.token_hex(16),
                spotify_account_id="",
                created_at=now,
                seen_at=now,
            )
            .returning(account.c.id)
        ).scalar_one()
    return number


def local_account_seen(store: Store, number: int) -> bool:
    """Whether there is such a local account; notes, once a day, that somebody came."""
    query = select(account.c.seen_at).where(account.c.id == number, account.c.service == LOCAL)
    with store.reading() as connection:
        seen_at = connection.scalar(query)
    if seen_at is None:
        return False
    if seen_at < time.time() - _LOOKED_AT_EVERY:
        with store.writing() as connection:
            connection.execute(update(account).where(account.c.id == number).values(seen_at=time.time()))
    return True


def delete_account(store: Store, number: int) -> None:
    """Deletes the account; its sessions and answers go with it."""
    with store.writing() as connection:
        connection.execute(delete(account).where(account.c.id == number))


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


def _add(connection: Connection, service: str, user_id: str, stable_id: str) -> int:
    row = insert(account).values(
        service=service, spotify_user_id=user_id, spotify_account_id=stable_id, created_at=time.time()
    )
    return int(connection.execute(row.returning(account.c.id)).scalar_one())
