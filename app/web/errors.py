"""The one boundary where errors become pages, or JSON on a `.json` address: plain words and the next step."""

import logging
import math
import time
from dataclasses import dataclass

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from app.services import DEMO
from app.spotify.errors import (
    AppRefused,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    NotAsked,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    Refused,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
    resume_time,
)
from app.web.auth import browser_session, leave, wants_json, way_back
from app.web.format import iso

log = logging.getLogger(__name__)
ErrorResponse = tuple[Response, int]


@dataclass(frozen=True)
class Action:
    """The button of an error page."""

    label: str
    href: str


@dataclass(frozen=True)
class ErrorPage:
    """What an error page says. `action`: what its button does, by its label."""

    status: int
    title: str
    sentence: str
    steps: tuple[str, ...] = ()
    action: str = "Back to the start"
    until: str = "Spotify asks us to wait until"  # what the time to come back is introduced with


LOG_IN, LOG_IN_AGAIN, TRY_AGAIN, START_AGAIN, TO_THE_START, TO_SEARCH, TO_THE_IMPORT, TO_THE_CORRECTIONS = (
    "Log in",
    "Log in again",
    "Try again",
    "Start again",
    "Back to the start",
    "Search",
    "Back to the import",
    "Back to the corrections",
)


class Declined(HTTPException):
    """Ends a request with this error page. `resume_at`: when to come back (Unix seconds)."""

    def __init__(self, trouble: ErrorPage, resume_at: float | None = None) -> None:
        super().__init__(trouble.sentence)
        self.code = trouble.status
        self.trouble = trouble
        self.resume_at = resume_at


_BY_ERROR: dict[type[SpotifyError], ErrorPage] = {
    UserNotRegistered: ErrorPage(
        403,
        "You are not on this app's list yet",
        "Spotify lets a small app serve only the people whom its owner has listed, "
        "and says that the user may not be registered.",
        (
            "The owner opens the app in Spotify's dashboard (developer.spotify.com/dashboard) and chooses "
            "User Management.",
            "There they add your name and the e-mail address of your Spotify account; five people fit.",
            "Then log in again.",
        ),
        LOG_IN_AGAIN,
    ),
    OwnerNeedsPremium: ErrorPage(
        403,
        "The owner of this app needs Spotify Premium",
        "Since 2026 Spotify answers a small app only while its owner has an active Premium subscription.",
        (
            "The owner checks that the Spotify account in the dashboard (developer.spotify.com/dashboard) "
            "has Premium.",
            "After it is renewed, Spotify may take a while to notice. Then try again.",
        ),
        TRY_AGAIN,
    ),
    InsufficientScope: ErrorPage(
        403,
        "Spotify needs your permission for this",
        "This page reads your top artists and tracks, and the login you gave does not cover that.",
        ("Log in again and agree to what Spotify lists.",),
        LOG_IN_AGAIN,
    ),
    Unauthorized: ErrorPage(
        401,
        "Please log in again",
        "Spotify no longer accepts this login.",
        ("Log in again; nothing is lost.",),
        LOG_IN_AGAIN,
    ),
    AppRefused: ErrorPage(
        502,
        "Spotify does not recognise this app",
        "It refused the client id, the secret or the redirect URI that this site is set up with.",
        (
            "The owner compares SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET and SPOTIFY_REDIRECT_URI "
            "with the app's page in Spotify's dashboard, and restarts the site.",
        ),
    ),
    RateLimited: ErrorPage(
        503,
        "Spotify asks us to wait",
        "It has had enough of this site's questions for now.",
        ("We do not ask again before that time. Come back then; your login stays as it is.",),
        TRY_AGAIN,
    ),
}
_REFUSED = ErrorPage(
    502,
    "Spotify refused this question",
    "We asked for what this page shows, and Spotify would not tell. Your account is all right.",
    ("Try again later. If it stays, the owner of this site finds the reason in its log.",),
    TRY_AGAIN,
)
_NOT_ANSWERING = ErrorPage(
    502,
    "Spotify is not answering",
    "We asked, and got no answer that we could read. There is nothing wrong with your account.",
    ("Wait a minute, then try again.",),
    TRY_AGAIN,
)
_COOLDOWN = ErrorPage(
    503,
    "Spotify is not answering",
    "It did not answer several times in a row, so this site leaves it alone for a moment. "
    "There is nothing wrong with your account.",
    ("Come back then; your login stays as it is.",),
    TRY_AGAIN,
    until="We ask it again at",
)
_TOO_MANY_WAIT = ErrorPage(
    503,
    "Spotify is not answering",
    "It is slow just now, and enough other visitors of this site wait for it already. "
    "There is nothing wrong with your account.",
    ("Wait a minute, then try again.",),
    TRY_AGAIN,
)
_BY_STATUS: dict[int, ErrorPage] = {
    400: ErrorPage(
        400,
        "That address does not make sense here",
        "Something in it is not what this page understands.",
        ("Check the address, or go back to the start.",),
    ),
    401: ErrorPage(401, "Please log in", "This is for people who are logged in."),
    404: ErrorPage(
        404, "There is nothing here", "No page has this address.", ("Check it for a slip of the keyboard.",)
    ),
    405: ErrorPage(405, "That cannot be done here", "This address does not take that kind of request."),
    409: ErrorPage(
        409,
        "Too many of your imports are waiting",
        "Ten imports of yours are not done yet, and more cannot wait here. Nothing of this one was kept.",
        ("When one of them is done, send it again.",),
        TO_THE_IMPORT,
    ),
    413: ErrorPage(413, "That is too much at once", "What was sent is larger than this page takes."),
}
NO_CATALOGUE = ErrorPage(
    503,
    "There is nothing to search here",
    "This site has no Spotify app, and its demo is switched off. The owner sets SPOTIFY_CLIENT_ID and "
    "SPOTIFY_CLIENT_SECRET.",
)
_UPLOAD_TOO_LARGE = ErrorPage(
    413,
    "This upload is too large",
    "An upload may hold 4 GB in 900 files; an export of a whole life is far smaller. Nothing of it was kept.",
    ("Send the zip as Spotify made it, or only the files called “Streaming_History…”.",),
    TO_THE_IMPORT,
)
LINK_NO_LONGER_VALID = ErrorPage(
    400,
    "This login link is no longer valid",
    "A login link works once, for ten minutes, in the browser it began in.",
    ("Start again from here; it only takes a moment.",),
    START_AGAIN,
)
NO_CODE = ErrorPage(
    400,
    "Spotify did not finish the login",
    "It sent you back without the code that completes a login.",
    ("Start again. If it happens twice, Spotify may be having trouble: try later.",),
    START_AGAIN,
)
_FORM_TOO_OLD = ErrorPage(
    400,
    "This form is no longer valid",
    "It was opened in another session, or the site was restarted with a new key. Nothing was done.",
    ("Go back, load the page again, and repeat what you did.",),
)
OUR_FAULT = ErrorPage(
    500,
    "Something went wrong here",
    "The fault is ours, not yours and not Spotify's. It has been noted in the site's log.",
    ("Try again. If it stays, tell the owner of this site when it happened.",),
)


def register_errors(app: Flask) -> None:
    """Registers the boundary."""
    app.register_error_handler(SpotifyError, _spotify_error)
    app.register_error_handler(CSRFError, lambda _error: error_response(_FORM_TOO_OLD))
    app.register_error_handler(Declined, lambda error: error_response(error.trouble, error.resume_at))
    app.register_error_handler(HTTPException, _http_error)


def error_response(trouble: ErrorPage, resume_at: float | None = None) -> ErrorResponse:
    """The error page, or the error's JSON. `resume_at`: when to come back (Unix seconds)."""
    if wants_json():
        error: dict[str, object] = {"status": trouble.status, "message": trouble.title}
        if resume_at is not None:
            error["resume_at"] = iso(resume_at)
        response = jsonify(error=error)
    else:
        # While nobody is asked, a button to try again would only be refused again.
        asks_again = trouble.action == TRY_AGAIN and resume_at is not None and _may_be_repeated()
        response = make_response(
            render_template(
                "error.html",
                status=trouble.status,
                title=trouble.title,
                sentence=trouble.sentence,
                steps=trouble.steps,
                action=None if asks_again else Action(trouble.action, _address_of(trouble.action)),
                asks_again=asks_again,
                resume_at=resume_at,
                seconds_left=_seconds_until(resume_at),
                until=trouble.until,
            )
        )
    if resume_at is not None:
        response.headers["Retry-After"] = str(_seconds_until(resume_at))
    return response, trouble.status


def _seconds_until(moment: float | None) -> int:
    return max(1, math.ceil((moment or 0) - time.time()))


def _may_be_repeated() -> bool:
    """Whether the address asked for can be asked for again: a login's works once."""
    return request.method == "GET" and request.endpoint != "login.callback"


def _address_of(action: str) -> str:
    """Where an error page's button leads: on with what the person was doing, if that can be repeated."""
    if action == TRY_AGAIN:
        here = way_back() if request.endpoint != "login.callback" else url_for("landing.index")
        return here or url_for("your_music.page")
    if action == LOG_IN:
        return url_for("login.login", next=url_for("history.import_page"))
    if action == LOG_IN_AGAIN:
        demo = 1 if browser_session().get("service") == DEMO else None
        return url_for("login.login", demo=demo, next=way_back())
    if action == TO_SEARCH:
        return url_for("search.page")
    if action == TO_THE_IMPORT:
        return url_for("history.import_page")
    if action == TO_THE_CORRECTIONS:
        return url_for("history.corrections")
    return url_for("landing.index")


def unknown_item(noun: str) -> ErrorResponse:
    """404 for an artist, album or track that Spotify does not know; `noun` is which of them."""
    return error_response(
        ErrorPage(
            404,
            f"Spotify does not know this {noun}",
            f"No {noun} has this address, or it is no longer there.",
            ("Check the address for a slip of the keyboard.", "Or search for it by name."),
            TO_SEARCH,
        )
    )


def _spotify_error(error: SpotifyError) -> AnyResponse | ErrorResponse:
    log.warning("%s", error.in_a_line())
    if isinstance(error, LoginEnded):
        leave(keep_cookie=True)
        if not wants_json():
            return redirect(url_for("landing.index", note="login-ended", next=way_back()))
        return error_response(_BY_ERROR[Unauthorized])
    trouble = next((page for kind, page in _BY_ERROR.items() if isinstance(error, kind)), _NOT_ANSWERING)
    if isinstance(error, Forbidden | NotFound | Refused) and trouble is _NOT_ANSWERING:
        trouble = _REFUSED
    if isinstance(error, NotAsked):
        trouble = _TOO_MANY_WAIT if error.until is None else _COOLDOWN
    return error_response(trouble, resume_time(error))


def _http_error(error: HTTPException) -> AnyResponse | ErrorResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    known = _BY_STATUS.get(error.code)
    if error.code == 413 and request.path == "/history/import":
        known = _UPLOAD_TOO_LARGE
    page, status = error_response(
        known or ErrorPage(error.code, error.name, "This request could not be answered.")
    )
    if isinstance(error, MethodNotAllowed):
        page.headers["Allow"] = ", ".join(error.valid_methods or ())
    return page, status
