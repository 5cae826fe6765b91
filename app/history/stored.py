"""An account's history as it is kept: names, roll-ups and plays, drawn from the database when needed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from sqlalchemy.exc import IntegrityError, OperationalError

from app.history.batch import Source
from app.history.blobs import (
    Block,
    HistoryManifest,
    VersionGone,
    names_name,
    rollup_name,
    unpack_names,
    year_start,
)
from app.history.live import open_gaps
from app.history.rollup import Rollup, roll_up_blocks
from app.history.section import ROW_COLUMNS, Names, Rows
from app.lazy import cached_property
from app.store.accounts import lock_account
from app.store.engine import Store, optional_write, upsert
from app.store.history import MANIFEST, blob_names, delete_blobs, read_blobs, write_blob
from app.store.listening import listening_of
from app.store.sync import gaps_of
from app.store.tables import history_part

MUSIC = "music"
MOST_ROLLUPS = 3  # of other thresholds than the listener's own
LONG = 500_000  # plays from which on reading them is a long read
MANY_NAMES = 8 * 2**20  # bytes of names from which on reading them is one too
# What only saves work later may stay undone: the account is gone, or the database is busy.
_NOT_NOW = (IntegrityError, OperationalError)


def no_matter() -> None:
    """What is called before a long read that nobody needs to know of."""


@dataclass(frozen=True)
class StoredHistory:
    """One version of an account's history.

    `long_read` is called before many plays or names are read. It may wait, or raise to prevent it.
    """

    store: Store
    account_id: int
    manifest: HistoryManifest
    long_read: Callable[[], None] = no_matter

    def blobs(self, names: Sequence[str]) -> list[bytes]:
        """These blobs of this version. Raises VersionGone."""
        full_names = [self.manifest.full_name(name) for name in names]
        found = read_blobs(self.store, self.account_id, *full_names)
        if len(found) < len(full_names):
            raise VersionGone
        return [found[name] for name in full_names]

    def gaps(self) -> list[tuple[int, int]]:
        """Between live plays, where some may be missing that no export tells of (Unix milliseconds)."""
        return open_gaps(gaps_of(self.store, self.account_id), self.manifest.exported)

    def history(self, kind: str, threshold_ms: int, service: str | None = None) -> "History | None":
        """The plays of a kind, told by one `service` or by any; `None` where there are none of that kind."""
        return History(self, kind, threshold_ms, service) if kind in self.manifest.years else None


def stored_history(
    store: Store, account_id: int, long_read: Callable[[], None] = no_matter
) -> StoredHistory | None:
    """The account's history; `None` where it has none."""
    body = read_blobs(store, account_id, MANIFEST).get(MANIFEST)
    if body is None:
        return None
    return StoredHistory(store, account_id, HistoryManifest.unpacked(body), long_read)


class History:
    """The plays of one kind, counted from a threshold on; with a `service`, those that it told of."""

    def __init__(
        self, stored: StoredHistory, kind: str, threshold_ms: int, service: str | None = None
    ) -> None:
        self.kind = kind
        self.threshold_ms = threshold_ms
        self._stored = stored
        self._sources = [source for source in Source if source.service == service]
        self._of_service = f"@{service}" if service else ""

    @cached_property
    def names(self) -> Names:
        """What the numbers stand for."""
        if self._stored.manifest.names_bytes.get(self.kind, 0) > MANY_NAMES:
            self._stored.long_read()
        return unpack_names(self._part(names_name(self.kind)))

    @cached_property
    def everything(self) -> Rollup:
        """The roll-up of all plays; made and kept at the first use of another threshold."""
        name = self._full_name(rollup_name(self.kind, f"{self.threshold_ms}{self._of_service}"))
        body = read_blobs(self._stored.store, self._stored.account_id, name).get(name)
        if body is not None:
            return Rollup.unpacked(body)
        made = roll_up_blocks(self.blocks(), self.names, self.threshold_ms)
        with suppress(*_NOT_NOW), optional_write():  # the account was deleted or moved meanwhile
            self._make_room()
            write_blob(self._stored.store, self._stored.account_id, name, made.packed())
        return made

    @property
    def services(self) -> Sequence[str]:
        """What told of the account's plays, in the order of `Source`."""
        return self._stored.manifest.services

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self._stored.store

    @property
    def manifest(self) -> HistoryManifest:
        """What there is in this version."""
        return self._stored.manifest

    @property
    def account_id(self) -> int:
        """Whose it is."""
        return self._stored.account_id

    def _make_room(self) -> None:
        """Lets go of roll-ups, but for the listener's own: a link may ask for any threshold."""
        store, account_id = self._stored.store, self._stored.account_id
        own = self._full_name(rollup_name(self.kind, listening_of(store, account_id).threshold_s * 1000))
        others = [name for name in blob_names(store, account_id, rollup_name(self.kind, "")) if name != own]
        if len(others) >= MOST_ROLLUPS:
            delete_blobs(store, account_id, others)

    def blocks(
        self,
        start: int | None = None,
        end: int | None = None,
        names: Collection[str] = tuple(ROW_COLUMNS),
    ) -> Iterator[Rows]:
        """The plays that start from `start` up to, but not at, `end` (Unix seconds), in order of time.

        A block at a time, small ones together, with these columns alone. Raises VersionGone.
        """
        blocks = [
            block
            for block in self._stored.manifest.blocks(self.kind)
            if (start is None or year_start(block.year + 1) > start)
            and (end is None or year_start(block.year) < end)
        ]
        if sum(block.rows for block in blocks) > LONG:
            self._stored.long_read()
        for group in _groups(blocks, self._stored.manifest.block_rows):
            rows = self._rows(group, names)
            if start is not None or end is not None:
                rows = rows.between(0 if start is None else start, 2**32 - 1 if end is None else end)
            yield rows

    def chunks(self) -> int:
        """How many chunks the whole history has: what `blocks` yields, one after another."""
        return len(self._chunks)

    def chunk(self, number: int, names: Collection[str]) -> Rows:
        """One of the chunks. Raises VersionGone."""
        if sum(block.rows for group in self._chunks for block in group) > LONG:
            self._stored.long_read()
        return self._rows(self._chunks[number], names)

    @cached_property
    def _chunks(self) -> list[list[Block]]:
        manifest = self._stored.manifest
        return list(_groups(manifest.blocks(self.kind), manifest.block_rows))

    def _rows(self, blocks: Sequence[Block], names: Collection[str]) -> Rows:
        bodies = self._blobs([block.name for block in blocks])
        if not self._sources:
            return Rows.unpacked(bodies, names)
        rows = Rows.unpacked(bodies, {*names, "source"})
        return rows.where(np.isin(rows["source"], self._sources))

    def gaps(self) -> list[tuple[int, int]]:
        """Between live plays, where some may be missing that no export tells of (Unix milliseconds)."""
        return self._stored.gaps() if self.kind == MUSIC else []

    def long_read(self) -> None:
        """To be called before many plays are read in another way."""
        self._stored.long_read()

    def rollup(self, start: int, end: int) -> Rollup:
        """The roll-up of the plays that start from `start` up to, but not at, `end`."""
        return roll_up_blocks(self.blocks(start, end), self.names, self.threshold_ms)

    def kept(self, name: str, make: Callable[[], Mapping[str, bytes]]) -> bytes:
        """A blob by its name, one of those that `make` makes at the first use; kept with this version."""
        full = self._named(name)
        body = read_blobs(self._stored.store, self._stored.account_id, full).get(full)
        return self.keep(make())[name] if body is None else body

    def keep(self, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Keeps blobs, in place of those of the same name."""
        account_id = self._stored.account_id
        rows = [{"account_id": account_id, "name": self._named(name), "body": made[name]} for name in made]
        with suppress(*_NOT_NOW), optional_write(), self._stored.store.writing() as connection:
            lock_account(connection, account_id, shared=True)
            upsert(connection, history_part, rows)
        return made

    def _named(self, name: str) -> str:
        return self._full_name(f"{self.kind}/{name}{self._of_service}")

    def _full_name(self, name: str) -> str:
        return self._stored.manifest.full_name(name)

    def _blobs(self, names: Sequence[str]) -> list[bytes]:
        return self._stored.blobs(names)

    def _part(self, name: str) -> bytes:
        return self._blobs([name])[0]


def _groups(blocks: Sequence[Block], most: int) -> Iterator[list[Block]]:
    """Blocks that are read at once: small ones together, up to so many plays."""
    group: list[Block] = []
    held = 0
    for block in blocks:
        if group and held + block.rows > most:
            yield group
            group, held = [], 0
        group.append(block)
        held += block.rows
    if group:
        yield group
