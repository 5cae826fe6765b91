"""What an import came to, in words: why rows were not kept, and what to do where none was."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.history.formats.spotify import NO_LENGTHS
from app.store.receipts import FileRow

_NOT_KEPT = ("unreadable", "ignored")
_ASK_FOR_ALL = (
    "Ask Spotify for your “Extended streaming history”: it has every play since your account began, with its "
    "length."
)
_OTHER_FILE = "The import page tells which file of each service has your plays."
_MOST_REASONS = 2  # of each kind, the most frequent


@dataclass(frozen=True)
class RejectedRows:
    """What a file held that was not kept. `few`: the first, each its place and why; `why`: how many for each
    reason; both by "unreadable" and "ignored".
    """

    few: Mapping[str, Sequence[tuple[int, str]]]
    why: Mapping[str, Mapping[str, int]]


def rejected_rows(file: FileRow) -> RejectedRows:
    """What was not kept of a file."""
    return _parse(file.rejected)


def _parse(body: bytes) -> RejectedRows:
    value = json.loads(body)
    kept: dict[str, Any] = value if isinstance(value, dict) else {}
    return RejectedRows(
        few={kind: [(place, why) for place, why in kept.get(kind, ())] for kind in _NOT_KEPT},
        why={kind: kept.get(f"{kind}_why", {}) for kind in _NOT_KEPT},
    )


def count_reasons(bodies: Iterable[bytes]) -> dict[str, Counter[str]]:
    """Why rows were not kept, and how many for each reason; by "unreadable" and "ignored".

    `bodies`: what each file of an import says of them, as the store keeps it.
    """
    why: dict[str, Counter[str]] = {kind: Counter() for kind in _NOT_KEPT}
    for body in bodies:
        for kind, counts in _parse(body).why.items():
            why[kind].update(counts)
    return why


def count_years(bodies: Iterable[bytes]) -> dict[str, int]:
    """How many readable rows there are of each year, the earliest first; `bodies` as for `count_reasons`."""
    years: Counter[str] = Counter()
    for body in bodies:
        value = json.loads(body)
        years.update(value.get("years", {}) if isinstance(value, dict) else {})
    return dict(sorted(years.items()))


def why_nothing_was_kept(sums: Mapping[str, int], bodies: Callable[[], Iterable[bytes]]) -> str | None:
    """Why nothing is kept of an import that is done, and what to do; `None` where something is.

    `sums`: the rows of all its files, by ROWS. `bodies`: as for `count_reasons`, asked for where needed.
    """
    if sums["kept"]:
        return None
    if not sums["read"]:
        return (
            "Nothing was kept: there are no plays in what you sent. The import page tells which file of each "
            "service has them."
        )
    if sums["duplicate"] == sums["read"]:
        rows = "its one row is" if sums["read"] == 1 else f"all {sums['read']:,} rows are"
        return (
            f"Nothing new was kept: {rows} there already, from another import. There is nothing left to do."
        )
    parts = [f"{sums['duplicate']:,} there already"] if sums["duplicate"] else []
    why = count_reasons(bodies())
    advice = _ASK_FOR_ALL if NO_LENGTHS in why["ignored"] else _OTHER_FILE
    for kind in _NOT_KEPT:
        if sums[kind]:
            reasons = "; ".join(reason for reason, _ in why[kind].most_common(_MOST_REASONS))
            parts.append(f"{sums[kind]:,} {kind} ({reasons})")
    rows = "1 row" if sums["read"] == 1 else f"{sums['read']:,} rows"
    return f"Nothing was kept: of {rows}, {', '.join(parts)}. {advice}"
