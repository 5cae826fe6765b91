"""The headers of every answer: what a browser may load, who may see it, how long it may be kept."""

from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from app.config import Config
from app.sessions import CSRF
from app.web.auth import browser_session
from app.web.compression import compress

YEAR = 31_536_000


def register_headers(app: Flask, config: Config) -> None:
    """Sets the headers on every answer."""
    policy = content_security_policy(config)

    @app.after_request
    def set_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        if response.mimetype == "text/html":
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if request.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        never_changes = request.endpoint == "static" and "v" in request.args
        if never_changes or (request.endpoint == "sleeves.picture" and response.status_code == 200):
            headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif request.endpoint != "static" and not headers.get("Cache-Control", "").startswith("public"):
            response.vary.add("Cookie")
            if _is_page(response):
                _let_revalidate(response)
            else:
                headers["Cache-Control"] = "no-store"
            if browser_session().ended:
                # What this browser kept of the pages goes with the login.
                headers["Clear-Site-Data"] = '"cache"'
        compress(response)
        return response


def _is_page(response: Response) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and response.mimetype == "text/html"
        and not response.is_streamed
    )


def _let_revalidate(response: Response) -> None:
    """Pages are personal: this browser alone may keep them, and asks each time whether they still hold.

    The tag is of this session and of what the page says. The CSRF token in it is written anew each time, but
    every one of the session's holds as long as the session's secret, which is in the tag in its place.
    """
    session = browser_session()
    whose = (session.id_hash, session.visitor.id if session.visitor else "", session.get(CSRF))
    said = response.get_data()
    if token := g.get("csrf_token"):
        said = said.replace(token.encode(), b"")
    tag = sha256(repr((whose, request.full_path)).encode() + said).hexdigest()[:32]
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag, weak=True)
    response.make_conditional(request)


def content_security_policy(config: Config) -> str:
    """Everything from ourselves; artwork also over https, or plain http where the API itself is."""
    # A person's own picture may come from elsewhere than Spotify's two hosts.
    artwork = ["'self'", "data:", "https://*.scdn.co", "https://*.spotifycdn.com", "https:"]
    if urlsplit(config.api_url).scheme == "http":
        artwork.append("http:")
    accounts = urlsplit(config.accounts_url)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {' '.join(artwork)}",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            # The button that saves a playlist may lead on to Spotify's consent page.
            f"form-action 'self' {accounts.scheme}://{accounts.netloc}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
