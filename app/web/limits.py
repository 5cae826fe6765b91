"""The limits per address: uploads and searches of people without a login at Spotify, and everybody's logins.

What is refused for another reason first, such as an upload without its CSRF token, is not counted.
"""

from flask import request

from app.rate_limits import limited_until
from app.web.auth import logged_in_at_spotify, site
from app.web.errors import TO_THE_IMPORT, TRY_AGAIN, Declined, ErrorPage

_SHARED_ADDRESS = "People who share your connection count as one."
TOO_MANY_UPLOADS = ErrorPage(
    429,
    "Too many uploads from your address",
    "This site takes only so many uploads from people who are not logged in. Nothing of this one was kept.",
    (_SHARED_ADDRESS, "Several files may be sent at once: they count as one upload."),
    TO_THE_IMPORT,
    until="Come back after",
)
TOO_MANY_SEARCHES = ErrorPage(
    429,
    "Too many searches from your address",
    "This site makes only so many searches for people who are not logged in.",
    (_SHARED_ADDRESS,),
    TRY_AGAIN,
    until="Come back after",
)
TOO_MANY_LOOK_UPS = ErrorPage(
    429,
    "Too many pages from your address",
    "This site asks Spotify only so often for people who are not logged in. Pages that it knows already "
    "are still shown.",
    (_SHARED_ADDRESS,),
    TRY_AGAIN,
    until="Come back after",
)
LOOK_UPS_A_SEARCH = 4  # pages that may be opened for every search
TOO_MANY_LOGINS = ErrorPage(
    429,
    "Too many logins from your address",
    "This site begins only so many logins for one address. Nothing is wrong with your account.",
    (_SHARED_ADDRESS,),
    until="Come back after",
)


def limit_uploads() -> None:
    """Counts an upload of somebody who is not logged in at Spotify. Raises Declined."""
    if not logged_in_at_spotify():
        _limit("uploads", site().config.upload_limit, TOO_MANY_UPLOADS)


def limit_searches() -> None:
    """Counts a search that is made with the app's own token. Raises Declined."""
    if not logged_in_at_spotify():
        _limit("searches", site().config.search_limit, TOO_MANY_SEARCHES)


def limit_look_ups() -> None:
    """Counts a page that Spotify is asked for with the app's own token. Raises Declined."""
    _limit("look-ups", site().config.search_limit, TOO_MANY_LOOK_UPS, LOOK_UPS_A_SEARCH)


def limit_logins() -> None:
    """Counts a login that is begun. Raises Declined."""
    _limit("logins", site().config.login_limit, TOO_MANY_LOGINS)


def _limit(action: str, limit: str, trouble: ErrorPage, times: int = 1) -> None:
    resume_at = limited_until(
        site().store, site().config.secret_key, action, limit, request.remote_addr or "", times
    )
    if resume_at is not None:
        raise Declined(trouble, resume_at)
