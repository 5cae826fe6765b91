"""Server-side sessions: the cookie holds a random id, the database its SHA-256 and the encrypted values.

A change is merged into the row key by key inside one transaction, so that two requests of the same browser
never overwrite each other's values: a refreshed token is safe from a slower neighbour. A row that is gone
(logged out) is never brought back by a late change.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from flask.json.tag import TaggedJSONSerializer
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.seal import keyed_hash, sealer
from app.store.engine import Store, optional_write
from app.store.sweep import sweep_now_and_then
from app.store.tables import session

LIFETIME = 30 * 86400.0  # seconds without a visit, once logged in
VISITOR_LIFETIME = 3600.0  # before login a session only carries a login under way and a CSRF secret
LOCAL_ACCOUNT = "local_account"  # the key of the number of the browser's private account
_SERIALIZER = TaggedJSONSerializer()
# Made once, since every request reads it.
_ALIVE = select(session).where(
    session.c.id_hash == bindparam("id_hash"), session.c.expires_at >= bindparam("now")
)


@dataclass(frozen=True)
class OpenSession:
    """A session as it was read. `id_hash` names it; the id itself is known to the browser alone."""

    id_hash: str
    values: dict[str, Any]
    account_id: int | None
    expires_at: float


class Sessions:
    """All sessions of the instance."""

    def __init__(self, store: Store, secret_key: str) -> None:
        self._store = store
        self._fernet = sealer(b"session", secret_key)
        self._secret_key = secret_key

    def open(self, raw_id: str) -> OpenSession | None:
        """The session that the browser's id names; `None` when unknown, expired or unreadable."""
        return self.read(_hash(raw_id))

    def read(self, id_hash: str) -> OpenSession | None:
        """The session as it is now."""
        with self._store.reading() as connection:
            return self._read(connection, id_hash)

    def begin(self, values: Mapping[str, Any], replacing: str | None = None) -> str:
        """Keeps a new session and returns its raw id, for the cookie.

        `replacing` is the hash of a session that ends in the same moment (the id changes at login).
        Expired sessions are swept out on the way.
        """
        sweep_now_and_then(self._store)
        raw_id, now = secrets.token_urlsafe(32), time.time()
        with self._store.writing() as connection:
            if replacing is not None:
                connection.execute(delete(session).where(session.c.id_hash == replacing))
            connection.execute(
                insert(session).values(
                    id_hash=_hash(raw_id), sealed=self._seal(values), expires_at=now + lifetime(values)
                )
            )
        return raw_id

    def change(
        self, id_hash: str, put: Mapping[str, Any], drop: Collection[str] = (), prolong: bool = True
    ) -> bool:
        """Puts and drops single values, and prolongs the session. False when it is gone.

        Who cannot set the cookie again must not `prolong`: a row may not look younger than its cookie.
        """

        def merge(values: dict[str, Any]) -> None:
            values.update(put)
            for key in drop:
                values.pop(key, None)

        if put or drop:
            return self._rewrite(id_hash, merge, prolong)
        with optional_write():  # the next visit can prolong it too
            return self._rewrite(id_hash, merge, prolong)
        return False

    def take(self, id_hash: str, key: str) -> Any:
        """Removes one value and returns it: of two callers at once, one gets it, the other `None`."""
        taken: list[Any] = []
        self._rewrite(id_hash, lambda values: taken.append(values.pop(key, None)))
        return taken[0] if taken else None

    def bind(self, id_hash: str, account_id: int) -> None:
        """Notes whose session it is."""
        with self._store.writing() as connection:
            connection.execute(
                update(session).where(session.c.id_hash == id_hash).values(account_id=account_id)
            )

    def marks(self, service: str, user_id: str, stable_id: str | None) -> list[str]:
        """What a deletion leaves of a person, so that logins which they gave before it can be told."""
        names = [f"{service}/user/{user_id}"] + ([f"{service}/account/{stable_id}"] if stable_id else [])
        return [keyed_hash(b"deleted account", self._secret_key, name) for name in names]

    def take_all(self, id_hash: str) -> dict[str, Any]:
        """Ends the session and returns its last values: nothing is put there between the two."""
        with self._store.writing() as connection:
            current = self._read(connection, id_hash, lock=True)
            connection.execute(delete(session).where(session.c.id_hash == id_hash))
        return current.values if current else {}

    def end(self, id_hash: str) -> None:
        """Deletes the session."""
        with self._store.writing() as connection:
            connection.execute(delete(session).where(session.c.id_hash == id_hash))

    def _rewrite(self, id_hash: str, rewrite: Callable[[dict[str, Any]], None], prolong: bool = True) -> bool:
        with self._store.writing() as connection:
            current = self._read(connection, id_hash, lock=True)
            if current is None:
                return False
            rewrite(current.values)
            expires_at = time.time() + lifetime(current.values) if prolong else current.expires_at
            connection.execute(
                update(session)
                .where(session.c.id_hash == id_hash)
                .values(sealed=self._seal(current.values), expires_at=expires_at)
            )
            return True

    def _read(self, connection: Connection, id_hash: str, lock: bool = False) -> OpenSession | None:
        named = {"id_hash": id_hash, "now": time.time()}
        row = connection.execute(_ALIVE.with_for_update() if lock else _ALIVE, named).one_or_none()
        if row is None:
            return None
        try:
            values = _SERIALIZER.loads(self._fernet.decrypt(row.sealed).decode())
        except (InvalidToken, ValueError):
            return None  # sealed with another secret key: as good as expired
        return OpenSession(id_hash, values, row.account_id, row.expires_at)

    def _seal(self, values: Mapping[str, Any]) -> bytes:
        return self._fernet.encrypt(_SERIALIZER.dumps(dict(values)).encode())


def lifetime(values: Mapping[str, Any]) -> float:
    """How long a session with these values lives without a visit, in seconds."""
    return LIFETIME if lasting(values) else VISITOR_LIFETIME


def lasting(values: Mapping[str, Any]) -> bool:
    """Whether a session is worth keeping for long: a login, or a private local account."""
    return "token" in values or LOCAL_ACCOUNT in values


def _hash(raw_id: str) -> str:
    return hashlib.sha256(raw_id.encode()).hexdigest()
