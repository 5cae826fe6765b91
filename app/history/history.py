"""An account's history as it is kept: names, roll-ups and plays, drawn from the database when needed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import msgspec
from sqlalchemy.exc import IntegrityError

from app.history.parts import (
    LEDGER,
    Ledger,
    Stale,
    names_name,
    of_edition,
    rollup_name,
    rows_name,
    unpack_names,
    year_start,
)
from app.history.rollup import Rollup, roll_up
from app.history.section import Names, Rows
from app.store.accounts import lock_account
from app.store.engine import Store, optional_write, upsert
from app.store.history import drop_parts, keep_part, listening_of, part, part_names
from app.store.tables import history_part

MUSIC = "music"
MOST_ROLLUPS = 3  # of other thresholds than the listener's own


@dataclass(frozen=True)
class Ledgers:
    """Which history an account has: for each kind the years with plays. A new one is a new `edition`."""

    store: Store
    account_id: int
    ledger: Ledger

    def parts(self, names: Sequence[str]) -> list[bytes]:
        """These parts of this edition. Raises Stale."""
        whole = [of_edition(name, self.ledger.edition) for name in names]
        found = part(self.store, self.account_id, *whole)
        if len(found) < len(whole):
            raise Stale
        return [found[name] for name in whole]

    def history(self, kind: str, threshold_ms: int) -> "History | None":
        """The plays of one kind; `None` where there are none."""
        return History(self, kind, threshold_ms) if kind in self.ledger.years else None


def ledgers(store: Store, account_id: int) -> Ledgers | None:
    """The account's history; `None` where it has none."""
    body = part(store, account_id, LEDGER).get(LEDGER)
    if body is None:
        return None
    return Ledgers(store, account_id, msgspec.msgpack.decode(body, type=Ledger))


class History:
    """The plays of one kind, counted from a threshold on."""

    def __init__(self, of: Ledgers, kind: str, threshold_ms: int) -> None:
        self.kind = kind
        self.threshold_ms = threshold_ms
        self._of = of
        self._years = of.ledger.years[kind]

    @cached_property
    def names(self) -> Names:
        """What the numbers stand for."""
        return unpack_names(self._part(names_name(self.kind)))

    @cached_property
    def everything(self) -> Rollup:
        """The roll-up of all plays; made and kept at the first use of another threshold."""
        name = self._whole(rollup_name(self.kind, self.threshold_ms))
        body = part(self._of.store, self._of.account_id, name).get(name)
        if body is not None:
            return Rollup.unpacked(body)
        made = roll_up(self.rows(), self.names, self.threshold_ms)
        with suppress(IntegrityError), optional_write():  # the account was deleted or moved meanwhile
            self._make_room()
            keep_part(self._of.store, self._of.account_id, name, made.packed())
        return made

    def _make_room(self) -> None:
        """Lets go of roll-ups, but for the listener's own: a link may ask for any threshold."""
        store, account_id = self._of.store, self._of.account_id
        own = self._whole(rollup_name(self.kind, listening_of(store, account_id).threshold_s * 1000))
        others = [one for one in part_names(store, account_id, rollup_name(self.kind, "")) if one != own]
        if len(others) >= MOST_ROLLUPS:
            drop_parts(store, account_id, others)

    def rows(self, start: int | None = None, end: int | None = None) -> Rows:
        """The plays that start from `start` up to, but not at, `end`: Unix seconds."""
        years = [
            year
            for year in self._years
            if (start is None or year_start(year + 1) > start) and (end is None or year_start(year) < end)
        ]
        rows = Rows.unpacked(self._parts([rows_name(self.kind, year) for year in years]))
        if start is None and end is None:
            return rows
        return rows.between(0 if start is None else start, 2**32 - 1 if end is None else end)

    def rollup(self, start: int, end: int) -> Rollup:
        """The roll-up of the plays that start from `start` up to, but not at, `end`."""
        return roll_up(self.rows(start, end), self.names, self.threshold_ms)

    def kept(self, name: str, make: Callable[[], Mapping[str, bytes]]) -> bytes:
        """A part by its name, one of those that `make` makes at the first use; kept with this edition."""
        full = self._named(name)
        body = part(self._of.store, self._of.account_id, full).get(full)
        return self.keep(make())[name] if body is None else body

    def keep(self, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Keeps parts, in place of those of the same name."""
        mine = self._of.account_id
        rows = [{"account_id": mine, "name": self._named(name), "body": made[name]} for name in made]
        with suppress(IntegrityError), optional_write(), self._of.store.writing() as connection:
            lock_account(connection, mine, shared=True)
            upsert(connection, history_part, rows)
        return made

    def _named(self, name: str) -> str:
        return self._whole(f"{self.kind}/{name}")

    def _whole(self, name: str) -> str:
        return of_edition(name, self._of.ledger.edition)

    def _parts(self, names: Sequence[str]) -> list[bytes]:
        return self._of.parts(names)

    def _part(self, name: str) -> bytes:
        return self._parts([name])[0]
