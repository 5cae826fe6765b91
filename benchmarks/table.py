"""The table that the benchmarks print."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. `kept` says whether it is within what the project promises."""

    name: str
    measured: str
    promised: str
    kept: bool = True


def show(figures: list[Figure]) -> None:
    """Prints the figures in columns."""
    rows = [("figure", "measured", "promised", "")]
    rows += [
        (figure.name, figure.measured, figure.promised, "ok" if figure.kept else "MISSED")
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
