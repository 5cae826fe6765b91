"""Copy what the pages load from `node_modules` to `static/vendor`, make the stylesheet, or check both.

    npm ci --ignore-scripts && python scripts/vendor.py
    python scripts/vendor.py --styles
    python scripts/vendor.py --check

`manifest.json` maps each file, relative to `static/vendor`, to "sha384-" and its digest in base64.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, Python looks for `scripts` beside this file

from scripts import styles  # noqa: E402 - after the line above

VENDOR = ROOT / "static" / "vendor"
MANIFEST = "manifest.json"
SPRITE = "bootstrap-icons/sprite.svg"

COPIES = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "besley/LICENSE": "@fontsource-variable/besley/LICENSE",
    "public-sans/LICENSE": "@fontsource-variable/public-sans/LICENSE",
    "bootstrap-icons/LICENSE": "bootstrap-icons/LICENSE",
}

WEIGHTS = {"besley": (500, 800), "public-sans": (400, 700)}  # of each typeface, those that the pages use

ICONS = (
    "arrow-clockwise",
    "arrow-down",
    "arrow-up",
    "book",
    "box-arrow-up-right",
    "calendar3",
    "clock-history",
    "cloud-arrow-up",
    "collection",
    "copy",
    "emoji-smile",
    "exclamation-triangle",
    "filetype-csv",
    "filetype-json",
    "laptop",
    "list-ol",
    "mic",
    "music-note-list",
    "pause-fill",
    "person",
    "phone",
    "play-fill",
    "plus-circle",
    "search",
    "shield-check",
    "skip-end-fill",
    "skip-start-fill",
    "sliders",
    "speaker",
    "tv",
    "vinyl",
    "volume-up",
)


def vendor_files(node_modules: Path) -> dict[str, bytes]:
    """Every file that belongs in `static/vendor`, by path, except the manifest."""
    files = {target: (node_modules / source).read_bytes() for target, source in COPIES.items()}
    icons = node_modules / "bootstrap-icons" / "icons"
    symbols = [symbol(name, (icons / f"{name}.svg").read_text(encoding="utf-8")) for name in ICONS]
    files[SPRITE] = sprite(symbols).encode()
    return files | typefaces(node_modules / "@fontsource-variable")


def typefaces(packages: Path) -> dict[str, bytes]:
    """One font file for each family, by path."""
    from scripts.fonts import typeface  # its packages are of no use to --check, which runs everywhere

    return {
        f"{family}/{family}.woff2": typeface(
            packages / family / "files" / f"{family}-latin-wght-normal.woff2",
            packages / family / "files" / f"{family}-latin-ext-wght-normal.woff2",
            *weights,
        )
        for family, weights in WEIGHTS.items()
    }


def symbol(name: str, svg: str) -> str:
    """One icon's SVG file as a `<symbol>` with its name as id."""
    body = re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", svg.strip()).strip()
    return f'<symbol id="{name}" viewBox="0 0 16 16">\n  {body}\n</symbol>'


def sprite(symbols: list[str]) -> str:
    """One SVG file that holds all `symbols`."""
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def digest(content: bytes) -> str:
    """The content's SHA-384 as browsers write it in an integrity attribute."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def write(files: dict[str, bytes], vendor: Path) -> None:
    """Put `files` and their manifest in `vendor`, and remove what no longer belongs there."""
    for path in [path for path in present(vendor) if path not in files]:
        (vendor / path).unlink()
    for path, content in files.items():
        (vendor / path).parent.mkdir(parents=True, exist_ok=True)
        (vendor / path).write_bytes(content)
    manifest = {path: digest(content) for path, content in sorted(files.items())}
    (vendor / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def differences(vendor: Path) -> list[str]:
    """What in `vendor` is not as its manifest says: one line a file, none when all is well."""
    if not (vendor / MANIFEST).is_file():
        return [f"{MANIFEST}: missing"]
    manifest: dict[str, str] = json.loads((vendor / MANIFEST).read_text(encoding="utf-8"))
    found = present(vendor)
    missing = [f"{path}: missing" for path in manifest if path not in found]
    unlisted = [f"{path}: not in the manifest" for path in found if path not in manifest]
    changed = [
        f"{path}: changed"
        for path, expected in manifest.items()
        if path in found and digest((vendor / path).read_bytes()) != expected
    ]
    return sorted(missing + unlisted + changed)


def present(vendor: Path) -> set[str]:
    """The files in `vendor`, relative to it, without the manifest."""
    files = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    return files - {MANIFEST}


def main() -> int:
    """Copy and make, or with `--check` compare; 1 when something differs."""
    parser = argparse.ArgumentParser(description="Copy the browser's files to static/vendor.")
    parser.add_argument("--check", action="store_true", help="compare; change nothing")
    parser.add_argument("--styles", action="store_true", help="make static/site.css alone; needs no npm")
    options = parser.parse_args()
    if not options.check:
        if not options.styles:
            write(vendor_files(ROOT / "node_modules"), VENDOR)
        styles.BUNDLE.write_text(styles.stylesheet(), encoding="utf-8")
    wrong = differences(VENDOR)
    if not styles.is_fresh():
        wrong.append("static/site.css: stale, run `make styles`")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
