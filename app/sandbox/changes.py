"""What apps saved and removed, in the sandbox's state, on top of what a listener had saved before.

Times are Unix seconds. Only the latest changes are kept: it is a demo.
"""

import time
from dataclasses import dataclass

from app.sandbox.state import State

_MOST = 2_000


@dataclass(frozen=True)
class Change:
    """A track or album that was saved, or removed (`saved` is false)."""

    item_id: str
    saved: bool
    changed_at: int


def changes_of(state: State, listener: str) -> list[Change]:
    """What apps changed in that library, oldest first."""
    query = "SELECT * FROM library_changes WHERE listener = ? ORDER BY rowid"
    with state.transaction() as db:
        rows = db.execute(query, (listener,)).fetchall()
    return [Change(row["track_id"], bool(row["saved"]), row["changed_at"]) for row in rows]


def change(state: State, listener: str, item_ids: list[str], saved: bool) -> None:
    """Save or remove tracks and albums; the oldest of too many changes are forgotten."""
    now = int(time.time())
    with state.transaction() as db:
        db.execute("BEGIN IMMEDIATE")
        for item_id in item_ids:
            # Replacing gives the row a new rowid: rows stay in the order of the changes.
            values = (listener, item_id, saved, now)
            db.execute("INSERT OR REPLACE INTO library_changes VALUES (?,?,?,?)", values)
        newest = "SELECT rowid FROM library_changes ORDER BY rowid DESC LIMIT ?"
        db.execute(f"DELETE FROM library_changes WHERE rowid NOT IN ({newest})", (_MOST,))  # noqa: S608 - no value in it
        db.execute("COMMIT")
