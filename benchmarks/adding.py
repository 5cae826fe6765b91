"""A few live plays added to a long history, which must not be a rebuild of it: the seconds of computing."""

import time
from pathlib import Path
from statistics import median

from app.history.batch import Batch
from app.history.build import add_plays
from app.store.engine import Store
from app.store.history import mark_as_stale
from app.store.migrate import migrate
from app.store.sync import LivePlay, add_live_plays
from benchmarks.batches import batches, long_history
from benchmarks.export import END
from benchmarks.table import Figure

ROWS, PLAYS, TIMES = 1_000_000, 20, 9
LENGTH = 240  # seconds
PROMISED = 0.100  # seconds


def adding(folder: Path) -> list[Figure]:
    """Twenty plays after another, each time the latest of all, to a million."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{folder / 'adding.sqlite3'}")
    migrate(store)
    account_id = long_history(store, ROWS)
    (plays,) = batches(PLAYS * TIMES, seed=5)
    took = []
    for turn in range(TIMES):
        some = _live(plays, turn)
        began = time.process_time()
        with store.writing() as connection:
            new = add_live_plays(connection, account_id, some, None, full_page=False)
            mark = mark_as_stale(connection, account_id)
        if mark is None or not add_plays(store, account_id, new, mark):
            raise RuntimeError("the history had to be rebuilt")
        took.append(time.process_time() - began)
    store.close()
    return [
        Figure(
            f"adding {PLAYS} plays to {ROWS:,}: computing",
            f"{median(took) * 1000:.0f} ms (the slowest {max(took) * 1000:.0f} ms)",
            f"< {PROMISED * 1000:.0f} ms",
            median(took) < PROMISED,
        )
    ]


def _live(plays: Batch, turn: int) -> list[LivePlay]:
    found = []
    for place in range(turn * PLAYS, (turn + 1) * PLAYS):
        item = plays.items[int(plays.columns["item"][place])]
        played_at = (END + (place + 1) * LENGTH) * 1000
        found.append(LivePlay(played_at, item.uri or "", item.uri, item.by, item.title, item.album, 200_000))
    return found
