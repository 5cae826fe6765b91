"""Round trips: how many upstream calls had to wait for one another, on a visit for which nothing is kept."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from app.sandbox import Call

LATENCY = 0.150  # seconds, on every upstream call


def in_sequence(calls: Sequence[Call]) -> int:
    """The longest chain of calls in which each began after the one before had ended."""
    trips, ended = 0, 0.0
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= ended:
            trips, ended = trips + 1, call.ended
    return trips


def forget_answers(database: Path) -> None:
    """Makes the next visit a first one: nothing kept, and nobody knows whose session it is."""
    with sqlite3.connect(database, timeout=10) as connection:
        connection.execute("DELETE FROM answer")
        connection.execute("DELETE FROM audio_features")
        connection.execute("UPDATE session SET account_id = NULL")
    connection.close()
