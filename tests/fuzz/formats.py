"""Every reader, fed with bytes that atheris makes of the golden files: contents that add up, or NotAFile.

Run by `make fuzz`; arguments are libFuzzer's.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app.history"]):
    from app.history.formats import FORMATS
    from app.history.formats.rows import Head, NotAFile, Reading
    from app.history.sniffing import HEAD, head_text

NOW = 1_800_000_000.0  # Unix seconds
GOLDEN = Path(__file__).parents[1] / "history" / "formats" / "golden"


def read(body: bytes) -> None:
    """Reads a file as each format, whether that recognises it or not."""
    head = Head(head_text(body[:HEAD]), is_workbook=body.startswith(b"PK"))
    for kind in FORMATS:
        kind.recognise(head)
        try:
            found = kind.read(body, Reading(NOW))
        except NotAFile:
            continue
        if found.read != len(found.batch) + found.unreadable + found.ignored:
            raise AssertionError(f"{kind.name} does not add up")


def main() -> None:
    """Begins with the golden files, in a folder of their own, to which what is found is added."""
    with tempfile.TemporaryDirectory() as folder:
        for file in GOLDEN.iterdir():
            if not file.name.endswith(".expected.json"):
                Path(folder, file.name).write_bytes(file.read_bytes())
        atheris.Setup([*sys.argv, folder], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
