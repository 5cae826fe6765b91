"""What the pages of the history are handed: the figures of `app.history` by their names."""

from app.history.figures import DayCount, MonthCount, Ranked, Ranking, Share, Streak

__all__ = ["DayCount", "MonthCount", "Ranked", "Ranking", "Share", "Streak"]
