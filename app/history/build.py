"""Builds an account's history out of all the batches that count, and puts it in place of the one before."""

import logging
import secrets

from app.history.batch import Batch
from app.history.blobs import build
from app.store.engine import Store
from app.store.history import (
    DONE,
    Import,
    batch_of,
    files_that_count,
    keep_history,
    listening_of,
    stale_mark,
)

log = logging.getLogger(__name__)


class _Gone(Exception):
    """A file's rows were taken away while a history was made of them."""


def remake(store: Store, account_id: int, finished: Import | None = None, state: str = DONE) -> bool:
    """Makes the account's history anew from its files. False when `finished` was over already."""
    while True:
        try:
            return _remake(store, account_id, finished, state)
        except _Gone:
            log.info("an import was taken back meanwhile: the history is made once more")


def _remake(store: Store, account_id: int, finished: Import | None, state: str) -> bool:
    mark = stale_mark(store, account_id)
    threshold_ms = listening_of(store, account_id).threshold_s * 1000
    files = files_that_count(store, account_id, finished)

    def batch(place: int) -> Batch:
        rows = batch_of(store, files[place])
        if rows is None:
            raise _Gone
        return Batch.unpacked(rows)

    built = build(len(files), batch, threshold_ms, secrets.token_hex(8))
    counts = dict(zip(files, zip(built.kept, built.duplicate, strict=True), strict=True))
    return keep_history(store, account_id, built.parts, counts, finished, state, mark)
