"""Logging in and out: `/login` sends the person to Spotify, `/callback` takes them back."""

import logging
import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.login import STATE_SECONDS, BegunLogin, begin, finish, key_of
from app.services import DEMO, SPOTIFY, Service
from app.sessions import CSRF, LOCAL_ACCOUNT, LOGIN
from app.spotify.errors import LoginEnded
from app.web.auth import browser_session, leave, logged_in, same_site_path, site
from app.web.demo_visit import PREFIX as DEMO_CHANGES
from app.web.errors import LINK_NO_LONGER_VALID, NO_CODE, ErrorResponse, error_response
from app.web.hosts import Hosts, is_loopback, split_host
from app.web.limits import limit_logins
from app.web.session_cookie import BrowserSession
from app.web.time.current_account import complete_login, is_due_at_login

log = logging.getLogger(__name__)
blueprint = Blueprint("login", __name__)

MOST_LOGINS_UNDER_WAY = 10  # tabs of one browser
LARGEST_COOKIE = 3500  # bytes; browsers take 4096 with the name and the rest
LONGEST_CODE = 4096
_DESTINATIONS = "ways"  # the key of where each login of this browser wanted to go, by its state's hash


@blueprint.get("/login")
def login() -> Response | str:
    """Redirects to the authorize page. `?demo=1` uses the demo, `?next=/path` comes back there."""
    name = DEMO if request.args.get("demo") == "1" else SPOTIFY
    service = site().services.get(name)
    if service is None:
        return redirect(url_for("landing.index", note="no-demo" if name == DEMO else "no-app"))
    next_path = same_site_path(request.args.get("next"))
    if name == SPOTIFY:
        hosts = Hosts(site().config)
        if (home := hosts.home_of(request, login=True)) is not None:
            return redirect(home)
        if hosts.login_is_lost(request):
            return _other_device_page(next_path)
    limit_logins()
    return send_to_spotify(service, next_path)


def send_to_spotify(
    service: Service,
    next_path: str | None,
    more_scopes: Collection[str] = (),
    intent: dict[str, Any] | None = None,
) -> Response:
    """Begins a login: remembers it in the session and redirects to the authorize page."""
    login, address = begin(service, _redirect_uri(service), next_path, more_scopes, intent)
    _remember(login)
    return redirect(address, 303 if request.method == "POST" else 302)


@blueprint.get("/callback")
def callback() -> Response | ErrorResponse:
    """Takes the person back: checks the state, exchanges the code, and begins the session anew."""
    state = request.args.get("state", "")
    login = _take_login(state)
    if login is None:
        if logged_in():
            # A second tab, or the same address once more: the login is done, by whichever came first.
            destinations: dict[str, str | None] = browser_session().get(_DESTINATIONS, {})
            return redirect(destinations.get(key_of(state)) or url_for("your_music.page"))
        return error_response(LINK_NO_LONGER_VALID)
    if request.args.get("error") == "access_denied":
        # Who is logged in was only asked for one permission more, and goes on without it.
        back = login.next if logged_in() else None
        if back:
            back += "&refused=1" if "?" in back else "?refused=1"
        return redirect(back or url_for("landing.index", note="cancelled", next=login.next))
    service, code = site().services.get(login.service), request.args.get("code", "")
    if service is None or not code or len(code) > LONGEST_CODE:
        return error_response(NO_CODE)
    try:
        token = finish(site().pool, service, login, code)
    except LoginEnded as error:
        log.warning("a login was not finished: %s", error.in_a_line())
        # Another request of this browser may have finished it: the cookie that it sets must stay.
        browser_session().keeps_cookie = True
        return error_response(LINK_NO_LONGER_VALID)
    session = browser_session()
    # The browser's private history comes along and joins the account; forms that are open in other tabs go
    # on to work.
    kept = {key: session[key] for key in (LOCAL_ACCOUNT, CSRF) if key in session}
    kept[_DESTINATIONS] = {key_of(state): login.next} | {
        key.removeprefix(LOGIN): values["next"] for key, values in session.items() if key.startswith(LOGIN)
    }
    # So does what was changed in this visit to the demo, when it asks for one permission more.
    changed = {
        name: session[name] for name in session if service.name == DEMO and name.startswith(DEMO_CHANGES)
    }
    session.restart(token=token, service=service.name, **login.intent, **kept, **changed)
    # Made now, so that the first page need not write to the session again.
    generate_csrf()
    if is_due_at_login():
        session.begin(site().sessions)
        complete_login()
    # Whose it is, Spotify says at the first page; that is logged then.
    log.info("login: at %s", service.name)
    return redirect(login.next or url_for("your_music.page"))


@blueprint.post("/logout")
def logout() -> Response:
    """Ends the session here. What Spotify granted stays granted until it is removed there."""
    if logged_in():
        log.info("logout: account %s", browser_session().account_id or "not known yet")
    leave()
    return redirect(url_for("landing.index", note="logged-out"), 303)


def _take_login(state: str) -> BegunLogin | None:
    """The login that was begun with this state: once, and for ten minutes."""
    session = browser_session()
    key = LOGIN + key_of(state)
    if session.id_hash is None:
        values = session.pop(key, None)
    else:
        values = site().sessions.take(session.id_hash, key) if state else None
        session.forget(key)
    login = BegunLogin(**values) if values else None
    return login if login and login.matches(state) and not login.stale else None


def _remember(login: BegunLogin) -> None:
    """Keeps a login that begins, and drops unfinished ones: those that are stale, the oldest of too many."""
    session = browser_session()
    older = sorted((value["begun_at"], key) for key, value in session.items() if key.startswith(LOGIN))
    session[LOGIN + key_of(login.state)] = login.as_values()
    for place, (begun_at, key) in enumerate(older):
        too_many = len(older) - place >= MOST_LOGINS_UNDER_WAY or _is_too_large(session)
        if too_many or time.time() - begun_at > STATE_SECONDS:
            session.pop(key)
    if _is_too_large(session):
        session[LOGIN + key_of(login.state)] = replace(login, next=None).as_values()


def _is_too_large(session: BrowserSession) -> bool:
    """Whether what a visitor's cookie holds is more than browsers keep."""
    return session.id_hash is None and len(site().sessions.pack("", session)) > LARGEST_COOKIE


def _redirect_uri(service: Service) -> str:
    if service.name == DEMO:
        return url_for("login.callback", _external=True)
    return site().config.redirect_uri


def _other_device_page(next_path: str | None) -> str:
    """What works from another device than the site's, where Spotify sends people back to their own."""
    config = site().config
    home = urlsplit(config.redirect_uri)
    asked = split_host(request.host)
    # Listening on one address of the network alone, the site is not at its machine's loopback address.
    listens_at = "127.0.0.1" if is_loopback(config.host) else config.host
    listens_at = f"[{listens_at}]" if ":" in listens_at else listens_at
    return render_template(
        "login/other_device.html",
        home=f"{home.scheme}://{home.netloc}",
        redirect_uri=config.redirect_uri,
        tunnel=f"ssh -L {home.port or 80}:{listens_at}:{config.port} {asked[0] if asked else 'host'}",
        has_demo=config.demo,
        next=next_path,
    )
