"""The saved tracks, as a page, JSON and CSV; the buttons that read them anew, stop that, and save more."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.spotify.errors import InsufficientScope
from app.web.auth import in_demo, private, same_site_path, site, visit
from app.web.csv_table import csv_response
from app.web.errors import Declined, ErrorPage
from app.web.format import iso
from app.web.intents import ask_permission, take_intent
from app.web.library import report as library
from app.web.library import view
from app.web.library.report import ALBUM, SAVE_SCOPE, TRACK, Order, Saved
from app.web.paging import page_number
from app.web.representation import full_address, is_spotify_id, json_response

blueprint = Blueprint("library", __name__)

_INTENT = "save_items"
_SHARED_LIBRARY = ErrorPage(
    403,
    "The demo’s library is read to its end",
    "Every visitor of the demo shares it, so that nobody can stop it for the others. It takes a few seconds.",
)
LONGEST_WORDS = 200
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
MOST_SAVED = 50
CSV_HEADER = (
    "id",
    "name",
    "artists",
    "album",
    "added_at",
    "duration_ms",
    "explicit",
    "local",
    "removed",
    "url",
)


@blueprint.get("/library")
@private
def page() -> str | AnyResponse:
    """The library."""
    visitor = visit()
    if (intent := take_intent(_INTENT)) is not None:
        return _save(intent["kind"], intent["ids"], intent.get("next"), asked_by=intent["account_id"])
    code = "refused" if "refused" in request.args else request.args.get("said", "")
    try:
        report = library.library_report(site(), visitor, _order())
    except InsufficientScope:
        return render_template("library/permission.html", refused="refused" in request.args)
    return render_template("library/page.html", report=report, view=view, note=view.NOTES.get(code, ""))


@blueprint.get("/library.json")
@private
def report_json() -> Response:
    """The whole library for programs: as far as it is read."""
    reading = library.reading_of(site(), visit(), wait=False)
    numbers = library.numbers(site(), reading)
    head = {
        "state": reading.state,
        "loaded": reading.loaded,
        "total": reading.total,
        "resume_at": iso(reading.resume_at) if reading.resume_at and reading.state == "paused" else None,
        "duration_ms": numbers.totals.duration_ms,
        "explicit": numbers.totals.explicit,
        "added_by_month": [{"month": count.what, "count": count.count} for count in numbers.added_by_month],
        "decades": [{"decade": count.what, "count": count.count} for count in numbers.decades],
        "artists": [{"name": count.what, "count": count.count} for count in numbers.artists],
    }
    return Response(_with_tracks(head, library.every_track(site(), reading)), mimetype="application/json")


@blueprint.get("/library.csv")
@private
def report_csv() -> Response:
    """Every saved track as a table."""
    reading = library.reading_of(site(), visit(), wait=False)
    root = request.root_url
    rows = (
        (
            track.id,
            track.name,
            ", ".join(artist.name or "" for artist in track.artists),
            track.album,
            iso(track.added_at) if track.added_at else None,
            track.duration_ms,
            *("yes" if flag else "no" for flag in (track.explicit, track.local, track.removed)),
            full_address(track.url, root),
        )
        for track in library.every_track(site(), reading)
    )
    return csv_response(CSV_HEADER, ([row] for row in rows), "library")


@blueprint.get("/library/progress.json")
@private
def progress() -> Response:
    """How far the reading is, for the page that watches it."""
    reading = library.reading_of(site(), visit(), wait=False)
    return json_response(
        {
            "state": reading.state,
            "loaded": reading.loaded,
            "total": reading.total,
            "sentence": view.progress_sentence(reading),
        }
    )


@blueprint.post("/library/refresh")
@private
def refresh() -> AnyResponse:
    """Reads the library anew, or goes on where a reading stopped."""
    library.refresh(site(), visit())
    return redirect(url_for("library.page"), 303)


@blueprint.post("/library/cancel")
@private
def cancel() -> AnyResponse:
    """Stops the reading. Not in the demo, whose visitors would find the rest missing."""
    if in_demo():
        raise Declined(_SHARED_LIBRARY)
    library.cancel(site(), visit())
    return redirect(url_for("library.page"), 303)


@blueprint.post("/library/allow")
@private
def allow() -> AnyResponse:
    """Asks Spotify for the permission to read the library, where a login came without it."""
    return ask_permission(visit(), (), url_for("library.page"), "read_library", {})


@blueprint.post("/library/save")
@private
def save() -> AnyResponse:
    """Saves tracks, or an album; asks Spotify for that permission first, if need be."""
    kind = ALBUM if "album_id" in request.form else TRACK
    ids = request.form.getlist(f"{kind}_id")[:MOST_SAVED]
    if not ids or not all(map(is_spotify_id, ids)):
        abort(400)
    visitor, back = visit(), same_site_path(request.form.get("next"))
    if SAVE_SCOPE in visitor.login.scopes:
        return _save(kind, ids, back)
    intent = {"kind": kind, "ids": ids, "next": back}
    return ask_permission(visitor, [SAVE_SCOPE], url_for("library.page"), _INTENT, intent)


def _save(kind: str, ids: list[str], back: str | None, asked_by: int | None = None) -> AnyResponse:
    """Saves, and goes back to the page that asked for it."""
    visitor = visit()
    try:
        saved = "saved-in-demo" if in_demo() else "saved"
        code = saved if library.save(site(), visitor, kind, ids, asked_by) else "other"
    except InsufficientScope:
        code = "refused"
    if back:
        return redirect(f"{urlsplit(back).path}?said={code}", 303)
    return redirect(url_for("library.page", said=code, _anchor="not-saved"), 303)


def _order() -> Order:
    """How the table is asked for; 400 where there is no such order, month or page."""
    sort, order = request.args.get("sort", "added"), request.args.get("order")
    if sort not in view.COLUMNS or order not in (None, "asc", "desc"):
        abort(400)
    descending = order == "desc" if order else sort == view.NEWEST_FIRST
    words = " ".join(request.args.get("q", "").split())[:LONGEST_WORDS]
    month = request.args.get("month") or None
    if month is not None and not _MONTH.fullmatch(month):
        abort(400)
    return Order(sort, descending, words, page_number(), month)


def _with_tracks(head: dict[str, Any], tracks: Iterator[Saved]) -> Iterator[bytes]:
    """The JSON in pieces, so that a library of any size takes little memory."""
    encode = msgspec.json.encode
    yield encode(head)[:-1] + b',"tracks":['
    for place, track in enumerate(tracks):
        yield (b"," if place else b"") + encode(_track(track))
    yield b"]}"


def _track(track: Saved) -> dict[str, Any]:
    return {
        "id": track.id,
        "name": track.name,
        "artists": track.artists,
        "album": track.album,
        "added_at": iso(track.added_at) if track.added_at else None,
        "duration_ms": track.duration_ms,
    }
