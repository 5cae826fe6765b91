"""The ranks of artists month by month or year by year, with their JSON."""

from flask import Response, abort, request

from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.pages import history_page, no_history
from app.web.time.ranks import view
from app.web.time.ranks.report import UNITS, rank_report
from app.web.time.read_report import range_json, read_report, read_report_or_404


@blueprint.get("/history/ranks", endpoint="ranks")
def ranks_page() -> str:
    """Who led each month or year."""
    by = _by()
    found = read_report(lambda selection: rank_report(selection, by))
    if found is None:
        return no_history(current_account_id())
    return history_page("time/ranks.html", found, "history.ranks", {"by": by}, view=view)


@blueprint.get("/history/ranks.json")
def ranks_json() -> Response:
    """The same for programs."""
    by = _by()
    found = read_report_or_404(lambda selection: rank_report(selection, by))
    report = found.report
    periods = [{"period": one.period, "artists": to_json(one.artists, artist=None)} for one in report.periods]
    return json_response(range_json(found.query, found.days) | {"by": report.by, "periods": periods})


def _by() -> str | None:
    by = request.args.get("by") or None
    if by is not None and by not in UNITS:
        abort(400)
    return by
