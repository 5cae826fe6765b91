"""`/history/import/<number>/done`: what an import has opened."""

from dataclasses import replace

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.web.auth import site
from app.web.charts.time_series import series
from app.web.imports.report import latest
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.range_query import Preset, parse_range
from app.web.time.read_report import read_report
from app.web.time.reveal.report import reveal


@blueprint.get("/history/import/<int:number>/done")
def import_done(number: int) -> str | Response:
    """How many plays there are now, and the first of them; the receipt is one step further."""
    account_id = current_account_id()
    receipt = latest(site(), account_id, number) if account_id is not None and number < 2**31 else None
    found = None
    if account_id is not None and receipt is not None and not receipt.under_way:
        query = replace(parse_range(account_id), preset=Preset.ALL, first=None, last=None)
        found = read_report(reveal, query=query)
    if found is None or found.days is None or not found.report.plays:
        return redirect(url_for("history.import_page"))
    return render_template(
        "history/reveal.html",
        report=found.report,
        query=found.query,
        number=number,
        chart=series(found.report.daily, found.days),
    )
