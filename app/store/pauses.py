"""Pauses: what the whole instance must not ask before a certain time (Unix seconds)."""

import time

from sqlalchemy import delete, select

from app.store.engine import Store, upsert
from app.store.tables import pause


class Pause:
    """One named thing that may be paused, shared by every worker."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def until(self) -> float | None:
        """When it may be asked again; `None` when it may be asked now."""
        with self._store.reading() as connection:
            until = connection.scalar(select(pause.c.until).where(pause.c.name == self._name))
        return until if until is not None and until > time.time() else None

    def begin(self, until: float, why: str) -> None:
        """Nobody asks before `until`. A pause that already lasts longer stays."""
        with self._store.writing() as connection:
            row = {"name": self._name, "until": until, "why": why}
            upsert(connection, pause, [row], where=pause.c.until < until)

    def end(self) -> None:
        """It may be asked at once."""
        with self._store.writing() as connection:
            connection.execute(delete(pause).where(pause.c.name == self._name))
