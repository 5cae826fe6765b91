"""A long history put straight into the database, batch by batch: millions of plays in a minute, no zip."""

import secrets
from collections.abc import Iterator

import numpy as np

from app.history.batch import COLUMNS, Batch, Item, PlayKind, batch_sums
from app.history.build import rebuild
from app.store.accounts import add_local_account
from app.store.engine import Store
from app.store.import_queue import next_import
from app.store.imports import DONE, add_import
from app.store.receipts import announce_files, keep_file
from benchmarks.export import ARTISTS, END, TRACKS, YEARS

PER_FILE = 200_000


def batches(rows: int, seed: int = 1) -> Iterator[Batch]:
    """So many plays, spread evenly over the years, in batches of PER_FILE in order of time."""
    dice = np.random.default_rng(seed)
    items = [
        Item(
            PlayKind.MUSIC,
            f"Artist {number % ARTISTS}",
            f"Song {number}",
            f"Album {number % (3 * ARTISTS)}",
            f"spotify:track:{number:022}",
        )
        for number in range(TRACKS)
    ]
    words = ["android", "de", "endplay", "fwdbtn", "ios", "se", "trackdone", "windows"]
    span = YEARS * 365 * 86_400
    for first in range(0, rows, PER_FILE):
        count = min(PER_FILE, rows - first)
        from_, until = (END - span + span * at // rows for at in (first, first + count))
        columns = {name: np.zeros(count, dtype) for name, dtype in COLUMNS.items()}
        columns |= {
            "end": np.sort(dice.integers(from_, until, count)),
            "ms": dice.integers(1_000, 420_000, count).astype(np.int32),
            "item": (dice.zipf(1.35, count) % TRACKS).astype(np.int32),
            "platform": dice.choice([0, 4, 7], count).astype(np.int16),
            "country": dice.choice([1, 5], count).astype(np.int16),
            "reason_end": dice.choice([2, 3, 6], count).astype(np.int16),
            "reason_start": np.full(count, 6, np.int16),
            "shuffle": dice.integers(0, 2, count).astype(np.int8),
        }
        yield Batch({name: columns[name].astype(dtype) for name, dtype in COLUMNS.items()}, items, words)


def long_history(store: Store, rows: int) -> int:
    """A private account with so many plays; its number."""
    account_id = add_local_account(store)
    add_import(store, account_id, [(secrets.token_hex(16), "export.zip")])
    begun = next_import(store, account_id)
    if begun is None:
        raise RuntimeError("there is no import to fill")
    files = -(-rows // PER_FILE)
    announce_files(store, begun, 1, [(place, f"Audio_{place}.json") for place in range(files)])
    for place, batch in enumerate(batches(rows)):
        keep_file(
            store,
            begun,
            1,
            place,
            state=DONE,
            read=len(batch),
            kept=len(batch),
            **batch_sums(batch),
        )
    rebuild(store, account_id, finished=begun)
    return account_id
