"""A few live plays added to a long history, which must not be a rebuild of it: the seconds of computing."""

import time
from pathlib import Path
from statistics import median

import numpy as np

from app.history.batch import Batch, Source
from app.history.build import add_plays
from app.store.engine import Store
from app.store.migrate import migrate
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
        batch = _live(plays, turn)
        began = time.process_time()
        if not add_plays(store, account_id, batch):
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


def _live(plays: Batch, turn: int) -> Batch:
    which = np.zeros(len(plays), bool)
    which[turn * PLAYS : (turn + 1) * PLAYS] = True
    some = plays.where(which)
    end = END + (turn * PLAYS + np.arange(PLAYS)) * LENGTH
    columns = some.columns | {"end": end, "source": np.full(PLAYS, Source.LIVE, np.int8)}
    return Batch(columns, some.items, some.words)
