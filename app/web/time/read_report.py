"""The one place where a request reads a history: a report, made whole of one version of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from flask import abort

from app.web.auth import site
from app.web.errors import TRY_AGAIN, Declined, ErrorPage
from app.web.time.current_account import current_account_id
from app.web.time.range_query import RangeQuery, parse_range
from app.web.time.range_with_plays import MUSIC, RangeWithPlays, VersionGone, range_with_plays
from app.web.time.turns import long_read

ATTEMPTS = 6
COME_BACK = 2.0  # seconds
_BEING_MADE = ErrorPage(
    503,
    "Your history is being added up anew",
    "An import has just ended, or was taken back. Look again in a moment.",
    action=TRY_AGAIN,
)

Report = TypeVar("Report")


@dataclass(frozen=True)
class RangeReport(Generic[Report]):
    """A report with the range that it is about, and the first and last day of that, where known.

    `plays`: how many it has; `plays_without_time`: how many of them of unknown length; `estimated_plays`,
    `estimated_ms`: how many whose length is estimated, and how long they are taken to be. `services`: what
    told of the account's plays, whatever the range.
    """

    query: RangeQuery
    days: tuple[date, date] | None
    report: Report
    plays: int = 0
    plays_without_time: int = 0
    estimated_plays: int = 0
    estimated_ms: int = 0
    services: Sequence[str] = ()


def read_report(
    make: Callable[[RangeWithPlays], Report], kind: str = MUSIC, query: RangeQuery | None = None
) -> RangeReport[Report] | None:
    """What `make` makes of the range in the address, or of `query`; `None` for who has no plays of that kind.

    Where an import ends meanwhile, the new version is read. Raises Declined, and 400 where the address makes
    no sense.
    """
    account_id = current_account_id()
    if account_id is None:
        return None
    query = query or parse_range(account_id)
    for _ in range(ATTEMPTS):
        try:
            found = range_with_plays(site().store, account_id, query, kind, long_read(account_id))
            if found is None:
                return None
            report, rollup = make(found), found.rollup
            return RangeReport(
                query,
                found.days,
                report,
                plays=rollup.plays,
                plays_without_time=rollup.unknown_plays,
                estimated_plays=rollup.estimated_plays,
                estimated_ms=rollup.estimated_ms,
                services=found.history.services,
            )
        except VersionGone:
            continue
    raise Declined(_BEING_MADE, time.time() + COME_BACK)


def read_report_or_404(
    make: Callable[[RangeWithPlays], Report], kind: str = MUSIC, query: RangeQuery | None = None
) -> RangeReport[Report]:
    """The same for programs, which are told 404 where there are no plays."""
    found = read_report(make, kind, query)
    if found is None:
        abort(404)
    return found


def range_json(query: RangeQuery, days: tuple[date | None, date | None] | None) -> dict[str, Any]:
    """What a report for programs says of its range."""
    first, last = days or (None, None)
    return {
        "range": {"from": first, "to": last, "timezone": query.zone.key},
        "threshold_ms": query.threshold_ms,
    }
