"""Numbers, flags and times of an export's entries, also after pandas or R saved them."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from app.history.batch import NO_TIME, Ints

EARLIEST = int(datetime(2006, 1, 1, tzinfo=UTC).timestamp())
_MILLISECONDS_FROM = 1e11  # a larger time is in milliseconds, a smaller one in seconds
_LARGEST = 1e14
_NUMBERS = (int, float)
_FLAGS = {"true": True, "false": False}


def is_missing(value: object) -> bool:
    """Whether there is no value: null, or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def whole_number(value: object) -> int | None:
    """A whole number, also one that is written 217653.0; `None` for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(value: object) -> bool | None:
    """Yes or no, also as 1 and 0, 1.0 and 0.0, "True" and "False"; `None` for anything else."""
    if isinstance(value, str):
        return _FLAGS.get(value.lower())
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return None


def offline_times(values: Sequence[object], ends: Ints) -> Ints:
    """What `offline_timestamp` says, in Unix milliseconds; NO_TIME where that is no time of the play.

    It is one from 2006 on and up to the play's `ts`. `ends`: `ts` in Unix seconds.
    """
    if all(value is None for value in values):
        return np.full(len(values), NO_TIME, np.int64)
    # Comparisons leave out NaN, infinity and numbers that are no time.
    numbers = [
        value if type(value) in _NUMBERS and 0 < value < _LARGEST else 0  # type: ignore[operator]
        for value in values
    ]
    given = np.array(numbers, np.float64)
    times = np.floor(np.where(given > _MILLISECONDS_FROM, given, given * 1000)).astype(np.int64)
    return np.where((times >= EARLIEST * 1000) & (times <= ends * 1000), times, NO_TIME)
