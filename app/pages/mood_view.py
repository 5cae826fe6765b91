"""What the mood page's template prints."""

from zoneinfo import ZoneInfo

from app.reports.mood import MoodReport


def mood_view(report: MoodReport, now: float, timezone: ZoneInfo) -> object:
    """Everything the template shows, in words and coordinates."""
    return None
