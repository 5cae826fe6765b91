"""A library with its changes: one list, newest first, of which only the places asked for are built."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol, overload

from app.sandbox.saves import Saved


class Before(Protocol):
    """A library before the changes, newest first."""

    def __len__(self) -> int: ...

    def at(self, place: int) -> Saved:
        """The item at that place."""

    def places(self, track_id: str) -> tuple[int, ...]:
        """Where that track is."""


class Merged(Sequence[Saved]):
    """`before`, without the places in `gone`, and with `added` put in by their time."""

    def __init__(self, before: Before, gone: set[int], added: Sequence[Saved]) -> None:
        self._before = before
        # How many items are left before each gone place: what `_kept` searches in.
        self._gaps = [place - index for index, place in enumerate(sorted(gone))]
        self._kept_count = len(before) - len(gone)
        newest_first = sorted(added, key=lambda saved: -saved.added_at)
        self._added = {index + self._newer(saved.added_at): saved for index, saved in enumerate(newest_first)}
        self._added_places = sorted(self._added)

    def __len__(self) -> int:
        return self._kept_count + len(self._added)

    @overload
    def __getitem__(self, at: int) -> Saved: ...
    @overload
    def __getitem__(self, at: slice) -> list[Saved]: ...
    def __getitem__(self, at: int | slice) -> Saved | list[Saved]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        if at in self._added:
            return self._added[at]
        return self._kept(at - bisect_left(self._added_places, at))

    def _kept(self, index: int) -> Saved:
        """The item of `before` at that place, not counting what is gone."""
        return self._before.at(index + bisect_right(self._gaps, index))

    def _newer(self, moment: int) -> int:
        """How many of the kept items are newer."""
        return bisect_left(range(self._kept_count), -moment, key=lambda index: -self._kept(index).added_at)
