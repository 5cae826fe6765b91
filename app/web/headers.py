"""The headers of every answer: what a browser may load, who may see it, how long it may be kept."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from app.config import Config

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
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if request.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        never_changes = request.endpoint == "static" and "v" in request.args
        if never_changes or (request.endpoint == "sleeves.picture" and response.status_code == 200):
            headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif request.endpoint != "static":
            # Pages are personal: no cache between, nor this browser's after logout, may keep them.
            headers["Cache-Control"] = "no-store"
            response.vary.add("Cookie")
        return response


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
