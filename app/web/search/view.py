"""What the search page says of its finds."""

from collections.abc import Mapping
from typing import Any

from app.music import Page
from app.web.format import TextSpan, counted
from app.web.paging import page_span
from app.web.search.report import LAST_OFFSET, STEP, SearchKind, SearchReport

__all__ = ["LAST_OFFSET", "STEP", "TITLES", "summary"]  # what the template uses

TITLES = {SearchKind.ARTIST: "Artists", SearchKind.ALBUM: "Albums", SearchKind.TRACK: "Tracks"}


def summary(report: SearchReport) -> tuple[TextSpan, ...]:
    """What was found, as a sentence."""
    words = TextSpan(report.words, is_name=True)
    if report.kind:
        found = page_span(report.pages[report.kind]) or "none"
        return (TextSpan(f"{TITLES[report.kind]} for “"), words, TextSpan(f"”: {found}."))
    counts = _counts(report.pages)
    if not counts:
        return (TextSpan("Spotify finds nothing for “"), words, TextSpan("”."))
    listed = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    return (TextSpan(f"Spotify finds {listed} for “"), words, TextSpan("”."))


def _counts(pages: Mapping[SearchKind, Page[Any]]) -> list[str]:
    return [counted(page.total, kind.value) for kind, page in pages.items() if page.total]
