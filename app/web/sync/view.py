"""What stands in the way of live plays, and what to do about it, in a sentence."""

from app.sync import (
    LOGIN_ENDED,
    NOT_REGISTERED,
    OWNER_PREMIUM,
    QUOTA,
    RATE_LIMITED,
    SCOPE,
    UNREACHABLE,
)

_SENTENCES = {
    LOGIN_ENDED: "Spotify has ended the permission that you gave. Renew it, and plays arrive again.",
    SCOPE: "This site may not see what you played last. Renew the permission, and plays arrive again.",
    NOT_REGISTERED: (
        "Spotify says that you are not on this app’s list of users. The owner of this site adds you in "
        "Spotify’s dashboard, under “User Management”; then press Renew."
    ),
    OWNER_PREMIUM: (
        "Spotify wants the owner of this site’s app to have Premium. When they have it again, press Renew."
    ),
    RATE_LIMITED: "Spotify asks this site to wait.",
    QUOTA: "This site has asked Spotify as often as it may in a day.",
    UNREACHABLE: "Spotify did not answer the last time. It is tried again by itself; no play is lost.",
}


def sync_trouble(code: str) -> str:
    """The sentence."""
    return _SENTENCES.get(code, "Something went wrong the last time. It is tried again by itself.")
