"""Security headers for the sandbox's pages."""

from flask import Response, request

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def harden(response: Response) -> Response:
    """What every answer carries, pages or not."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def protect(response: Response, posts_to: str | None = None) -> Response:
    """Lock the page down.

    `posts_to` is the origin that a form's answer is redirected to: browsers hold `form-action` against
    redirects too, so the app's own origin has to be allowed beside ours.
    """
    action = f"'self' {posts_to}" if posts_to else "'none'"
    response.headers["Content-Security-Policy"] = f"{_POLICY}; form-action {action}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
