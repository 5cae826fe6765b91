"""Which files an import is asked for: those that are named, and the exports in folders that are named."""

import os
from collections.abc import Sequence
from pathlib import Path

from app.history.archive import opened
from app.history.sniffing import is_shadow
from app.history.zips import NotAnExport
from app.terminal.words import Sorry, clean

_KINDS = (".zip", ".json", ".jsonl", ".csv", ".tsv", ".txt", ".xlsx", ".log", ".html")


def files_named(paths: Sequence[str]) -> list[Path]:
    """The files at these paths; in place of a folder the exports in it. Raises Sorry."""
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = exports_in(path)
            if not inside:
                raise Sorry(
                    f"There is no zip and no file with plays in the folder {clean(str(path))}. "
                    "Name the folder that your exports lie in, or one of them."
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise Sorry(f"There is no file {clean(str(path))}.")
    return list(dict.fromkeys(found))


def exports_in(folder: Path) -> list[Path]:
    """The zips, and the files with plays, in a folder and the folders below it, sorted.

    Links to folders are not followed, so that no circle of them is walked; hidden folders are left out.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        found += [Path(place, name) for name in sorted(names) if _is_export(Path(place, name))]
    return found


def _is_export(path: Path) -> bool:
    kind = path.suffix.lower()
    if kind not in _KINDS or is_shadow(path.name) or not path.is_file():
        return False
    return kind == ".zip" or _holds_plays(path)


def _holds_plays(path: Path) -> bool:
    try:
        with opened(path, path.name) as found:
            return any(entry.format is not None for entry in found.entries)
    except (NotAnExport, OSError):
        return False
