"""Pauses: what the whole instance must not ask before a certain time (Unix seconds).

A pause that begins in the future was begun while the clock was ahead, and is void.
"""

import time

from sqlalchemy import BindParameter, ColumnElement, Double, bindparam, delete, select, update

from app.store.engine import Store, upsert
from app.store.locks import SKEW
from app.store.tables import pause

LONGEST = 7 * 86400.0  # seconds; what Spotify asks for is cut to a week


class Cooldown:
    """One named thing that may be paused, shared by every worker."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def until(self) -> float | None:
        """When it may be asked again; `None` when it may be asked now."""
        with self._store.reading() as connection:
            return connection.scalar(_UNTIL, {"name": self._name, "now": time.time()})

    def begin(self, until: float, why: str) -> None:
        """Nobody asks before `until`. A pause that already lasts longer stays."""
        now = time.time()
        with self._store.writing() as connection:
            row = {"name": self._name, "until": until, "why": why, "begun_at": now}
            upsert(connection, pause, [row], where=(pause.c.until < until) | pause_is_over(now))

    def take_trial(self, until: float, longest: float) -> bool | None:
        """After a pause: true for a single caller, for whose trial the pause goes on until then.

        False for everybody else, and while a pause lasts; `None` where nothing was paused. A pause that has
        more than `longest` seconds to go is left from before the clock was put back, and counts as over.
        """
        with self._store.reading() as connection:
            ended = connection.scalar(select(pause.c.until).where(pause.c.name == self._name))
        if ended is None:
            return None
        if 0 < ended - time.time() <= longest:
            return False
        with self._store.writing() as connection:
            ended_then = (pause.c.name == self._name) & (pause.c.until == ended)
            change = (
                update(pause)
                .where(ended_then)
                .values(until=until, begun_at=time.time())
                .returning(pause.c.name)
            )
            return connection.scalar(change) is not None

    def end(self) -> None:
        """It may be asked at once."""
        with self._store.writing() as connection:
            connection.execute(delete(pause).where(pause.c.name == self._name))


def pause_is_over(now: float | BindParameter[float]) -> ColumnElement[bool]:
    """Whether a row of the table stops nobody: its time is over, or it is void."""
    ahead = now + SKEW
    # In rows of an older version nobody knows when they began.
    void = (pause.c.begun_at.is_not(None) & (pause.c.begun_at > ahead)) | (pause.c.until > ahead + LONGEST)
    return (pause.c.until <= now) | void


# Every call to Spotify asks this several times, and to put it together takes longer than to ask it.
_UNTIL = select(pause.c.until).where(
    pause.c.name == bindparam("name"), ~pause_is_over(bindparam("now", type_=Double))
)
