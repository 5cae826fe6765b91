"""Ranked lists: weights by rank, and how an item moved from one list to another. Pure functions.

Ranks count from 1, the best. A list holds at most `LONGEST` items.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

Key = TypeVar("Key", bound=Hashable)
Movement = int | Literal["new"]

LONGEST = 50


def rank_weight(rank: int) -> int:
    """How much a rank counts where ranks are added up: 50 for the first, 1 for the fiftieth."""
    return LONGEST + 1 - rank


def movement(rank: int, before: int | None) -> Movement:
    """How far an item has risen since rank `before` (negative: fallen); "new" where it was not listed."""
    return "new" if before is None else before - rank


def ranks(keys: Iterable[Key]) -> dict[Key, int]:
    """The rank of each key in a list, best first; of two equal keys the better place counts."""
    found: dict[Key, int] = {}
    for rank, key in enumerate(keys, 1):
        found.setdefault(key, rank)
    return found


def weigh(groups: Sequence[Iterable[Key]]) -> dict[Key, int]:
    """The weight of each group: `groups` holds, best-ranked item first, the groups that item belongs to.

    An item adds its rank's weight to each of its groups once. Heaviest first; of two equal weights the one
    with the better-ranked item comes first.
    """
    weights: dict[Key, int] = {}
    for rank, names in enumerate(groups, 1):
        for name in dict.fromkeys(names):
            weights[name] = weights.get(name, 0) + max(rank_weight(rank), 0)
    return dict(sorted(weights.items(), key=lambda item: -item[1]))


def share_of_largest(weights: Mapping[Key, int], most: int) -> float | None:
    """The share of all weight that the `most` heaviest carry (0-1); `None` where there is no weight."""
    total = sum(weights.values())
    return sum(sorted(weights.values(), reverse=True)[:most]) / total if total else None
