"""What a phone fetches: bytes of a cold first page and of the next, headers included, on a demo of its own.

Where `LIGHTHOUSE` names Lighthouse's command (npm's package of that name, version 12), each page is also
measured on its simulated phone.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from benchmarks.servers import free_port, gunicorn, login
from benchmarks.table import Figure, show
from tests.waiting import until

KB = 1024
FIRST, NEXT = 120, 30  # KB
PAGES = {
    "landing": "/",
    "Now": "/your-music",
    "Top": "/top/tracks",
    "Time": "/history",
    "Mood": "/mood",
    "year": "/history/2025",
    "import": "/history/import",
}
_FETCHED = re.compile(r'<link rel="(?:stylesheet|preload)"[^>]* href="([^"]+)"|<script src="([^"]+)"')
_SHARES = {"performance": 0.95, "accessibility": 1.0, "best-practices": 1.0, "seo": 1.0}


def phone(folder: Path) -> list[Figure]:
    """The figures of every page; of one that is not public, Lighthouse's SEO may lack being found."""
    folder.mkdir()
    port = free_port()
    environ = os.environ | {
        "INSTANCE": str(folder),
        "PORT": str(port),
        "SECRET_KEY": "only for this benchmark",
    }
    figures = []
    with gunicorn("app:create_app()", port, environ) as site:
        browser = login(site.home, demo=True)
        until(lambda: "/history/ranks" in browser.get(f"{site.home}/history", timeout=30).text, 60)
        artists = browser.get(f"{site.home}/top/artists.json?time_range=medium_term", timeout=30).json()
        for name, path in {**PAGES, "artist": f"/artist/{artists['items'][0]['id']}"}.items():
            visitor = requests.Session() if path == "/" else browser
            figures.append(_weight(name, visitor, site.home, path))
            if command := os.environ.get("LIGHTHOUSE"):
                figures.append(_lighthouse(name, visitor, site.home + path, command))
    return figures


def _weight(name: str, browser: requests.Session, home: str, path: str) -> Figure:
    page, html = _fetch(browser, home + path)
    parts = {sheet or script for sheet, script in _FETCHED.findall(html)}
    first = page + sum(_fetch(browser, home + part)[0] for part in parts)
    return Figure(
        f"phone, {name}: first page with what it loads / next page, on the line",
        f"{first / KB:.0f} / {page / KB:.0f} KB",
        f"<= {FIRST} / {NEXT} KB",
        first <= FIRST * KB and page <= NEXT * KB,
    )


def _fetch(browser: requests.Session, address: str) -> tuple[int, str]:
    """Bytes of status line, headers and body as they were sent, and the text."""
    answer = browser.get(address, timeout=30, headers={"Accept-Encoding": "gzip, br"})
    headers = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
    return len("HTTP/1.1 200 OK\r\n\r\n") + headers + int(answer.headers["Content-Length"]), answer.text


def _lighthouse(name: str, browser: requests.Session, address: str, command: str) -> Figure:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        options = [
            "--quiet",
            "--output=json",
            f"--output-path={file}",
            "--chrome-flags=--headless=new --no-sandbox",
        ]
        options += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
        subprocess.run([*command.split(), address, *options], check=True, timeout=180)
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    found = {share: report["categories"][share]["score"] or 0.0 for share in _SHARES}
    audits = report["audits"]
    unseen = audits["is-crawlable"]["score"] == 0  # which robots.txt says on purpose
    kept = all(found[share] >= least for share, least in _SHARES.items() if share != "seo" or not unseen)
    moved = audits["cumulative-layout-shift"]["numericValue"]
    painted = audits["largest-contentful-paint"]["numericValue"] / 1000
    shares = " ".join(f"{round(found[share] * 100)}" for share in _SHARES)
    return Figure(
        f"phone, {name}: performance, accessibility, best practices, SEO; LCP; CLS",
        f"{shares}; {painted:.1f} s; {moved:.2f}",
        "95 100 100 100; <= 2.5 s; <= 0.05",
        kept and painted <= 2.5 and moved <= 0.05,
    )


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        show(phone(Path(name) / "phone"))
