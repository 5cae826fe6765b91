"""The filters, tests and functions that templates may use, by the names of their functions."""

from collections.abc import Callable
from typing import Any

from app import sync_trouble
from app.stats.words import mood_sentence
from app.web import format as formatting
from app.web.charts.artwork import artwork
from app.web.charts.scale import on_bar
from app.web.item.links import item_href
from app.web.last_known import Stale
from app.web.paging import next_offset, page_span, previous_offset
from app.web.representation import is_spotify_id
from app.web.sleeves.tints import page_tints, tint
from app.web.sleeves.view import sleeve_address
from app.web.source import spotifys_ranges
from app.web.time.ranked import movement_mark, ranked_name, share_of_plays

_FORMATTING = (
    "album_name",
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
    "hours_or_plays",
    "if_ahead",
    "iso",
    "local_date",
    "lately",
    "local_moment",
    "long_time",
    "moment",
    "month",
    "number",
    "percent",
    "period",
    "service_name",
    "share",
    "provider",
    "release_date",
    "release_year",
    "short_day",
    "showable",
    "stripped",
    "time_ago",
    "title",
    "track_name",
    "weekday",
)
FILTERS: dict[str, Callable[..., Any]] = {name: getattr(formatting, name) for name in _FORMATTING} | {
    "artwork": artwork,
    "mood_sentence": mood_sentence,
    "movement_mark": movement_mark,
    "on_bar": on_bar,
    "ranked_name": ranked_name,
    "share_of_plays": share_of_plays,
    "next_offset": next_offset,
    "page_span": page_span,
    "page_tints": page_tints,
    "previous_offset": previous_offset,
    "sleeve": sleeve_address,
    "tint": tint,
    "sync_trouble": sync_trouble.for_listener,
}
GLOBALS: dict[str, Callable[..., Any]] = {"item_href": item_href, "spotifys_ranges": spotifys_ranges}
TESTS: dict[str, Callable[..., bool]] = {
    "spotify_id": is_spotify_id,
    "stale": lambda value: isinstance(value, Stale),
}
