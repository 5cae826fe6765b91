"""Logging in and out: `/login` sends the person to Spotify, `/callback` takes them back."""

import logging
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.login import STATE_SECONDS, BegunLogin, begin, finish, key_of
from app.pages.errors import LINK_NO_LONGER_VALID, NO_CODE, ErrorPage, trouble_page
from app.pages.hosts import Hosts, is_loopback, split_host
from app.pages.visitors import browser_session, leave, logged_in, same_site_path, site
from app.services import DEMO, SPOTIFY, Service
from app.sessions import LOCAL_ACCOUNT
from app.spotify.errors import LoginEnded

log = logging.getLogger(__name__)
blueprint = Blueprint("login", __name__)

MOST_LOGINS_UNDER_WAY = 10  # tabs of one browser
LONGEST_CODE = 4096
_PREFIX = "login:"


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
    return send_to_spotify(service, next_path)


def send_to_spotify(
    service: Service,
    next_path: str | None,
    more_scopes: Collection[str] = (),
    intent: dict[str, Any] | None = None,
) -> Response:
    """Begins a login: remembers it in the session and redirects to the authorize page."""
    begun, address = begin(service, _redirect_uri(service), next_path, more_scopes, intent)
    _make_room()
    browser_session()[_PREFIX + key_of(begun.state)] = begun.as_values()
    return redirect(address, 303 if request.method == "POST" else 302)


@blueprint.get("/callback")
def callback() -> Response | ErrorPage:
    """Takes the person back: checks the state, exchanges the code, and begins the session anew."""
    begun = _take_login(request.args.get("state", ""))
    if begun is None:
        return trouble_page(LINK_NO_LONGER_VALID)
    if request.args.get("error") == "access_denied":
        # Who is logged in was only asked for one permission more, and goes on without it.
        there = begun.next if logged_in() else None
        if there:
            there += "&refused=1" if "?" in there else "?refused=1"
        return redirect(there or url_for("landing.index", note="cancelled", next=begun.next))
    service, code = site().services.get(begun.service), request.args.get("code", "")
    if service is None or not code or len(code) > LONGEST_CODE:
        return trouble_page(NO_CODE)
    try:
        token = finish(site().pool, service, begun, code)
    except LoginEnded as error:
        log.warning("a login was not finished: %s", error.in_a_line())
        return trouble_page(LINK_NO_LONGER_VALID)
    mine = browser_session()
    # The browser's private history comes along, and joins the account as soon as that is known.
    local = {LOCAL_ACCOUNT: mine[LOCAL_ACCOUNT]} if LOCAL_ACCOUNT in mine else {}
    mine.restart(token=token, service=service.name, **begun.intent, **local)
    # Made now, so that the first page need not write to the session again.
    generate_csrf()
    return redirect(begun.next or url_for("your_music.page"))


@blueprint.post("/logout")
def logout() -> Response:
    """Ends the session here. What Spotify granted stays granted until it is removed there."""
    leave()
    return redirect(url_for("landing.index", note="logged-out"), 303)


def _take_login(state: str) -> BegunLogin | None:
    """The login that was begun with this state: once, and for ten minutes."""
    mine = browser_session()
    if mine.id_hash is None or not state:
        return None
    key = _PREFIX + key_of(state)
    values = site().sessions.take(mine.id_hash, key)
    mine.forget(key)
    begun = BegunLogin(**values) if values else None
    return begun if begun and begun.matches(state) and not begun.stale else None


def _make_room() -> None:
    """Drops logins that were never finished: the stale ones, and the oldest of too many."""
    mine = browser_session()
    begun = sorted((value["begun_at"], key) for key, value in mine.items() if key.startswith(_PREFIX))
    too_many = len(begun) + 1 - MOST_LOGINS_UNDER_WAY
    for place, (begun_at, key) in enumerate(begun):
        if place < too_many or time.time() - begun_at > STATE_SECONDS:
            mine.pop(key)


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
        "login_other_device.html",
        home=f"{home.scheme}://{home.netloc}",
        redirect_uri=config.redirect_uri,
        tunnel=f"ssh -L {home.port or 80}:{listens_at}:{config.port} {asked[0] if asked else 'host'}",
        has_demo=config.demo,
        next=next_path,
    )
