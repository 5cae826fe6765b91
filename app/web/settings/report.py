"""What a person can change about how they are counted, and how their connection to Spotify stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from app.site import Site
from app.store.history import Listening, history_size, keep_listening

MOST_THRESHOLD = 240  # seconds
CONSENT_MONTHS, WARN_MONTHS = 6, 5  # how long Spotify keeps a consent, and when to say that it ends

__all__ = [
    "MOST_THRESHOLD",
    "Connection",
    "Listening",
    "connection",
    "has_history",
    "keep",
    "zones",
]


@dataclass(frozen=True)
class Connection:
    """A login at Spotify: what was granted, when, and the day on which it ends."""

    scopes: tuple[str, ...]
    given: date
    ends: date
    ends_soon: bool


def zones() -> list[str]:
    """The time zones there are."""
    return sorted(available_timezones())


def has_history(site: Site, account_id: int) -> bool:
    """Whether the listener has imported anything."""
    return history_size(site.store, account_id) > 0


def keep(site: Site, account_id: int, settings: Listening) -> bool:
    """Changes how plays are counted, at once. False when the account was deleted meanwhile."""
    return keep_listening(site.store, account_id, settings)


def connection(scopes: Collection[str], authorized_at: float, zone: ZoneInfo, now: float) -> Connection:
    """How a login stands. Source: Spotify ends refresh tokens six months after consent."""
    given, today = (datetime.fromtimestamp(moment, zone).date() for moment in (authorized_at, now))
    return Connection(
        scopes=tuple(scopes),
        given=given,
        ends=months_later(given, CONSENT_MONTHS),
        ends_soon=today >= months_later(given, WARN_MONTHS),
    )


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or that month's last."""
    place = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(place // 12, place % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
