"""Marks to draw with: each returns a piece of SVG. Numbers are rounded to a tenth of a unit."""


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A rectangle."""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"/>'


def ground(fill: str) -> str:
    """The whole square."""
    return rect(0, 0, 640, 640, fill)


def circle(x: float, y: float, radius: float, fill: str) -> str:
    """A disc."""
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}"/>'


def ring(x: float, y: float, radius: float, stroke: str, width: float) -> str:
    """A circle's line."""
    line = f'fill="none" stroke="{stroke}" stroke-width="{_n(width)}"'
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {line}/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, turn: float = 0) -> str:
    """An ellipse, turned by `turn` degrees about its centre."""
    turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
    return f'<ellipse cx="{_n(x)}" cy="{_n(y)}" rx="{_n(rx)}" ry="{_n(ry)}" fill="{fill}"{turned}/>'


def shape(outline: str, fill: str) -> str:
    """A filled path."""
    return f'<path d="{outline}" fill="{fill}"/>'


def line(outline: str, stroke: str, width: float) -> str:
    """A path's line, with round joins."""
    style = f'fill="none" stroke="{stroke}" stroke-width="{_n(width)}" stroke-linejoin="round"'
    return f'<path d="{outline}" {style}/>'


def polygon(points: list[tuple[float, float]], fill: str) -> str:
    """A filled polygon."""
    listed = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polygon points="{listed}" fill="{fill}"/>'


def clipped(outline: str, drawn: str, name: str) -> str:
    """`drawn`, seen only within the marks of `outline`. `name` is unique within the picture."""
    return f'<clipPath id="{name}">{outline}</clipPath><g clip-path="url(#{name})">{drawn}</g>'


def turned(drawn: str, degrees: float) -> str:
    """`drawn`, turned about the middle of the square."""
    return f'<g transform="rotate({_n(degrees)} 320 320)">{drawn}</g>' if degrees else drawn


def nested(drawn: str, inset: float, side: float) -> str:
    """The whole picture `drawn`, smaller, `inset` units from the corner."""
    box = f'x="{_n(inset)}" y="{_n(inset)}" width="{_n(side)}" height="{_n(side)}"'
    return f'<svg {box} viewBox="0 0 640 640">{drawn}</svg>'
