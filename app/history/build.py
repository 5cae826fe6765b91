"""Keeps an account's history as its batches and live plays say: built from all, or with a few plays added."""

import logging
import secrets
from collections.abc import Sequence

import numpy as np

from app.history.adding import add_to_history
from app.history.batch import Batch
from app.history.blobs import Built, HistoryManifest, NeedsRebuild, VersionGone, build
from app.history.corrections import concern_batch
from app.history.live import SAME_MOMENT, estimated_lengths, live_batch
from app.history.same_play import SAME_TIME
from app.history.stored import stored_history
from app.store.corrections import corrections_of
from app.store.engine import Store
from app.store.history import MANIFEST, Changed, Receipt, keep_history, read_blobs, replace_blobs, stale_mark
from app.store.imports import DONE, Import
from app.store.listening import listening_of
from app.store.receipts import batch_of, files_that_count, imports_of_files
from app.store.sync import LivePlay, live_plays

log = logging.getLogger(__name__)


class _BatchGone(Exception):
    """A batch was taken away while a history was built from it."""


def rebuild(store: Store, account_id: int, finished: Import | None = None, state: str = DONE) -> bool:
    """Builds the account's history from all batches. False when the import `finished` was over already."""
    while True:
        try:
            return _rebuild(store, account_id, finished, state)
        except (_BatchGone, Changed):
            log.info("batches came or went meanwhile: the history is built once more")


def _rebuild(store: Store, account_id: int, finished: Import | None, state: str) -> bool:
    mark = stale_mark(store, account_id)
    manifest = read_blobs(store, account_id, MANIFEST).get(MANIFEST)
    threshold_ms = listening_of(store, account_id).threshold_s * 1000
    files = files_that_count(store, account_id, finished)
    live = live_batch(live_plays(store, account_id))

    def batch(place: int) -> Batch:
        if place == len(files):
            return live
        body = batch_of(store, files[place])
        if body is None:
            raise _BatchGone
        return Batch.unpacked(body)

    built = build(
        len(files) + bool(len(live)),
        batch,
        threshold_ms,
        _new_version(),
        imports_of_files(store, files),
        corrections_of(store, account_id, finished),
    )
    receipts = _receipts(files, built)
    return keep_history(
        store, account_id, built.blobs, receipts, finished, state, mark, manifest, built.effects
    )


def _receipts(files: Sequence[int], built: Built) -> dict[int, Receipt]:
    return {
        number: Receipt(built.kept[place], built.duplicate[place], built.replaced[place])
        for place, number in enumerate(files)
    }


def add_plays(store: Store, account_id: int, plays: Sequence[LivePlay], mark: bytes) -> bool:
    """Adds live plays, which are stored already, to the account's history.

    `mark`: the stale mark that storing them left, the only one. False when the history must be rebuilt.
    """
    try:
        before = read_blobs(store, account_id, MANIFEST).get(MANIFEST)
        stored = stored_history(store, account_id)
        if before is None or stored is None:
            raise NeedsRebuild("there is no history")
        batch = _settled(live_batch(plays), stored.manifest)
        if concern_batch(batch, corrections_of(store, account_id)):
            raise NeedsRebuild("corrections are about these plays")
        threshold_ms = listening_of(store, account_id).threshold_s * 1000
        change = add_to_history(stored, batch, threshold_ms, _new_version())
        shared = [change.manifest.full_name(name) for name in change.manifest.versions]
        blobs = change.blobs | {MANIFEST: change.manifest.packed()}
        replace_blobs(store, account_id, before, blobs, shared, mark)
    except NeedsRebuild as error:
        log.info("a history needs to be rebuilt: %s", error)
    except (Changed, VersionGone):
        log.info("a history was changed meanwhile")
    else:
        return True
    return False


def _settled(batch: Batch, manifest: HistoryManifest) -> Batch:
    """Live plays with their start and length, where nothing but the plays before them matters."""
    if manifest.last_end is None:
        raise NeedsRebuild("an older program stored the history")
    last, exported = manifest.last_end
    played_at = batch.columns["start"]
    if int(played_at.min()) <= max(last, exported + SAME_MOMENT):
        raise NeedsRebuild("there are plays of that time")
    duration = np.maximum(batch.columns["duration"], 0)
    if int((played_at - duration).min()) <= manifest.last_scrobble + SAME_TIME:
        raise NeedsRebuild("another service may tell of them")
    ends = np.append(last, np.sort(played_at)) if last else np.sort(played_at)
    length = estimated_lengths(played_at, duration, ends)
    columns = batch.columns | {"ms": length.astype(np.int32), "start": played_at - length}
    return Batch(columns, batch.items, batch.words)


def _new_version() -> str:
    return secrets.token_hex(8)
