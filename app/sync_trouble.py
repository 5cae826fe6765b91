"""What can stand in the way of live plays: codes, and what each says to the listener and to the owner."""

LOGIN_ENDED, NOT_REGISTERED, OWNER_PREMIUM, SCOPE = "login_ended", "not_registered", "owner_premium", "scope"
RATE_LIMITED, QUOTA, UNREACHABLE = "rate_limited", "quota", "unreachable"

# To the listener, on pages; to the owner, on the terminal.
_SENTENCES = {
    LOGIN_ENDED: (
        "Spotify has ended the permission that you gave. Renew it, and plays arrive again.",
        "the login has ended; the person must renew it in the settings",
    ),
    SCOPE: (
        "This site may not see what you played last. Renew the permission, and plays arrive again.",
        "the permission is missing; the person must renew it in the settings",
    ),
    NOT_REGISTERED: (
        "Spotify says that you are not on this app’s list of users. The owner of this site adds you in "
        "Spotify’s dashboard, under “User Management”; then press Renew.",
        "not on the app's list of users (dashboard, User Management)",
    ),
    OWNER_PREMIUM: (
        "Spotify wants the owner of this site’s app to have Premium. When they have it again, press Renew.",
        "the app's owner needs an active Premium subscription",
    ),
    RATE_LIMITED: ("Spotify asks this site to wait.", "Spotify asks to wait"),
    QUOTA: ("This site has asked Spotify as often as it may in a day.", "the quota of today is used up"),
    UNREACHABLE: (
        "Spotify did not answer the last time. It is tried again by itself; no play is lost.",
        "Spotify does not answer",
    ),
}
_UNKNOWN = ("Something went wrong the last time. It is tried again by itself.", "unknown")


def for_listener(code: str | None) -> str:
    """A sentence with what they can do."""
    return _SENTENCES.get(code or "", _UNKNOWN)[0]


def for_owner(code: str | None) -> str:
    """A few words for a line on the terminal."""
    return _SENTENCES.get(code or "", _UNKNOWN)[1]
