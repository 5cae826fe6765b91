"""How each listener wants plays counted."""

from dataclasses import dataclass

from sqlalchemy import select

from app.store.accounts import lock_account
from app.store.engine import Store, upsert
from app.store.tables import listening

DEFAULT_THRESHOLD = 30  # seconds


@dataclass(frozen=True)
class Listening:
    """How a listener wants plays counted. `timezone`: `None` until they choose one."""

    timezone: str | None = None
    threshold_s: int = DEFAULT_THRESHOLD


def listening_of(store: Store, account_id: int) -> Listening:
    """The account's settings."""
    query = select(listening.c.timezone, listening.c.threshold_s).where(listening.c.account_id == account_id)
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    return Listening(*row) if row else Listening()


def keep_listening(store: Store, account_id: int, settings: Listening) -> bool:
    """Changes the account's settings. False when the account is gone."""
    row = {
        "account_id": account_id,
        "timezone": settings.timezone,
        "threshold_s": settings.threshold_s,
    }
    with store.writing() as connection:
        if not lock_account(connection, account_id):
            return False
        upsert(connection, listening, [row])
    return True
