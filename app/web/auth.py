"""Who the visitor is: the site's parts, the visitor's login, and the way back after it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.deadline import Deadline
from app.login import AppLogin, Consent, SessionLogin
from app.services import DEMO, SPOTIFY
from app.sessions import LOCAL_ACCOUNT
from app.site import Site
from app.visit import SPOTIFY_SECONDS, Browsing, Visit
from app.web.session_cookie import BrowserSession

Params = ParamSpec("Params")
Page = TypeVar("Page")


def site() -> Site:
    """The parts of the running site."""
    return cast(Site, current_app.extensions["site"])


def browser_session() -> BrowserSession:
    """This browser's session."""
    return cast(BrowserSession, session)


def logged_in() -> bool:
    """Whether this browser's session holds a login that this instance can still serve."""
    return "token" in session and site().services.get(session["service"]) is not None


def in_demo() -> bool:
    """Whether the visitor looks around as one of the demo's listeners, whom everybody shares."""
    return logged_in() and bool(session["service"] == DEMO)


def logged_in_at_spotify() -> bool:
    """Whether the visitor is logged in as themself."""
    return logged_in() and not in_demo()


def may_import() -> bool:
    """Whether the visitor may import an export. A visitor of the demo counts as not logged in."""
    return site().config.anonymous_imports or logged_in_at_spotify()


def leave(keep_cookie: bool = False) -> None:
    """Ends the login, but not the browser's private history: nothing else leads back to that."""
    current = browser_session()
    if LOCAL_ACCOUNT not in current:
        current.end(keep_cookie)
    elif keep_cookie:
        for key in set(current) - {LOCAL_ACCOUNT}:
            del current[key]
    else:
        current.restart(**{LOCAL_ACCOUNT: current[LOCAL_ACCOUNT]})


def visit() -> Visit:
    """The visitor, on a page that only people who are logged in see."""
    current = browser_session()
    service = site().services.get(current["service"])
    if service is None or current.id_hash is None:
        abort(401)
    consent = None
    if current.account_id is not None:
        given_at = current["token"]["authorized_at"]
        consent = Consent(site().sessions, site().sync_tokens, current.account_id, given_at)
    login = SessionLogin(
        site().sessions, site().store, service.oauth, current.id_hash, current["token"], consent
    )
    return Visit(
        session_id_hash=current.id_hash,
        account_id=current.account_id,
        service=service,
        login=login,
        deadline=Deadline(SPOTIFY_SECONDS),
    )


def browsing() -> Browsing | None:
    """Whoever looks at what there is to play, logged in or not; `None` where there is nothing to look at.

    Anybody asks with the app's own token, or looks at the demo's catalogue where no app is set up.
    """
    visitor = visit() if logged_in() else None
    service = visitor.service if visitor else site().services.get(SPOTIFY) or site().services.get(DEMO)
    if service is None:
        return None
    at_demo = service.name == DEMO
    # To those who are logged in there, the demo says nothing else than to anybody.
    login = visitor.login if visitor and not at_demo else AppLogin(site().store, site().token_store, service)
    return Browsing(
        service=service,
        login=login,
        deadline=visitor.deadline if visitor else Deadline(SPOTIFY_SECONDS),
        account_id=visitor.account_id if visitor else None,
    )


def private(page: Callable[Params, Page]) -> Callable[Params, Page | Response]:
    """A page for people who are logged in: others are led to the landing page, and back after login.

    Its JSON and CSV representations answer them 401.
    """

    @wraps(page)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Page | Response:
        if logged_in():
            return page(*args, **kwargs)
        if wants_json():
            abort(401)
        return redirect(url_for("landing.index", next=way_back()))

    return guarded


def wants_json() -> bool:
    """Whether the address asked for is one for programs, or a script asks: their errors are JSON."""
    return request.path.endswith((".json", ".csv")) or asked_by_script()


def asked_by_script() -> bool:
    """Whether a script of ours asks, or a program that wants JSON."""
    return (
        request.headers.get("X-Requested-With") == "fetch"
        or request.accept_mimetypes.best == "application/json"
    )


def way_back() -> str | None:
    """The address asked for, to come back to after login; `None` for what cannot be repeated."""
    return request.full_path.rstrip("?") if request.method == "GET" else None


def same_site_path(wanted: str | None) -> str | None:
    """`wanted` where it is a path on this site that makes sense after login, else `None`."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or "\\" in wanted:
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    # "//host/path" is another site; "/login" would go round in circles.
    if parts.scheme or parts.netloc or wanted.startswith("//") or parts.path in _NOT_AFTER_LOGIN:
        return None
    return wanted


_NOT_AFTER_LOGIN = (
    "/",
    "/login",
    "/callback",
    # These take posts only.
    "/logout",
    "/your-music/refresh",
    "/privacy/forget",
    "/privacy/forget-history",
    "/top/tracks/playlist",
    "/library/refresh",
    "/library/cancel",
    "/library/allow",
    "/library/save",
    "/player/play",
    "/player/pause",
    "/player/next",
    "/player/previous",
    "/player/seek",
    "/player/volume",
    "/player/transfer",
    "/settings/forget",
    "/settings/end-other-sessions",
    "/settings/sync",
    # Parts of something larger.
    "/player/now",
    "/player/resume",
)
