"""Snapshots: what a top list looked like on a day, at most one a day, kind and range.

Days are dates in the listener's time zone. A snapshot keeps, best first, each item's key and name.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy import delete, select

from app.store.accounts import lock_account
from app.store.engine import Store, insert_missing
from app.store.tables import snapshot

KEPT_DAYS = 400

Places = Sequence[tuple[str, str | None]]  # each item's key and name, best first


def keep_snapshots(
    store: Store, account_id: int, kind: str, lists: Mapping[str, Places], today: date
) -> None:
    """Keeps today's lists, by range, unless today's are kept already; forgets what is over a year old."""
    with store.reading() as connection:
        kept = connection.scalars(
            select(snapshot.c.time_range).where(
                snapshot.c.account_id == account_id,
                snapshot.c.kind == kind,
                snapshot.c.day == today.isoformat(),
            )
        ).all()
    rows = [
        {
            "account_id": account_id,
            "kind": kind,
            "time_range": time_range,
            "day": today.isoformat(),
            "places": msgspec.json.encode(places),
        }
        for time_range, places in lists.items()
        if time_range not in kept and places
    ]
    if not rows:
        return
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    with store.writing() as connection:
        lock_account(connection, account_id, shared=True)
        connection.execute(
            delete(snapshot).where(snapshot.c.account_id == account_id, snapshot.c.day < oldest)
        )
        insert_missing(connection, snapshot, rows)


def latest_snapshots(
    store: Store, account_id: int, kind: str, time_range: str, days: Collection[date]
) -> dict[date, tuple[date, dict[str, int]]]:
    """For each of `days`, the latest snapshot of that day or before: its own day, and ranks by key.

    A day before the first snapshot is absent.
    """
    found: dict[date, tuple[date, dict[str, int]]] = {}
    with store.reading() as connection:
        for day in days:
            row = connection.execute(
                select(snapshot.c.day, snapshot.c.places)
                .where(
                    snapshot.c.account_id == account_id,
                    snapshot.c.kind == kind,
                    snapshot.c.time_range == time_range,
                    snapshot.c.day <= day.isoformat(),
                )
                .order_by(snapshot.c.day.desc())
                .limit(1)
            ).one_or_none()
            if row is not None:
                places = msgspec.json.decode(row.places, type=list[tuple[str, str | None]])
                ranks = {key: rank for rank, (key, _) in reversed(list(enumerate(places, 1)))}
                found[day] = (date.fromisoformat(row.day), ranks)
    return found
