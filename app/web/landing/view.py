"""The landing page's chart."""

from app.web.charts.time_series import DAYS, Series, series
from app.web.landing.report import Showcase


def weeks(example: Showcase) -> Series:
    """Its plays, day by day."""
    return series(example.daily, (example.daily[0].day, example.last), DAYS)
