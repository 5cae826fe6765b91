"""What a start does to the database: brings it up to date, sweeps it, and sees to its room on the disk."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import Store
from app.store.migrate import migrate
from app.store.sqlite import keep_reserve, make_incremental, release_reserve
from app.store.sweep import sweep

log = logging.getLogger(__name__)
PATIENCE = 60.0  # seconds that a start waits for another one that migrates or sweeps


def prepare_database(database_url: str) -> None:
    """Migrates and tidies the database. On a full disk it is enough that it can be read."""
    store = Store(database_url, busy_seconds=PATIENCE)
    try:
        full = store.file is not None and release_reserve(store.file)
        migrate(store)
        if full:
            log.error("the disk is full: this start uses up the room that was set aside for it")
            return
        with _not_vital("swept"):
            sweep(store)
        if store.file is not None:
            with _not_vital("rewritten"):
                make_incremental(store.engine, store.file)
            with _not_vital("made smaller"):
                store.reclaim()
            keep_reserve(store.file)
    finally:
        store.close()


@contextmanager
def _not_vital(step: str) -> Iterator[None]:
    """A start goes on where this step cannot be done."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        log.error("the database could not be %s: %s", step, getattr(error, "orig", None) or error)
