"""The marks that tell the three time ranges apart without colour, and the arrows between them."""

import math

from app.music import TimeRange

SIDES = {TimeRange.SHORT_TERM: 0, TimeRange.MEDIUM_TERM: 4, TimeRange.LONG_TERM: 3}  # 0: a circle
LEGEND_MARK, RADAR_MARK = 5.0, 3.2  # the size of a mark in a table, and on a radar
HEAD_LENGTH, HEAD_WIDTH = 9.0, 4.5


def marker(time_range: TimeRange, x: float, y: float, size: float) -> str:
    """An SVG path round (x, y): a circle for 4 weeks, a square for 6 months, a triangle for 1 year.

    `size` is the circle's radius; the others are as large to the eye.
    """
    sides = SIDES[time_range]
    if not sides:
        return f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0Z"
    reach = size * math.sqrt(2 * math.pi / (sides * math.sin(math.tau / sides)))  # the same area
    start = math.pi / sides if sides % 2 == 0 else 0.0
    corners = (start + step * math.tau / sides for step in range(sides))
    drawn = (f"{x + reach * math.sin(a):.1f} {y - reach * math.cos(a):.1f}" for a in corners)
    return "M" + "L".join(drawn) + "Z"


def arrow(start: tuple[float, float], end: tuple[float, float], clear: float) -> str | None:
    """An SVG path of an arrow that ends `clear` short of both points; `None` where they are too close."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 2 * clear + HEAD_LENGTH:
        return None
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    tip_x, tip_y = x2 - dx * clear, y2 - dy * clear
    neck_x, neck_y = tip_x - dx * HEAD_LENGTH, tip_y - dy * HEAD_LENGTH
    return (
        f"M{x1 + dx * clear:.1f} {y1 + dy * clear:.1f}L{neck_x:.1f} {neck_y:.1f}"
        f"M{tip_x:.1f} {tip_y:.1f}L{neck_x - dy * HEAD_WIDTH:.1f} {neck_y + dx * HEAD_WIDTH:.1f}"
        f"L{neck_x + dy * HEAD_WIDTH:.1f} {neck_y - dx * HEAD_WIDTH:.1f}Z"
    )
