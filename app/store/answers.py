"""Spotify's answers as JSON, by key: those of an account, and those of the catalogue, which are everybody's.

Times are Unix seconds.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from app.store.accounts import lock_account
from app.store.engine import Store, upsert
from app.store.sweep import ANSWERS_KEPT
from app.store.tables import answer, catalogue_answer

FRESH_SECONDS = 3600.0
CATALOGUE_KEPT = 86400.0
MOST_CATALOGUE_ROWS = 5000

# Made once, since every page reads them.
_OF_ACCOUNT = select(answer.c.key, answer.c.body, answer.c.fetched_at, answer.c.fresh_until).where(
    answer.c.account_id == bindparam("account"),
    answer.c.key.in_(bindparam("keys", expanding=True)),
    answer.c.fetched_at > bindparam("oldest"),
)
_OF_CATALOGUE = select(
    catalogue_answer.c.key,
    catalogue_answer.c.body,
    catalogue_answer.c.fetched_at,
    (catalogue_answer.c.fetched_at + FRESH_SECONDS).label("fresh_until"),
).where(
    catalogue_answer.c.key.in_(bindparam("keys", expanding=True)),
    catalogue_answer.c.fetched_at > bindparam("oldest"),
)


class AccountAnswers:
    """The answers of one account: fresh for an hour, kept for 30 days."""

    def __init__(self, store: Store, account_id: int) -> None:
        self._store = store
        self._account_id = account_id
        self.name = f"answer:{account_id}"  # of its locks

    def read(self, keys: Collection[str]) -> Iterable[Any]:
        """The answers of these keys, fresh or not: key, body, fetched_at, fresh_until."""
        values = {"account": self._account_id, "keys": list(keys), "oldest": time.time() - ANSWERS_KEPT}
        with self._store.reading() as connection:
            return connection.execute(_OF_ACCOUNT, values).all()

    def write(self, bodies: Mapping[str, bytes]) -> None:
        """Keeps answers by key. Raises IntegrityError where the account was deleted."""
        now = time.time()
        fetched = {"account_id": self._account_id, "fetched_at": now, "fresh_until": now + FRESH_SECONDS}
        with self._store.writing() as connection:
            lock_account(connection, self._account_id, shared=True)
            connection.execute(delete(answer).where(answer.c.fetched_at < now - ANSWERS_KEPT))
            upsert(
                connection, answer, [{"key": key, "body": body, **fetched} for key, body in bodies.items()]
            )

    def expire(self) -> None:
        """Makes every answer due, without forgetting it."""
        criteria = answer.c.account_id == self._account_id
        with self._store.writing() as connection:
            connection.execute(update(answer).where(criteria).values(fresh_until=0.0))


class CatalogueAnswers:
    """The answers of the catalogue: found for an hour, deleted after a day."""

    name = "catalogue"

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, keys: Collection[str]) -> Iterable[Any]:
        """The fresh answers of these keys: key, body, fetched_at, fresh_until."""
        values = {"keys": list(keys), "oldest": time.time() - FRESH_SECONDS}
        with self._store.reading() as connection:
            return connection.execute(_OF_CATALOGUE, values).all()

    def write(self, bodies: Mapping[str, bytes]) -> None:
        """Keeps answers by key, in place of what was there; deletes what is over a day old."""
        now, fetched_at = time.time(), catalogue_answer.c.fetched_at
        with self._store.writing() as connection:
            connection.execute(delete(catalogue_answer).where(fetched_at < now - CATALOGUE_KEPT))
            # The oldest of too many make room: anybody may search, for anything.
            newest = select(fetched_at).order_by(fetched_at.desc()).offset(MOST_CATALOGUE_ROWS).limit(1)
            connection.execute(delete(catalogue_answer).where(fetched_at <= newest.scalar_subquery()))
            rows = [{"key": key, "body": body, "fetched_at": now} for key, body in bodies.items()]
            upsert(connection, catalogue_answer, rows)
