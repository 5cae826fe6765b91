"""What the catalogue answered lately, by key; nobody's in particular. Times are Unix seconds."""

import time
from collections.abc import Collection

from sqlalchemy import bindparam, delete, select

from app.store.engine import Store, upsert
from app.store.tables import catalogue_answer

KEPT_SECONDS = 86400.0
MOST_ROWS = 5000

_KEPT = select(catalogue_answer.c.key, catalogue_answer.c.body).where(
    catalogue_answer.c.key.in_(bindparam("keys", expanding=True)),
    catalogue_answer.c.fetched_at > bindparam("since"),
)


def kept_answers(store: Store, keys: Collection[str], since: float) -> dict[str, bytes]:
    """The bodies that were fetched after `since`, by key."""
    with store.reading() as connection:
        rows = connection.execute(_KEPT, {"keys": list(keys), "since": since}).all()
    return {row.key: row.body for row in rows}


def keep_answer(store: Store, key: str, body: bytes) -> None:
    """Keeps a body under its key, in place of what was there; forgets what is over a day old."""
    now = time.time()
    with store.writing() as connection:
        connection.execute(delete(catalogue_answer).where(catalogue_answer.c.fetched_at < now - KEPT_SECONDS))
        # The oldest of too many make room: anybody may search, for anything.
        fetched_at = catalogue_answer.c.fetched_at
        newest = select(fetched_at).order_by(fetched_at.desc()).offset(MOST_ROWS).limit(1).scalar_subquery()
        connection.execute(delete(catalogue_answer).where(fetched_at <= newest))
        upsert(connection, catalogue_answer, [{"key": key, "body": body, "fetched_at": now}])
