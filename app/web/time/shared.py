"""What the pages about patterns share: whose plays, the frame, and the page for when there are none."""

from dataclasses import replace
from typing import Any

from flask import abort, render_template, request

from app.web.time.blueprint import current_account_id, parse_range, whole_of
from app.web.time.frame import frame
from app.web.time.range_with_plays import MUSIC, RangeWithPlays

RANGE = ("range", "from", "to", "tz", "threshold")


def query() -> dict[str, Any]:
    """The range as the address has it, for links that keep it."""
    return {name: request.args[name] for name in RANGE if name in request.args}


def plays_of(kind: str = MUSIC) -> RangeWithPlays | None:
    """The range that is asked about; `None` for who has no plays of that kind."""
    account_id = current_account_id()
    return whole_of(account_id, parse_range(account_id), kind) if account_id is not None else None


def plays_or_404(kind: str = MUSIC) -> RangeWithPlays:
    """The same for a twin."""
    of = plays_of(kind)
    if of is None:
        abort(404)
    return of


def page(of: RangeWithPlays, template: str, endpoint: str, ranges: bool = True, **values: Any) -> str:
    """A page with its frame round it. `ranges`: whether it has a range to choose."""
    round_it = frame(of.asked, of.days, endpoint)
    if not ranges:
        round_it = replace(round_it, ranges=())
    return render_template(template, frame=round_it, query=query(), **values)


def nothing(title: str, what: str = "plays") -> str:
    """The page for who has no plays."""
    return render_template("history/nothing_of_it.html", heading=title, what=what)
