"""Where values lie along an axis or a bar."""


def on_axis(value: float, start: float, end: float, length: float) -> float:
    """Where `value` lies on an axis of `length` from `start` to `end`, rounded to a tenth; never off it."""
    share = (value - start) / (end - start)
    return round(min(max(share, 0.0), 1.0) * length, 1)


def on_bar(share: float) -> float:
    """A share as a place on a bar, 0-100."""
    return round(min(max(share, 0.0), 1.0) * 100, 1)
