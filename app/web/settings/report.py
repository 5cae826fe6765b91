"""What a person can change about how they are counted, and how their connection to Spotify stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from app.services import DEMO
from app.sessions import ListedSession
from app.site import Site
from app.store.history import has_history
from app.store.listening import Listening, keep_listening
from app.visit import Visit

MOST_THRESHOLD = 240  # seconds
CONSENT_MONTHS, WARN_MONTHS = 6, 5  # how long Spotify keeps a consent, and when to say that it ends

__all__ = [
    "MOST_THRESHOLD",
    "Connection",
    "Listening",
    "SettingsReport",
    "connection",
    "keep",
    "settings_report",
    "zones",
]


@dataclass(frozen=True)
class Connection:
    """A login at Spotify: what was granted, when, and the day on which it ends."""

    scopes: tuple[str, ...]
    given: date
    ends: date
    ends_soon: bool


@dataclass(frozen=True)
class SettingsReport:
    """How a listener's plays are counted, and what is kept. Without an account there is only the default.

    `connection`: `None` without a login at Spotify, and for the demo, whose listeners are invented.
    `sessions`: where the person is logged in; of the demo's listeners, whom everybody shares, this browser.
    """

    has_account: bool
    has_history: bool
    listening: Listening
    connection: Connection | None
    sessions: Sequence[ListedSession]


def settings_report(
    site: Site, account_id: int | None, listening: Listening, visit: Visit | None, zone: ZoneInfo, now: float
) -> SettingsReport:
    """The settings of an account, and of who is logged in. `now`: Unix seconds."""
    at_demo = visit is not None and visit.service.name == DEMO
    sessions: Sequence[ListedSession] = ()
    if account_id is not None and visit is not None:
        sessions = site.sessions.of_account(account_id)
        if at_demo:
            sessions = [session for session in sessions if session.id_hash == visit.session_id_hash]
    login = None if visit is None or at_demo else visit.login
    return SettingsReport(
        has_account=account_id is not None,
        has_history=account_id is not None and has_history(site.store, account_id),
        listening=listening,
        connection=connection(login.scopes, login.authorized_at, zone, now) if login else None,
        sessions=sessions,
    )


@cache
def zones() -> tuple[str, ...]:
    """The time zones there are."""
    return tuple(sorted(available_timezones()))


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
