"""The token store: encrypted tokens that belong to no browser's session, by name."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select

from app.encryption import fernet_for
from app.store.engine import Store, upsert
from app.store.tables import kept_token


class TokenStore:
    """All such tokens of the instance."""

    def __init__(self, store: Store, secret_key: str) -> None:
        self._store = store
        self._fernet = fernet_for(b"safe", secret_key)

    def read(self, name: str) -> dict[str, Any] | None:
        """The values under that name; `None` when there are none, or another secret key sealed them."""
        with self._store.reading() as connection:
            sealed = connection.scalar(select(kept_token.c.sealed).where(kept_token.c.name == name))
        if sealed is None:
            return None
        try:
            values = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError):
            return None
        return values if isinstance(values, dict) else None

    def keep(self, name: str, values: Mapping[str, Any]) -> None:
        """Puts the values under that name, in place of what was there."""
        sealed = self._fernet.encrypt(json.dumps(dict(values)).encode())
        with self._store.writing() as connection:
            upsert(connection, kept_token, [{"name": name, "sealed": sealed}])

    def drop(self, name: str) -> None:
        """Forgets what is under that name."""
        with self._store.writing() as connection:
            connection.execute(delete(kept_token).where(kept_token.c.name == name))
