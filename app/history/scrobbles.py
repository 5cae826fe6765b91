"""Plays from other services than Spotify: which are told twice by one of them, and how long they were.

Their stamps are starts. A service that knows minutes only gives the beginning of the minute: such a stamp
equals any second of that minute.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import NO, UNKNOWN, YES, Columns, Ints, Source, is_foreign, of_rows, starts
from app.history.duplicates import contents
from app.history.live import estimated_lengths
from app.history.merge import Gathered, folded, number_items

MINUTE = 60_000  # milliseconds


def drop_equal_rows(rows: Gathered, kept: NDArray[np.bool_]) -> None:
    """Drops what one service tells twice: same second, artist and title. The richest, or longest, stays."""
    at = np.flatnonzero(kept & is_foreign(rows.columns))
    if not len(at):
        return
    columns = rows.columns
    names = number_items(rows.items, lambda item: (folded(item.by), folded(item.title)))
    name, source = names[columns["item"][at]], columns["source"][at]
    second = columns["start"][at] // 1000
    rough, ms = minutes_only(columns, at), columns["ms"][at]
    poor = -columns["richness"][at]
    # What knows the second stays rather than what does not: the other plays are compared with it.
    order = np.lexsort((*contents(rows, at), -ms, poor, rough, second, name, source))
    at, name, source, second, rough = at[order], name[order], source[order], second[order], rough[order]
    again = _same_as_before(source, name, second)
    kept[at[again]] = False
    if not rough.any():
        return
    # In each minute of a name those that know the second come first.
    order = np.lexsort((rough, second // 60, name, source))
    order = order[~again[order]]
    again = _same_as_before(source[order], name[order], second[order] // 60)
    # Where what begins a minute's rows knows its second, those of the minute only are the same plays.
    begins = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    told = rough[order] & ~rough[order][begins]
    kept[at[order[told]]] = False


def _same_as_before(*sorted_columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows have the same values as the row before them."""
    again = np.ones(len(sorted_columns[0]), bool)
    again[:1] = False
    for column in sorted_columns:
        again[1:] &= column[1:] == column[:-1]
    return again


def minutes_only(columns: Columns, at: Ints) -> NDArray[np.bool_]:
    """Which of these rows know the minute only."""
    found: NDArray[np.bool_] = columns["source"][at] == Source.ACCOUNT
    found |= of_rows(columns, "by_minute", at) == YES
    return found


def estimate_lengths(rows: Gathered, kept: NDArray[np.bool_]) -> None:
    """Gives a length to plays that have none: scrobbles of tracks whose duration is known, then live plays.

    A scrobble lasts as long as its track, at most until the next play starts. Of a live play only the end is
    known: it stands for its start until live plays have their lengths, which what ends before them decides.
    """
    columns = rows.columns
    at = np.flatnonzero(kept)
    live = columns["source"][at] == Source.LIVE
    start = starts({name: column[at] for name, column in columns.items()})
    guessed = np.flatnonzero(is_foreign({"source": columns["source"][at]}) & _is_guessed(columns, at))
    which = at[guessed]
    if len(guessed):
        columns["ms"][which] = np.maximum(of_rows(columns, "duration", which), columns["ms"][which])
        columns["measured"][which] = NO
        _cut(columns, which, np.where(live, start + columns["ms"][at], start))
    if live.any():
        _estimate_live(columns, at, live, start)
        if len(guessed):
            _cut(columns, which, starts({name: column[at] for name, column in columns.items()}))


def _cut(columns: dict[str, NDArray[Any]], which: Ints, every_start: Ints) -> None:
    """Ends these rows where the next play starts."""
    moments, own = np.sort(every_start), columns["start"][which]
    following = np.searchsorted(moments, own, side="right")
    until = np.append(moments, np.iinfo(np.int64).max)[following]
    columns["ms"][which] = np.minimum(columns["ms"][which], until - own)


def _is_guessed(columns: Columns, at: Ints) -> NDArray[np.bool_]:
    """Which of these rows have no measured length, but something to guess it from."""
    measured, known = of_rows(columns, "measured", at), of_rows(columns, "duration", at) > 0
    found: NDArray[np.bool_] = (measured == NO) | ((measured == UNKNOWN) & known)
    found &= of_rows(columns, "settled", at) == NO  # what is was guessed from starts to the millisecond
    return found


def _estimate_live(columns: dict[str, NDArray[Any]], at: Ints, live: NDArray[np.bool_], start: Ints) -> None:
    played_at = (start + columns["ms"][at])[live]
    ends = start + columns["ms"][at]
    which = at[live]
    duration = np.maximum(of_rows(columns, "duration", which), 0)
    length = estimated_lengths(played_at, duration, np.sort(ends))
    columns["ms"][which] = length
    columns["start"][which] = played_at - length
