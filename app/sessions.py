"""Server-side sessions: the cookie holds a random id, the database its SHA-256 and the encrypted values.

A visitor of whom nothing is worth keeping has no row: the cookie itself holds their few values, encrypted.

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

from app.encryption import fernet_for, keyed_hash
from app.store.engine import Store, optional_write
from app.store.sweep import sweep_now_and_then
from app.store.tables import session

LIFETIME = 30 * 86400.0  # seconds without a visit, once logged in
VISITOR_LIFETIME = 3600.0  # a row that has lost its login
VISITOR_COOKIE_LIFETIME = 12 * 3600.0  # a form that was opened in the morning still works in the afternoon
LOCAL_ACCOUNT = "local_account"  # the key of the number of the browser's private account
CSRF, LOGIN = "csrf_token", "login:"  # the key of the CSRF secret, and how keys of logins under way begin
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


@dataclass(frozen=True)
class Visitor:
    """A session that its cookie holds. `id` tells it from others; `sealed_at`: when the cookie was made."""

    id: str
    values: dict[str, Any]
    sealed_at: float


@dataclass(frozen=True)
class ListedSession:
    """A session as its owner may see it. `browser`: what it is called; the times are known to the day."""

    id_hash: str
    browser: str | None
    created_at: float | None
    seen_at: float


class Sessions:
    """All sessions of the instance."""

    def __init__(self, store: Store, secret_key: str) -> None:
        self._store = store
        self._fernet = fernet_for(b"session", secret_key)
        self._secret_key = secret_key
        self._visitor_fernet = fernet_for(b"visitor", secret_key)

    def open(self, raw_id: str) -> OpenSession | None:
        """The session that the browser's id names; `None` when unknown, expired or unreadable."""
        return self.read(_hash(raw_id))

    def read(self, id_hash: str) -> OpenSession | None:
        """The session as it is now."""
        with self._store.reading() as connection:
            return self._read(connection, id_hash)

    def begin(
        self,
        values: Mapping[str, Any],
        replacing: str | None = None,
        browser: str | None = None,
        visitor_id: str | None = None,
    ) -> str:
        """Keeps a new session and returns its raw id, for the cookie.

        `replacing` is the hash of a session that ends in the same moment (the id changes at login);
        `visitor_id` tells which visitor it was until now. Expired sessions are swept out on the way.
        """
        sweep_now_and_then(self._store)
        raw_id, now = secrets.token_urlsafe(32), time.time()
        with self._store.writing() as connection:
            visitor_hash = _hash(visitor_id) if visitor_id is not None else None
            if replacing is not None:
                replaced = session.c.id_hash == replacing
                visitor_hash = visitor_hash or connection.scalar(
                    select(session.c.visitor_hash).where(replaced)
                )
                connection.execute(delete(session).where(replaced))
            connection.execute(
                insert(session).values(
                    id_hash=_hash(raw_id),
                    encrypted=self._encrypt(values),
                    expires_at=now + lifetime(values),
                    created_at=now,
                    browser=browser,
                    visitor_hash=visitor_hash,
                )
            )
        return raw_id

    def begun_by(self, visitor_id: str | None) -> OpenSession | None:
        """The session that a visitor's cookie has become since, in another request; `None` if it has not."""
        if visitor_id is None:
            return None
        latest = select(session.c.id_hash).where(session.c.visitor_hash == _hash(visitor_id))
        with self._store.reading() as connection:
            id_hash = connection.scalar(latest.order_by(session.c.created_at.desc()).limit(1))
            return self._read(connection, id_hash) if id_hash is not None else None

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

    def of_account(self, account_id: int) -> list[ListedSession]:
        """The account's living sessions, the one seen last first."""
        columns = (session.c.id_hash, session.c.browser, session.c.created_at, session.c.expires_at)
        living = (session.c.account_id == account_id) & (session.c.expires_at >= time.time())
        with self._store.reading() as connection:
            rows = connection.execute(
                select(*columns).where(living).order_by(session.c.expires_at.desc())
            ).all()
        # Each visit prolongs a session by its lifetime, once a day.
        return [
            ListedSession(row.id_hash, row.browser, row.created_at, row.expires_at - LIFETIME) for row in rows
        ]

    def tokens_of(self, account_id: int) -> dict[str, dict[str, Any]]:
        """The token that each of the account's living sessions holds, by the session's `id_hash`."""
        living = (session.c.account_id == account_id) & (session.c.expires_at >= time.time())
        with self._store.reading() as connection:
            hashes = connection.scalars(select(session.c.id_hash).where(living)).all()
            found = [self._read(connection, id_hash) for id_hash in hashes]
        return {row.id_hash: row.values["token"] for row in found if row and "token" in row.values}

    def end_others(self, account_id: int, id_hash: str) -> int:
        """Ends every session of the account but this one; how many there were."""
        others = (session.c.account_id == account_id) & (session.c.id_hash != id_hash)
        with self._store.writing() as connection:
            return len(connection.scalars(delete(session).where(others).returning(session.c.id_hash)).all())

    def end(self, id_hash: str) -> None:
        """Deletes the session."""
        with self._store.writing() as connection:
            connection.execute(delete(session).where(session.c.id_hash == id_hash))

    def pack(self, visitor_id: str, values: Mapping[str, Any]) -> str:
        """What the cookie of a visitor without a row holds, encrypted."""
        packed = _SERIALIZER.dumps([visitor_id, dict(values)])
        return self._visitor_fernet.encrypt(packed.encode()).decode()

    def unpack(self, cookie: str) -> Visitor | None:
        """What such a cookie holds; `None` when it is none of ours, or too old."""
        try:
            packed = self._visitor_fernet.decrypt(cookie.encode(), ttl=int(VISITOR_COOKIE_LIFETIME))
            visitor_id, values = _SERIALIZER.loads(packed.decode())
            return Visitor(visitor_id, values, self._visitor_fernet.extract_timestamp(cookie.encode()))
        except (InvalidToken, ValueError):
            return None

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
                .values(encrypted=self._encrypt(current.values), expires_at=expires_at)
            )
            return True

    def _read(self, connection: Connection, id_hash: str, lock: bool = False) -> OpenSession | None:
        named = {"id_hash": id_hash, "now": time.time()}
        row = connection.execute(_ALIVE.with_for_update() if lock else _ALIVE, named).one_or_none()
        if row is None:
            return None
        try:
            values = _SERIALIZER.loads(self._fernet.decrypt(row.encrypted).decode())
        except (InvalidToken, ValueError):
            return None  # encrypted with another secret key: as good as expired
        return OpenSession(id_hash, values, row.account_id, row.expires_at)

    def _encrypt(self, values: Mapping[str, Any]) -> bytes:
        return self._fernet.encrypt(_SERIALIZER.dumps(dict(values)).encode())


def lifetime(values: Mapping[str, Any]) -> float:
    """How long a session with these values lives without a visit, in seconds."""
    return LIFETIME if lasting(values) else VISITOR_LIFETIME


def lasting(values: Mapping[str, Any]) -> bool:
    """Whether a session is worth keeping for long: a login, or a private local account."""
    return "token" in values or LOCAL_ACCOUNT in values


def needs_row(values: Mapping[str, Any]) -> bool:
    """Whether a session holds anything beside the CSRF secret and logins under way."""
    return any(key != CSRF and not key.startswith(LOGIN) for key in values)


def _hash(raw_id: str) -> str:
    return hashlib.sha256(raw_id.encode()).hexdigest()
