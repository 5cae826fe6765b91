"""What makes the site one to install, and what crawlers ask for: nothing here is about a person."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for

blueprint = Blueprint("install", __name__)

PAPER = "#f4eddd"
HOUR = 3600
# Pages of one person, which a crawler has no login for.
PERSONAL = (
    "/your-music",
    "/top/",
    "/mood",
    "/library",
    "/search",
    "/player",
    "/settings",
    "/history",
    "/login",
    "/callback",
    "/demo/",
)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone shows of the site on its home screen."""
    icons: list[dict[str, Any]] = [
        {
            "src": url_for("static", filename=f"icons/{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in (192, 512)
    ]
    content = {
        "name": "Liner Notes",
        "short_name": "Liner Notes",
        "description": "What you listen to, with the source of every number.",
        "id": url_for("landing.index"),
        "start_url": url_for("landing.index"),
        "scope": url_for("landing.index"),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return _public(json.dumps(content), "application/manifest+json")


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon of the tab, where browsers look for it unasked."""
    response = current_app.send_static_file("icons/favicon.ico")
    response.headers["Cache-Control"] = f"public, max-age={24 * HOUR}"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keeps crawlers out of personal pages, but for the one that tells how to open an export."""
    lines = ["User-agent: *", "Allow: /history/import$", *(f"Disallow: {path}" for path in PERSONAL)]
    return _public("\n".join(lines) + "\n", "text/plain")


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """The script that shows `/offline` where there is no connection. It keeps no other page."""
    fonts = [f"vendor/{name}/{name}.woff2" for name in ("besley", "public-sans")]
    files = [url_for("static", filename=name) for name in ("site.css", *fonts)]
    script = render_template("install/service_worker.js", offline=url_for("install.offline"), files=files)
    response = _public(script, "text/javascript")
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@blueprint.get("/offline")
def offline() -> str:
    """The page that the service worker keeps."""
    return render_template("install/offline.html")


def _public(content: str, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    return response
