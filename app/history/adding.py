"""Adds a few plays to a history that is stored: only the blobs that they touch are written again.

The result is the history that a build from all batches gives, but for the numbers of names: a build numbers
them in order of their spelling, while here new names follow the known ones. Where that takes more than a look
at the blobs around the new plays, NeedsRebuild is raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from app.history.batch import Batch, Source, starts
from app.history.blobs import (
    KINDS,
    HistoryManifest,
    NeedsRebuild,
    names_name,
    pack_names,
    rollup_name,
    rows_by_year,
    rows_name,
    services_of,
    unpack_names_to_change,
    year_of,
)
from app.history.merge import gather
from app.history.merge_names import merge_names
from app.history.rollup import Rollup, add_rows, roll_up_blocks
from app.history.section import EVERY_COLUMN, LastWritten, Names, Rows, Section, no_rows, section_of
from app.history.sessions import Plays, SessionCount, count_again
from app.history.stored import StoredHistory
from app.store.history import read_blobs

# Days around the new plays in which sessions are counted again: more where a session goes on for longer.
AROUND = (3, 12, 48, 192, 768)


@dataclass
class Change:
    """A new version of a history: its manifest, and the blobs that it does not share with the one before."""

    manifest: HistoryManifest
    blobs: dict[str, bytes] = field(default_factory=dict)

    def write(self, name: str, body: bytes) -> None:
        """Adds a blob to the new version, or replaces it there."""
        self.manifest.versions.pop(name, None)
        self.blobs[self.manifest.full_name(name)] = body


def add_to_history(stored: StoredHistory, plays: Batch, threshold_ms: int, version: str) -> Change:
    """The history with live plays that are later than all it has, settled already.

    Raises NeedsRebuild, and VersionGone where somebody else has written another version.
    """
    change = Change(_next_manifest(stored.manifest, plays, threshold_ms, version))
    rows = gather(1, lambda _: plays)
    for kind, name in KINDS.items():
        section = section_of(kind, rows, np.ones(len(plays), bool))
        if len(section.rows):
            _Addition(stored, change, name, threshold_ms).add(section)
    return change


def _next_manifest(old: HistoryManifest, plays: Batch, threshold_ms: int, version: str) -> HistoryManifest:
    """The manifest of the new version, which has all blobs of the old one so far."""
    if old.last_end is None or old.rows.keys() != old.years.keys():
        raise NeedsRebuild("an older program stored the history")
    names = [name for kind in old.years for name in _blob_names(old, kind, threshold_ms)]
    latest = int((starts(plays.columns) + plays.columns["ms"]).max())
    return msgspec.structs.replace(
        old,
        version=version,
        years={kind: [*years] for kind, years in old.years.items()},
        rows={kind: [*rows] for kind, rows in old.rows.items()},
        names_bytes=dict(old.names_bytes),
        versions={name: old.versions.get(name, old.version) for name in names},
        last_end=(latest, old.last_end[1]),
        services=_with_services(old.services, services_of(plays.columns["source"])),
    )


def _with_services(known: Sequence[str], more: Sequence[str]) -> list[str]:
    every = {*known, *more}
    return list(dict.fromkeys(source.service for source in Source if source.service in every))


def _blob_names(manifest: HistoryManifest, kind: str, threshold_ms: int) -> list[str]:
    blocks = [block.name for block in manifest.blocks(kind)]
    return [names_name(kind), rollup_name(kind, threshold_ms), *blocks]


class _Addition:
    """Adds the plays of one kind."""

    def __init__(self, stored: StoredHistory, change: Change, kind: str, threshold_ms: int) -> None:
        self._stored = stored
        self._change = change
        self._kind = kind
        self._threshold_ms = threshold_ms
        self._known = kind in stored.manifest.years
        self._years: dict[int, Rows] = {}

    def add(self, section: Section) -> None:
        """Writes the names, the blocks and the roll-up with the plays of a section."""
        names, last_written = self._names()
        merged = merge_names(names, last_written, section.names, section.last_written)
        packed = pack_names(merged.names, merged.last_written)
        self._change.write(names_name(self._kind), packed)
        self._change.manifest.names_bytes[self._kind] = len(packed)
        columns = section.rows.with_every_column().columns
        columns |= {
            "track": merged.track[columns["track"]],
            "album": merged.album[columns["album"]],
            "country": merged.word[columns["country"]].astype(EVERY_COLUMN["country"]),
            "reason": merged.word[columns["reason"]].astype(EVERY_COLUMN["reason"]),
        }
        new = Rows(columns)
        after = {year: self._add_to_year(year, rows) for year, rows in rows_by_year(new)}
        self._add_to_rollup(new, merged.names, after)

    def _names(self) -> tuple[Names, LastWritten]:
        if not self._known:
            numbers, moments = np.zeros(0, np.int32), np.zeros(0, np.int64)
            names = Names([], [], numbers, [], numbers, [], [], [])
            return names, LastWritten(moments, moments, moments, moments)
        (body,) = self._stored.blobs([names_name(self._kind)])
        names, last_written = unpack_names_to_change(body)
        if last_written is None:
            raise NeedsRebuild("an older program stored the names")
        return names, last_written

    def _year(self, year: int) -> Rows:
        """The plays of a year before the change."""
        if year not in self._years:
            manifest = self._stored.manifest
            blocks = manifest.blocks(self._kind) if self._known else []
            names = [block.name for block in blocks if block.year == year]
            bodies = self._stored.blobs(names) if names else []
            self._years[year] = Rows.unpacked(bodies, tuple(EVERY_COLUMN)) if bodies else no_rows()
        return self._years[year]

    def _add_to_year(self, year: int, new: Rows) -> Rows:
        try:
            rows, first = self._year(year).with_rows(new)
        except ValueError as error:
            raise NeedsRebuild(str(error)) from error
        manifest = self._change.manifest
        for number, block in enumerate(rows.cut(manifest.block_rows)):
            if (number + 1) * manifest.block_rows > first:
                self._change.write(rows_name(self._kind, year, number), block.packed())
        counts = dict(zip(manifest.years.get(self._kind, ()), manifest.rows.get(self._kind, ()), strict=True))
        counts[year] = len(rows)
        manifest.years[self._kind] = sorted(counts)
        manifest.rows[self._kind] = [counts[one] for one in sorted(counts)]
        return rows

    def _add_to_rollup(self, new: Rows, names: Names, after: Mapping[int, Rows]) -> None:
        name = rollup_name(self._kind, self._threshold_ms)
        if self._known:
            full_name = self._stored.manifest.full_name(name)
            body = read_blobs(self._stored.store, self._stored.account_id, full_name).get(full_name)
            if body is None:  # the threshold was changed, and nobody has looked since
                self._change.manifest.versions.pop(name, None)
                return
            total = Rollup.unpacked(body)
        else:
            total = roll_up_blocks([], names, self._threshold_ms)
        sessions = self._sessions(new.where(new.count(self._threshold_ms)), after)
        total = add_rows(total, new, names, self._threshold_ms, sessions)
        self._change.write(name, total.packed())

    def _sessions(self, new: Rows, after: Mapping[int, Rows]) -> tuple[SessionCount, SessionCount]:
        """The sessions around the new plays that count, before and after."""
        if not len(new):
            return SessionCount(), SessionCount()
        first, last = int(new["start"][0]), int(new["start"][-1])
        for days in AROUND:
            low, high = first - days * 86_400, last + days * 86_400
            years = range(year_of(low), year_of(high) + 1)
            before = [self._year(year) for year in years]
            now = [after.get(year, rows) for year, rows in zip(years, before, strict=True)]
            plays_before, plays_now = (self._counting(rows, low, high) for rows in (before, now))
            found = count_again(plays_before, plays_now, (first, last), (low, high))
            if found is not None:
                return found
        raise NeedsRebuild("a session reaches further than the plays around the new ones")

    def _counting(self, years: Sequence[Rows], low: int, high: int) -> Plays:
        near = [rows.between(low, high) for rows in years]
        near = [rows.where(rows.count(self._threshold_ms)) for rows in near]
        start, ms = (np.concatenate([rows[name] for rows in near]) for name in ("start", "ms"))
        return start.astype(np.int64), ms
