"""`/history/corrections`: names that are merged, renamed or hidden, and plays that are deleted."""

from collections.abc import Sequence

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.web.auth import in_demo, same_site_path, site
from app.web.errors import TO_THE_CORRECTIONS, Declined, ErrorPage
from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.corrections.report import (
    PART,
    Correction,
    Refused,
    Suggestion,
    TooMany,
    WrongField,
    add,
    correction_json,
    corrections_report,
    find_suggestions,
    parse_correction,
    take_back,
)
from app.web.time.current_account import current_account_id
from app.web.time.pages import no_history
from app.web.time.range_query import parse_range
from app.web.time.read_report import read_report

LARGEST_NUMBER = 2**31 - 1  # that the database takes
_SHARED_HISTORY = ErrorPage(
    403,
    "The demo’s history stays as it is",
    "Every visitor of the demo shares its listeners, and the next one wants to read their history too.",
    ("Open an export of your own: what you import, you can correct.",),
    TO_THE_CORRECTIONS,
)
_TOO_MANY = ErrorPage(
    409,
    "You have very many corrections",
    "No more than 5,000 are applied to a history.",
    ("Undo some that you no longer need, then try again.",),
    TO_THE_CORRECTIONS,
)


@blueprint.get("/history/corrections")
def corrections() -> str:
    """What is corrected and what that comes to, and what may be worth a correction."""
    account_id = current_account_id()
    if account_id is None:
        return no_history(None)
    report = corrections_report(site(), account_id)
    return render_template(
        "history/corrections.html", report=report, suggestions=_suggestions(account_id, report.corrections)
    )


@blueprint.get("/history/corrections.json")
def corrections_json() -> Response:
    """The corrections for programs."""
    account_id = current_account_id() or abort(404)
    report = corrections_report(site(), account_id)
    return json_response({"corrections": [correction_json(rule) for rule in reversed(report.corrections)]})


@blueprint.post("/history/corrections")
def correct() -> AnyResponse:
    """Makes a correction; the worker builds the history with it."""
    account_id = _own()
    try:
        rule = parse_correction(request.form)
        if not add(site(), account_id, rule):
            abort(404)
    except WrongField as error:
        raise Declined(_wrong(error.field, str(error))) from error
    except Refused as error:
        part = PART.get(rule.kind, "artist")
        raise Declined(_wrong(f"to_{part}" if error.side == "to" else part, str(error))) from error
    except TooMany as error:
        raise Declined(_TOO_MANY) from error
    return redirect(same_site_path(request.form.get("next")) or url_for("history.corrections"), 303)


@blueprint.post("/history/corrections/<int:number>/undo")
def undo_correction(number: int) -> AnyResponse:
    """Takes a correction back."""
    account_id = _own()
    if number > LARGEST_NUMBER or not take_back(site(), account_id, number):
        abort(404)
    return redirect(url_for("history.corrections"), 303)


def _own() -> int:
    if in_demo():
        raise Declined(_SHARED_HISTORY)
    return current_account_id() or abort(404)


def _suggestions(account_id: int, known: Sequence[Correction]) -> Sequence[Suggestion]:
    query = parse_range(account_id).of_all()
    found = read_report(lambda selection: find_suggestions(selection, known), query=query)
    return found.report if found else ()


def _wrong(field: str, why: str) -> ErrorPage:
    return ErrorPage(
        400,
        f"The field “{field}” does not make sense here",
        why,
        ("Go back, and look at what was sent.",),
        TO_THE_CORRECTIONS,
    )
