"""Looking up how an account's most played tracks sound: how far it has come, noted beside the history.

It is forgotten when the history is made anew. Times are Unix seconds.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select

from app.store.engine import Store
from app.store.history import read_blobs, write_blob
from app.store.tables import history_part

SILENT_SECONDS = 40.0  # after which a look-up that has not been heard of has nobody at it
RUNNING, DONE, STOPPED = "running", "done", "stopped"
_PART = "mood/look-up"


@dataclass(frozen=True)
class LookUp:
    """A look-up: how many tracks it was to ask about, how many it has, and whether it goes on.

    `track_ids`: those that are left. `session_id_hash`: whose login it uses; "" for none.
    """

    total: int
    done: int
    state: str
    at: float
    track_ids: Sequence[str] = ()
    session_id_hash: str = ""

    @property
    def under_way(self) -> bool:
        """Whether somebody is at it."""
        return self.state == RUNNING and time.time() - self.at < SILENT_SECONDS


def look_up_of(store: Store, account_id: int) -> LookUp | None:
    """The latest look-up, if there was one since the history was last made."""
    body = read_blobs(store, account_id, _PART).get(_PART)
    return _read(body) if body else None


def note_look_up(store: Store, account_id: int, look_up: LookUp) -> None:
    """Notes how far it is. Raises IntegrityError for a deleted account."""
    write_blob(store, account_id, _PART, json.dumps(asdict(look_up)).encode())


def unfinished_look_ups(store: Store) -> list[tuple[int, str]]:
    """The accounts with a look-up that nobody is at any more, each with the session that it uses."""
    query = select(history_part.c.account_id, history_part.c.body).where(history_part.c.name == _PART)
    with store.reading() as connection:
        found = [(row.account_id, _read(row.body)) for row in connection.execute(query)]
    return [
        (account_id, look_up.session_id_hash)
        for account_id, look_up in found
        if look_up.state == RUNNING and not look_up.under_way
    ]


def _read(body: bytes) -> LookUp:
    return LookUp(**json.loads(body))
