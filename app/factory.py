"""The factory: puts the site together."""

import gc
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, abort, g, request, session
from flask_wtf import CSRFProtect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import ROOT, Config
from app.services import DEMO, DEMO_MOUNT
from app.site import Site, build_site
from app.web import auth, health
from app.web.covers import routes as covers
from app.web.errors import register_errors
from app.web.faults import register_faults
from app.web.headers import register_headers
from app.web.hosts import HostGuard
from app.web.imports.routes import import_files
from app.web.imports.uploads import register_uploads
from app.web.install import routes as install
from app.web.item import routes as browse
from app.web.landing import routes as landing
from app.web.library import routes as library
from app.web.login import routes as login_pages  # `app.login` is the login itself
from app.web.mood import routes as mood
from app.web.now import routes as your_music
from app.web.places import places
from app.web.player import routes as player
from app.web.privacy import routes as privacy
from app.web.search import routes as search
from app.web.session_cookie import SessionCookie
from app.web.settings import routes as settings
from app.web.sleeves import routes as sleeves
from app.web.sync import routes as live_plays
from app.web.template_filters import FILTERS, GLOBALS, TESTS
from app.web.time import all_routes as history
from app.web.time.turns import register_turns
from app.web.top import routes as top
from app.web.you import routes as you

LONGEST_QUERY = 8192
COLLECT = (50_000, 20, 20)
LARGEST_FORM = 64 * 1024


def create_app(config: Config) -> Flask:
    """The site that `config` describes."""
    site = build_site(config)
    # A full collection goes through everything that is loaded: 75 ms that every tenth page of a long history
    # would wait for. Pages make few circles, so that they may come seldom.
    gc.set_threshold(*COLLECT)

    app = Flask("app", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        # The token and SameSite=Lax suffice; asking for a Referer too locks out browsers that send none.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open overnight still works
    )
    app.extensions["site"] = site
    app.session_interface = SessionCookie(site.sessions)
    _register_requests(app)
    # Uploads look for their CSRF token themselves, before the form is read.
    register_uploads(app)
    CSRFProtect(app).exempt(import_files)
    register_turns(app)

    for page in (
        landing,
        login_pages,
        your_music,
        top,
        mood,
        library,
        search,
        browse,
        player,
        history,
        covers,
        settings,
        live_plays,
        privacy,
        sleeves,
        you,
        install,
        health,
    ):
        app.register_blueprint(page.blueprint)
    register_errors(app)
    register_faults(app)
    register_headers(app, config)
    _register_templates(app)
    _mount(app, site)
    return app


def _register_requests(app: Flask) -> None:
    @app.before_request
    def look_at_request() -> None:
        g.timezone = _timezone(request.cookies.get("tz", ""))
        if auth.browser_session().unreadable:
            abort(503)
        if len(request.query_string) > LONGEST_QUERY:
            abort(400)


def _register_templates(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.tests.update(TESTS)
    app.jinja_env.globals.update(GLOBALS)
    app.jinja_env.globals["places"] = places
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def about_the_visitor() -> dict[str, Any]:
        known = auth.logged_in()
        return {
            "logged_in": known,
            "demo": known and session["service"] == DEMO,
            "may_import": auth.may_import(),
        }

    fingerprints = _fingerprints(Path(app.static_folder or ""))

    @app.url_defaults
    def add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
        """A static file's address changes with its content, so that browsers may keep it for a year."""
        if endpoint == "static" and (fingerprint := fingerprints.get(values.get("filename", ""))):
            values["v"] = fingerprint


def _fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder).as_posix()): sha256(file.read_bytes()).hexdigest()[:12]
        for file in folder.rglob("*")
        if file.is_file()
    }


def _mount(app: Flask, site: Site) -> None:
    """Puts the demo's Spotify beside the site; in front of both, the host guard and the trusted proxies."""
    if site.services.demo_app is not None:
        mounts: dict[str, Any] = {DEMO_MOUNT: site.services.demo_app.wsgi_app}
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, mounts)  # type: ignore[method-assign]
    app.wsgi_app = HostGuard(app.wsgi_app, site.config)  # type: ignore[method-assign]
    if proxies := site.config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=proxies
        )


def _timezone(name: str) -> ZoneInfo:
    """The listener's time zone, from the cookie that their browser sets; UTC until then."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
