"""Keeps an account's history as its batches say: built from all of them, or with a few plays added."""

import logging
import secrets
from dataclasses import dataclass

from app.history.adding import add_to_history
from app.history.batch import Batch, batch_sums
from app.history.blobs import Stale, build
from app.history.merge import joined
from app.history.new_plays import NeedsRebuild, new_plays, time_near
from app.history.stored import stored_history
from app.store.engine import Store
from app.store.history import (
    DONE,
    MANIFEST,
    Changed,
    Import,
    batch_of,
    files_that_count,
    keep_history,
    listening_of,
    part,
    stale_mark,
)
from app.store.live_batches import NewVersion, OpenBatch, batches_between, keep_live_batch, open_batch

log = logging.getLogger(__name__)

TRIES = 3
FULL_BATCH = 2_000  # rows from which on live plays begin another batch


class _BatchGone(Exception):
    """A batch was taken away or has grown while a history was built from it."""


def rebuild(store: Store, account_id: int, finished: Import | None = None, state: str = DONE) -> bool:
    """Builds the account's history from all batches. False when the import `finished` was over already."""
    while True:
        try:
            return _rebuild(store, account_id, finished, state)
        except (_BatchGone, Changed):
            log.info("batches came or went meanwhile: the history is built once more")


def _rebuild(store: Store, account_id: int, finished: Import | None, state: str) -> bool:
    mark = stale_mark(store, account_id)
    manifest = part(store, account_id, MANIFEST).get(MANIFEST)
    threshold_ms = listening_of(store, account_id).threshold_s * 1000
    files = files_that_count(store, account_id, finished)
    lengths: dict[int, int] = {}

    def batch(place: int) -> Batch:
        body = batch_of(store, files[place])
        if body is None:
            raise _BatchGone
        found = Batch.unpacked(body)
        if lengths.setdefault(place, len(found)) != len(found):
            raise _BatchGone
        return found

    built = build(len(files), batch, threshold_ms, _new_version())
    counts = dict(zip(files, zip(built.kept, built.duplicate, strict=True), strict=True))
    return keep_history(store, account_id, built.parts, counts, finished, state, mark, manifest)


def add_plays(store: Store, account_id: int, batch: Batch) -> bool:
    """Stores a batch of a few plays, and adds them to the account's history.

    False when the history could not be brought up to date this way: it is marked as stale, and `rebuild` does
    it. Either happens in one transaction, so that readers see one version or the other.
    """
    if not len(batch):
        return True
    for _ in range(TRIES):
        try:
            found = _added(store, account_id, batch)
            keep_live_batch(store, account_id, found.row, found.number, found.version)
            return True
        except (Changed, Stale):
            log.info("the history was changed meanwhile: the plays are added once more")
        except NeedsRebuild as error:
            log.info("the history needs to be rebuilt: %s", error)
            break
    counts = {"read": len(batch), "kept": len(batch), "duplicate": 0}
    keep_live_batch(store, account_id, _row(batch, counts))
    return False


@dataclass(frozen=True)
class _Added:
    """A batch as it is to be stored, in place of the row `number` or as a new one, and the new version."""

    row: dict[str, object]
    number: int | None
    version: NewVersion


def _added(store: Store, account_id: int, batch: Batch) -> _Added:
    before = part(store, account_id, MANIFEST).get(MANIFEST)
    stored = stored_history(store, account_id)
    if before is None or stored is None or stale_mark(store, account_id) is not None:
        raise NeedsRebuild("there is no history, or it is stale")
    if stored.manifest.ends is None:
        raise NeedsRebuild("an older program stored the history")
    near = [Batch.unpacked(body) for body in batches_between(store, account_id, *time_near(batch))]
    plays = new_plays(batch, near, stored.manifest.ends)
    change = add_to_history(
        stored, batch.where(plays), batch, listening_of(store, account_id).threshold_s * 1000, _new_version()
    )
    kept = int(plays.sum())
    counts = {"read": len(batch), "kept": kept, "duplicate": len(batch) - kept}
    shared = [change.manifest.full_name(name) for name in change.manifest.versions]
    version = NewVersion(before, change.blobs | {MANIFEST: change.manifest.packed()}, shared)
    return _appended(open_batch(store, account_id), batch, counts, version)


def _appended(latest: OpenBatch | None, batch: Batch, counts: dict[str, int], version: NewVersion) -> _Added:
    if latest is None or latest.kept + latest.duplicate >= FULL_BATCH:
        return _Added(_row(batch, counts), None, version)
    both = joined(Batch.unpacked(latest.body), batch)
    kept, duplicate = latest.kept + counts["kept"], latest.duplicate + counts["duplicate"]
    counts = {"read": kept + duplicate, "kept": kept, "duplicate": duplicate}
    return _Added(_row(both, counts), latest.id, version)


def _row(batch: Batch, counts: dict[str, int]) -> dict[str, object]:
    return {**counts, "unreadable": 0, "ignored": 0, "oddities": b"[]", **batch_sums(batch)}


def _new_version() -> str:
    return secrets.token_hex(8)
