"""A value's place along an axis."""


def along(value: float, start: float, end: float, length: float) -> float:
    """Where `value` lies on an axis of `length` from `start` to `end`, rounded to a tenth; never off it."""
    share = (value - start) / (end - start)
    return round(min(max(share, 0.0), 1.0) * length, 1)
