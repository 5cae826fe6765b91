"""What has had its time is swept out: at every start, and bit by bit wherever such rows are written."""

import time

from sqlalchemy import delete

from app.store.accounts import DELETION_KEPT, sweep_local_accounts
from app.store.engine import Store
from app.store.tables import (
    answer,
    catalogue_answer,
    deleted_account,
    lease,
    library,
    pause,
    rate_limit,
    session,
)

ANSWERS_KEPT = 30 * 86400.0  # seconds
CATALOGUE_KEPT = 86400.0


def sweep(store: Store) -> None:
    """Deletes expired sessions, answers older than 30 days, libraries that nobody has looked at for so long,
    answers about the catalogue older than a day, local accounts that nobody came back to for 30 days, and
    leases, pauses and counters of rate limits that are over."""
    now = time.time()
    with store.writing() as connection:
        connection.execute(delete(session).where(session.c.expires_at < now))
        connection.execute(delete(answer).where(answer.c.fetched_at < now - ANSWERS_KEPT))
        connection.execute(delete(library).where(library.c.looked_at < now - ANSWERS_KEPT))
        connection.execute(
            delete(catalogue_answer).where(catalogue_answer.c.fetched_at < now - CATALOGUE_KEPT)
        )
        sweep_local_accounts(connection, now)
        connection.execute(delete(deleted_account).where(deleted_account.c.deleted_at < now - DELETION_KEPT))
        connection.execute(delete(lease).where(lease.c.until < now))
        connection.execute(delete(pause).where(pause.c.until < now))
        connection.execute(delete(rate_limit).where(rate_limit.c.expires_at < now))
