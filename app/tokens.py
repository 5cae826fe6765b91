"""Encrypted tokens that belong to no browser's session: by name, and those that live plays are asked with."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, select

from app.encryption import fernet_for
from app.store.engine import Store, upsert
from app.store.sync import replace_token, switch_on, sync_of
from app.store.tables import stored_token


class TokenStore:
    """All such tokens of the instance."""

    def __init__(self, store: Store, secret_key: str) -> None:
        self._store = store
        self._fernet = fernet_for(b"safe", secret_key)

    def read(self, name: str) -> dict[str, Any] | None:
        """The values under that name; `None` when there are none, or another secret key encrypted them."""
        with self._store.reading() as connection:
            encrypted = connection.scalar(select(stored_token.c.encrypted).where(stored_token.c.name == name))
        return None if encrypted is None else _opened(self._fernet, encrypted)

    def keep(self, name: str, values: Mapping[str, Any]) -> None:
        """Puts the values under that name, in place of what was there."""
        encrypted = self._fernet.encrypt(json.dumps(dict(values)).encode())
        with self._store.writing() as connection:
            upsert(connection, stored_token, [{"name": name, "encrypted": encrypted}])

    def drop(self, name: str) -> None:
        """Forgets what is under that name."""
        with self._store.writing() as connection:
            connection.execute(delete(stored_token).where(stored_token.c.name == name))


class SyncTokens:
    """The tokens that live plays are asked with, one for each account for which that is on."""

    def __init__(self, store: Store, secret_key: str) -> None:
        self._store = store
        self._fernet = fernet_for(b"sync", secret_key)

    def read(self, account_id: int) -> dict[str, Any] | None:
        """The account's; `None` when it is off, or another secret key encrypted it."""
        row = sync_of(self._store, account_id)
        return None if row is None else _opened(self._fernet, row.encrypted)

    def encrypt(self, values: Mapping[str, Any]) -> bytes:
        """As it is kept."""
        return self._fernet.encrypt(json.dumps(dict(values)).encode())

    def take_over(self, account_id: int, login: Callable[[], Mapping[str, Any]], scope: str) -> None:
        """A new login takes the place of the one that is kept, where it is on and the new one has `scope`."""
        row = sync_of(self._store, account_id)
        if row is None:
            return
        values = login()
        if scope not in str(values["scope"]).split():
            return
        if values["authorized_at"] > row.authorized_at:
            switch_on(self._store, account_id, self.encrypt(values), values["authorized_at"], time.time())

    def replace(self, account_id: int, values: Mapping[str, Any]) -> bool:
        """Keeps a renewed one; false where it was switched off meanwhile."""
        return replace_token(self._store, account_id, self.encrypt(values), values["authorized_at"])


def _opened(fernet: Fernet, encrypted: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(fernet.decrypt(encrypted))
    except (InvalidToken, ValueError):
        return None
    return values if isinstance(values, dict) else None
