"""The filters and tests that templates may use, by the names of their functions."""

from collections.abc import Callable
from typing import Any

from app.stats.words import mood_sentence
from app.web import format as formatting
from app.web.charts.artwork import artwork
from app.web.charts.scale import on_bar
from app.web.representation import is_spotify_id
from app.web.time.ranked import movement_mark, ranked_name, share_of_plays

_FORMATTING = (
    "artist_name",
    "clock",
    "counted",
    "country",
    "coverage",
    "covered",
    "date_span",
    "day",
    "day_of_year",
    "duration",
    "first_of",
    "hours",
    "if_ahead",
    "initials",
    "iso",
    "long_time",
    "moment",
    "month",
    "number",
    "percent",
    "period",
    "share",
    "short_day",
    "showable",
    "stripped",
    "time_ago",
    "title",
    "weekday",
)
FILTERS: dict[str, Callable[..., Any]] = {name: getattr(formatting, name) for name in _FORMATTING} | {
    "artwork": artwork,
    "mood_sentence": mood_sentence,
    "movement_mark": movement_mark,
    "on_bar": on_bar,
    "ranked_name": ranked_name,
    "share_of_plays": share_of_plays,
}
TESTS: dict[str, Callable[..., bool]] = {"spotify_id": is_spotify_id}
