"""Measures every figure in one run and prints them as a table; exit code 1 when one is missed.

Ratios compare two things measured side by side, so that they mean the same on any machine.
"""

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.hanging import hanging
from benchmarks.history import history
from benchmarks.library import library
from benchmarks.mood import mood
from benchmarks.overview import cold_overview, warm_overview
from benchmarks.phone import phone
from benchmarks.sync import sync
from benchmarks.table import Figure, show


def main() -> int:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        figures += cold_overview(Path(folder) / "cold")
        figures += warm_overview(Path(folder) / "warm")
        figures += hanging(Path(folder) / "hanging")
        figures += mood(Path(folder) / "mood")
        figures += library(Path(folder) / "library")
        figures += history(Path(folder) / "history")
        figures += sync(Path(folder) / "sync", accounts=1_000)
        figures += phone(Path(folder) / "phone")
    show(figures)
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
