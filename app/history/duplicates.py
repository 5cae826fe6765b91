"""Which rows of all files are plays of their own, and which are the same play told again.

The answer depends on the rows alone, not on the order of files or imports. Three rules for what comes from
exports, in this order; all compare artist and title (case-folded) and the length, which must be equal. The
kind does not matter: older account data tells of an episode as if it were a track.

1. Rows of extended history are the same play when they *start* less than 30 s apart.
2. Rows of account data, which know only minutes, are the same play when they end in the same minute.
3. A row of account data is the same play as one of extended history as `partners` says.

Live plays are the same play when they have the same track, by address or else by its names, at the same
millisecond; what comes from a table of this site, also by its names within a second. Which of them an export
tells again is left to `live.py`; rows of other services than Spotify to `scrobbles.py` and `same_play.py`.

Of rows that are the same play the one that tells most stays; between account data and extended history that
is always the latter.
"""

from bisect import bisect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import NOT_READ, OPTIONAL, YES, Ints, Source, is_account, is_extended, starts
from app.history.live import FIRST_HAND
from app.history.merge import WORDS, Gathered, key_of, number_items, tracks_of
from app.history.partners import MINUTE, find_partners

SAME_PLAY = 30_000  # milliseconds
A_SECOND = 1000
_FLAGS = ("shuffle", "skipped", "offline", "incognito")


def kept_rows(rows: Gathered) -> tuple[NDArray[np.bool_], Ints]:
    """For each row whether it stays; and by the third rule rows of account data that do not, each with its
    partner: their places, two by two.
    """
    kept, partners = np.ones(sum(rows.lengths), bool), np.zeros((0, 2), np.int64)
    if not len(kept):
        return kept, partners
    keys, start = play_keys(rows), starts(rows.columns)
    kept[_read_again(rows, keys)] = False
    _keep_one_of_each(kept, is_extended(rows.columns) & kept, keys, start, rows)
    account = np.flatnonzero(is_account(rows.columns))
    if len(account):
        partners = _merge_account_data(kept, account, keys, rows)
    live = np.flatnonzero(rows.columns["source"] == Source.LIVE)
    if len(live):
        _merge_live_plays(kept, live, rows)
    return kept, partners


def _read_again(rows: Gathered, keys: Ints) -> Ints:
    """Offline rows that an older program read without their start, where the same row is there with it."""
    offline, at, end = rows.columns["offline"] == YES, rows.columns["offline_at"], rows.columns["end"]
    old = np.flatnonzero(offline & (at == NOT_READ))
    if not len(old):
        return old
    new = np.flatnonzero(offline & (at > 0))
    known = set(zip(keys[new].tolist(), end[new].tolist(), strict=True))
    pairs = zip(keys[old].tolist(), end[old].tolist(), strict=True)
    return old[[pair in known for pair in pairs]]


def _keep_one_of_each(
    kept: NDArray[np.bool_], among: NDArray[np.bool_], keys: Ints, start: Ints, rows: Gathered
) -> None:
    """The first rule, among some of the rows."""
    if among.all():  # as nearly always: a million rows should not be copied about
        order = np.lexsort((start, keys))
    else:
        at = np.flatnonzero(among)
        order = at[np.lexsort((start[at], keys[at]))]
    crowded = order[_near(keys[order], start[order])]
    if not len(crowded):
        return
    # The one that tells most comes first among those of one moment; what is equal in all is the same.
    poor = -rows.columns["richness"][crowded]
    crowded = crowded[np.lexsort((*contents(rows, crowded), poor, start[crowded], keys[crowded]))]
    again = (np.diff(keys[crowded], prepend=-1) == 0) & (np.diff(start[crowded], prepend=0) == 0)
    kept[crowded[again]] = False
    left = crowded[~again]
    left = left[_near(keys[left], start[left])]
    _choose(kept, left, keys, start, rows.columns["richness"])


def _choose(kept: NDArray[np.bool_], left: Ints, keys: Ints, start: Ints, richness: NDArray[Any]) -> None:
    """Goes through the rows that lie near one another, cluster by cluster, richest first."""
    if not len(left):
        return
    apart = (np.diff(keys[left]) != 0) | (np.diff(start[left]) >= SAME_PLAY)
    for cluster in np.split(left, np.flatnonzero(apart) + 1):
        chosen: list[int] = []
        for row in sorted(cluster.tolist(), key=lambda row: -int(richness[row])):
            began = int(start[row])
            # Those chosen are 30 s apart, so that only its neighbours may be the same play.
            place = bisect(chosen, began)
            if any(abs(began - other) < SAME_PLAY for other in chosen[max(place - 1, 0) : place + 1]):
                kept[row] = False
            else:
                chosen.insert(place, began)


def _near(keys: Ints, start: Ints) -> NDArray[np.bool_]:
    """Which of these sorted rows have a neighbour that may be the same play."""
    linked = (keys[1:] == keys[:-1]) & (np.diff(start) < SAME_PLAY)
    near = np.zeros(len(keys), bool)
    near[1:] |= linked
    near[:-1] |= linked
    return near


def _merge_account_data(kept: NDArray[np.bool_], account: Ints, keys: Ints, rows: Gathered) -> Ints:
    """The second and the third rule. `account`: the places of the rows of account data.

    Those that have a partner, with it.
    """
    columns, end = rows.columns, rows.columns["end"]
    minute = end[account] // MINUTE
    order = np.lexsort(
        (*contents(rows, account), end[account], -columns["richness"][account], minute, keys[account])
    )
    account, minute = account[order], minute[order]
    again = (np.diff(keys[account], prepend=-1) == 0) & (np.diff(minute, prepend=-1) == 0)
    kept[account[again]] = False
    account, minute = account[~again], minute[~again]
    exact = is_extended(columns)
    if not exact.any():
        return np.zeros((0, 2), np.int64)
    extended = np.flatnonzero(exact & kept)
    extended = extended[np.isin(keys[extended], keys[account])]
    at, ms = columns["offline_at"][extended], columns["ms"][extended]
    ended = np.where(at > 0, at + ms, at)
    span = int(end[exact].min()), int(end[exact].max())
    found = find_partners(keys[account], minute * MINUTE, keys[extended], end[extended], ended, span)
    kept[account[found >= 0]] = False
    return np.stack([account[found >= 0], extended[found[found >= 0]]], axis=1)


def _merge_live_plays(kept: NDArray[np.bool_], live: Ints, rows: Gathered) -> None:
    """The rule for live plays. `live`: the places of their rows."""
    track = number_items(rows.items, lambda item: item.uri or key_of(item))[rows.columns["item"][live]]
    played_at, poor = rows.columns["start"][live], -rows.columns["richness"][live]
    order = np.lexsort((*contents(rows, live), poor, track, played_at))
    again = (np.diff(track[order], prepend=-1) == 0) & (np.diff(played_at[order], prepend=-1) == 0)
    kept[live[order[again]]] = False
    _merge_within_a_second(kept, live[kept[live]], rows)


def _merge_within_a_second(kept: NDArray[np.bool_], live: Ints, rows: Gathered) -> None:
    """Drops what a table tells of live plays that are here too: it knows their names, and seconds only."""
    columns, poor = rows.columns, -rows.columns["richness"][live]
    if (poor == -FIRST_HAND).all():
        return
    track, played_at = tracks_of(rows.items)[columns["item"][live]], columns["start"][live]
    order = np.lexsort((played_at, track))
    apart = (np.diff(track[order], prepend=-1) != 0) | (np.diff(played_at[order], prepend=0) >= A_SECOND)
    play = np.zeros(len(live), np.int64)
    play[order] = np.cumsum(apart)
    order = np.lexsort((*contents(rows, live), poor, play))
    again = (np.diff(play[order], prepend=-1) == 0) & (poor[order] > -FIRST_HAND)
    kept[live[order[again]]] = False


def play_keys(rows: Gathered) -> Ints:
    """For each row what was played and for how long, as one number; the length takes 27 bits, up to a day."""
    keys: Ints = number_items(rows.items, lambda item: key_of(item)[1:])[rows.columns["item"]]
    keys <<= 27
    keys |= rows.columns["ms"]
    return keys


def contents(rows: Gathered, at: NDArray[np.int64]) -> list[NDArray[Any]]:
    """All else that rows say, to tell rows of one moment apart by what they say; the last decides first."""
    names = ("item", *_FLAGS, *WORDS)
    more = [name for name in ("source", *OPTIONAL) if name in rows.columns]
    return [
        *(rows.columns[name][at] for name in more),
        *(rows.columns[name][at] for name in names),
        rows.columns["end"][at],
        -np.maximum(rows.columns["offline_at"][at], 0),
    ]
