"""Pauses: what the whole instance must not ask before a certain time (Unix seconds).

A pause that begins in the future was begun while the clock was ahead, and is void.
"""

import time

from sqlalchemy import BindParameter, ColumnElement, Double, bindparam, delete, func, select, update

from app.store.engine import Store, upsert
from app.store.locks import SKEW
from app.store.tables import pause

_NAME_LETTERS = 100
LONGEST = 7 * 86400.0  # seconds; what Spotify asks for is cut to a week


class Cooldown:
    """One named thing that may be paused, or parts of it by their names, shared by every worker."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def until(self, part: str = "") -> float | None:
        """When it, or a part of it, may be asked again; `None` when it may be asked now."""
        names = [self._name, self._full_name(part)]
        with self._store.reading() as connection:
            until: float | None = connection.scalar(_UNTIL, {"names": names, "now": time.time()})
            return until

    def begin(self, until: float, why: str, part: str = "") -> None:
        """Nobody asks, or only for other parts, before `until`. A pause that already lasts longer stays."""
        now = time.time()
        with self._store.writing() as connection:
            row = {"name": self._full_name(part), "until": until, "why": why, "begun_at": now}
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

    def _full_name(self, part: str) -> str:
        return f"{self._name}:{part}"[:_NAME_LETTERS] if part else self._name


def pause_is_over(now: float | BindParameter[float]) -> ColumnElement[bool]:
    """Whether a row of the table stops nobody: its time is over, or it is void."""
    ahead = now + SKEW
    # In rows of an older version nobody knows when they began.
    void = (pause.c.begun_at.is_not(None) & (pause.c.begun_at > ahead)) | (pause.c.until > ahead + LONGEST)
    return (pause.c.until <= now) | void


# Every call to Spotify asks this several times, and to put it together takes longer than to ask it.
_UNTIL = select(func.max(pause.c.until)).where(
    pause.c.name.in_(bindparam("names", expanding=True)), ~pause_is_over(bindparam("now", type_=Double))
)
