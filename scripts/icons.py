"""Draw the icons of static/icons from static/favicon.svg, with the Chromium of the browser tests.

    python scripts/icons.py

On a maskable icon, which phones cut to their own shape, the disc leaves a rim of paper.
"""

import shutil
import struct
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "static"
PAPER = "#f4eddd"
ICO = 48  # pixels


def drawn(page: Page, size: int, disc: float = 1.0, ground: str = "transparent") -> bytes:
    """A PNG of `size` pixels: the disc takes that share of the width."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    width = round(size * disc)
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>body{{margin:0;height:{size}px;display:grid;place-items:center;background:{ground}}}"
        f"svg{{width:{width}px;height:{width}px}}</style>{svg}"
    )
    return page.screenshot(omit_background=True)


def ico(png: bytes, size: int) -> bytes:
    """A .ico file with one picture, which is a PNG."""
    head = struct.pack("<HHH", 0, 1, 1)
    return head + struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(png), 22) + png


def main() -> None:
    """Write all of them."""
    folder = STATIC / "icons"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for size in (192, 512):
            (folder / f"icon-{size}.png").write_bytes(drawn(page, size))
            (folder / f"maskable-{size}.png").write_bytes(drawn(page, size, 0.72, PAPER))
        (folder / "apple-touch-icon.png").write_bytes(drawn(page, 180, 0.8, PAPER))
        (folder / "favicon.ico").write_bytes(ico(drawn(page, ICO), ICO))
        browser.close()


if __name__ == "__main__":
    main()
