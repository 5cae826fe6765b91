"""What the top lists' template prints."""

from zoneinfo import ZoneInfo

from app.reports.top import TopList


def top_view(report: TopList, now: float, timezone: ZoneInfo, saved: str | None) -> object:
    """Everything the template shows, in words and coordinates."""
    return None
