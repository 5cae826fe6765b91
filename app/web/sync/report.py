"""How live plays come: on or off, when the next look is, what is in the way, what may be missing.

Times are Unix seconds.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.history.stored import stored_history
from app.site import Site
from app.spotify.oauth import RECENT_SCOPE
from app.store.sync import ENDED, ON, Sync, gaps_of, switch_off, switch_on, sync_of
from app.sync import next_midnight, quota_gate
from app.sync_trouble import LOGIN_ENDED, QUOTA, RATE_LIMITED, SCOPE, UNREACHABLE
from app.web.settings.report import CONSENT_MONTHS, months_later

WARN_DAYS = 30
SILENT_SECONDS = 86_400.0  # after which people are told that Spotify does not answer
OFF, PAUSED = "off", "paused"


@dataclass(frozen=True)
class SyncReport:
    """Live plays of one account. `state`: off, on, paused or ended; `trouble`: why, by its code.

    `resume_at`: when the background may ask again, where it has to wait. `gaps`: from and to.
    """

    state: str
    last_at: float | None
    next_at: float | None
    plays_added: int
    calls_today: int
    calls_limit: int
    resume_at: float | None
    trouble: str | None
    gaps: tuple[tuple[float, float], ...]
    authorized_at: float | None
    ends_at: float | None


def sync_report(site: Site, account_id: int | None, service: str) -> SyncReport:
    """How it stands for one account; the calls are the whole site's."""
    row = sync_of(site.store, account_id) if account_id is not None else None
    counted = site.services.calls_today(service)
    resume_at = _quota_until(site, service, counted)
    trouble = row.trouble if row else None
    if row is not None and row.state == ON:
        if resume_at is not None:
            trouble = QUOTA
        elif trouble == RATE_LIMITED:
            resume_at = row.due_at
        elif trouble == QUOTA:
            trouble = None  # the limit was raised, or its time is over: the next round finds out
    return SyncReport(
        state=_state(row, trouble),
        last_at=row.last_at if row else None,
        next_at=max(row.due_at, resume_at or 0.0) if row and row.state == ON else None,
        plays_added=row.plays_added if row else 0,
        calls_today=counted,
        calls_limit=site.config.daily_calls,
        resume_at=resume_at,
        trouble=trouble,
        gaps=_open_gaps(site, account_id) if account_id is not None else (),
        authorized_at=row.authorized_at if row else None,
        ends_at=consent_ends(row.authorized_at) if row else None,
    )


def _open_gaps(site: Site, account_id: int) -> tuple[tuple[float, float], ...]:
    history = stored_history(site.store, account_id)
    gaps = history.gaps() if history is not None else gaps_of(site.store, account_id)
    return tuple((begin / 1000, end / 1000) for begin, end in gaps)


def _state(row: Sync | None, trouble: str | None) -> str:
    if row is None:
        return OFF
    if row.state == ENDED:
        return ENDED
    return PAUSED if trouble in (QUOTA, RATE_LIMITED) else ON


def _quota_until(site: Site, service: str, counted: int) -> float | None:
    until = quota_gate(site.store, service).until()
    if until is None and counted >= site.config.daily_calls:
        until = next_midnight()
    return until


def consent_ends(authorized_at: float) -> float:
    """When Spotify ends a consent: six months after it was given."""
    given = datetime.fromtimestamp(authorized_at, ZoneInfo("UTC"))
    ends = months_later(given.date(), CONSENT_MONTHS)
    return given.replace(year=ends.year, month=ends.month, day=ends.day).timestamp()


@dataclass(frozen=True)
class SyncWarning:
    """What every page of a person says about their live plays. `ends_at`: when the consent ends, or ended."""

    trouble: str | None
    ends_at: float


def warning(site: Site, account_id: int, now: float) -> SyncWarning | None:
    """What a person must know and can mend: live plays that have ended, or soon will."""
    row = sync_of(site.store, account_id)
    if row is None:
        return None
    ends_at = consent_ends(row.authorized_at)
    silent = row.trouble == UNREACHABLE and (row.last_at or row.begun_at) < now - SILENT_SECONDS
    if row.state == ENDED or silent:
        return SyncWarning(row.trouble, ends_at)
    return SyncWarning(None, ends_at) if now >= ends_at - WARN_DAYS * 86400 else None


def needs_consent(
    site: Site, account_id: int, scopes: Collection[str], authorized_at: float, now: float
) -> bool:
    """Whether Spotify must ask the person before live plays go on with their session's token.

    `scopes`, `authorized_at`: what that token may do, and when it was given.
    """
    row = sync_of(site.store, account_id)
    is_newer = row is None or authorized_at > row.authorized_at
    found = warning(site, account_id, now)
    spent = found is not None and found.trouble in (LOGIN_ENDED, SCOPE, None)
    return not may_ask(scopes) or (spent and not is_newer)


def may_ask(scopes: Collection[str]) -> bool:
    """Whether the person has let this site see what they played last."""
    return RECENT_SCOPE in scopes


def begin(site: Site, account_id: int, token: dict[str, Any], now: float) -> bool:
    """Switches it on with a copy of the session's token. False when the account was deleted meanwhile."""
    encrypted = site.sync_tokens.encrypt(token)
    return switch_on(site.store, account_id, encrypted, token["authorized_at"], now)


def end(site: Site, account_id: int) -> None:
    """Switches it off, and forgets the token."""
    switch_off(site.store, account_id)
