"""Which rows of a small batch are new plays, found out from the rows near them alone.

The rules for duplicates compare rows of the same track and length that lie close together in time. Where they
might reach further than the rows near the new ones, or would change which of the earlier rows count,
NeedsRebuild is raised: the history must be built from all batches.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.history.batch import NOT_READ, YES, Batch, Columns, Ints, has_seconds, starts
from app.history.duplicates import SAME_PLAY, kept_rows, play_keys
from app.history.merge import gather
from app.history.partners import MINUTE, REPORTED_WITHIN, STOPPED_WITHIN

NEAR = 600_000  # milliseconds before and after the new rows in which their duplicates are looked for
DAY = 86_400
MOST_ROWS = 5_000  # a larger batch is no small one


class NeedsRebuild(Exception):
    """The rows cannot be added to the history as it is; the message says why."""


def time_near(batch: Batch) -> tuple[int, int]:
    """From when to when plays start (Unix seconds) that may have to do with these rows."""
    start = starts(batch.columns)
    first, last = (int(start.min()) - NEAR) // 1000, (int(start.max()) + NEAR) // 1000
    offline = batch.columns["offline_at"] > 0
    if offline.any():
        # The same row, read by an older program, has the start that follows from its end.
        first = min(first, int(batch.columns["end"][offline].min()) - DAY)
    return first, last


def new_plays(batch: Batch, near: Sequence[Batch], ends: Mapping[str, tuple[int, int]]) -> NDArray[np.bool_]:
    """For each row of a batch whether it is a play of its own.

    `near`: all earlier batches that have rows in `time_near`. `ends`: of the earlier rows, as in the
    manifest. Raises NeedsRebuild.
    """
    if len(batch) > MOST_ROWS:
        raise NeedsRebuild("the batch is large")
    _refuse_near_account_data(batch.columns, ends)
    start = starts(batch.columns)
    first, last = int(start.min()) - NEAR, int(start.max()) + NEAR
    earlier = [one.where(_relevant(one.columns, first, last)) for one in near]
    before = gather(len(earlier), earlier.__getitem__)
    after = gather(len(earlier) + 1, [*earlier, batch].__getitem__)
    count = sum(before.lengths)
    kept = kept_rows(after)
    if (kept[:count] != kept_rows(before)).any():
        raise NeedsRebuild("earlier rows no longer count")
    key, start = play_keys(after), starts(after.columns)
    at_edge = (start[:count] < first + SAME_PLAY) | (start[:count] > last - SAME_PLAY)
    same = np.isin(key[:count], key[count:])
    if (same & (at_edge | _lacks_start(after.columns)[:count])).any():
        raise NeedsRebuild("earlier rows of the same track may reach further")
    return kept[count:]


def _relevant(columns: Columns, first: int, last: int) -> NDArray[np.bool_]:
    start = starts(columns)
    within = (start >= first) & (start <= last)
    found: NDArray[np.bool_] = has_seconds(columns) & (within | _lacks_start(columns))
    return found


def _lacks_start(columns: Columns) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (columns["offline"] == YES) & (columns["offline_at"] == NOT_READ)
    return found


def _refuse_near_account_data(columns: Columns, ends: Mapping[str, tuple[int, int]]) -> None:
    """Account data takes its partners (app/history/partners.py) among the rows of up to a day later."""
    if not has_seconds(columns).all():
        raise NeedsRebuild("the batch has account data")
    if _lacks_start(columns).any():
        raise NeedsRebuild("the batch was read by an older program")
    if "account" not in ends:
        return
    end = columns["end"]
    first, last = int(end.min()), int(end.max())
    spans = [(first - REPORTED_WITHIN, last)]
    stopped: Ints = (columns["offline_at"] + columns["ms"])[columns["offline_at"] > 0]
    if len(stopped):
        since, until = int(stopped.min()) - STOPPED_WITHIN, int(stopped.max()) + STOPPED_WITHIN
        spans.append((since // 1000, until // 1000))
    if "others" in ends:
        # Account data is compared within the time that the other rows cover, which may grow.
        others_first, others_last = ends["others"]
        if first < others_first:
            spans.append((first - MINUTE, others_first))
        if last > others_last:
            spans.append((others_last, min(last, others_last + DAY + STOPPED_WITHIN // 1000)))
    account_first, account_last = ends["account"]
    if any(since <= account_last and until >= account_first - MINUTE for since, until in spans):
        raise NeedsRebuild("there is account data of that time")
