"""What can go wrong when somebody plays something, told apart and put into a sentence each.

Spotify's player answers its commands with a 403 or 404 that carries a message, a reason, or neither.
Sources: Spotify's "Start/Resume Playback" and "Player Error Reasons"; what others report of its answers.
"""

from enum import StrEnum

from app.spotify.errors import (
    AppRefused,
    BadAnswer,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    NotAsked,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    Refused,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)


class What(StrEnum):
    """What a player can be told."""

    PLAY = "play"
    RESUME = "resume"
    PAUSE = "pause"
    NEXT = "next"
    PREVIOUS = "previous"
    SEEK = "seek"
    VOLUME = "volume"
    TRANSFER = "transfer"


class Trouble(StrEnum):
    """Why nothing came of it."""

    NO_DEVICE = "no-device"
    DEVICE_GONE = "device-gone"
    DEVICE_DEAF = "device-deaf"
    PREMIUM = "premium"
    NO_VOLUME = "no-volume"
    ALREADY_PAUSED = "already-paused"
    ALREADY_PLAYING = "already-playing"
    NOTHING_NEXT = "nothing-next"
    NOTHING_BEFORE = "nothing-before"
    NO_SEEKING = "no-seeking"
    NOT_NOW = "not-now"
    NOT_THERE = "not-there"
    NOT_ALLOWED = "not-allowed"
    OWNER_PREMIUM = "owner-premium"
    NOT_LISTED = "not-listed"
    APP_REFUSED = "app-refused"
    LOGIN_REFUSED = "login-refused"
    LOGIN_ENDED = "login-ended"
    WAIT = "wait"
    NO_ANSWER = "no-answer"
    NOT_ASKED = "not-asked"
    UNREADABLE = "unreadable"
    REFUSED = "refused"


SENTENCES = {
    Trouble.NO_DEVICE: "No device is active right now, so Spotify does not know where to play.",
    Trouble.DEVICE_GONE: "That device is gone: Spotify does not find it any more.",
    Trouble.DEVICE_DEAF: "That device takes no commands from outside. Use its own buttons, or another one.",
    Trouble.PREMIUM: "Spotify takes playback commands for Premium accounts only. Nothing was changed.",
    Trouble.NO_VOLUME: "The volume of this device cannot be changed from here. Use its own buttons.",
    Trouble.ALREADY_PAUSED: "It is paused already.",
    Trouble.ALREADY_PLAYING: "It is playing already, or there is nothing to go on with.",
    Trouble.NOTHING_NEXT: "There is nothing to skip to.",
    Trouble.NOTHING_BEFORE: "There is nothing before this to go back to.",
    Trouble.NO_SEEKING: "Spotify lets nobody move about in what is playing now.",
    Trouble.NOT_NOW: "Spotify does not allow that right now.",
    Trouble.NOT_THERE: "Spotify does not have that any more, or not for your country.",
    Trouble.NOT_ALLOWED: "Spotify did not give the permission to play on your devices. Nothing was played.",
    Trouble.OWNER_PREMIUM: "Spotify answers this app only while its owner has Premium, which is not so now.",
    Trouble.NOT_LISTED: "You are not on this app's list yet: its owner adds you in Spotify's dashboard.",
    Trouble.APP_REFUSED: "Spotify does not recognise this app: its client id or secret is not accepted.",
    Trouble.LOGIN_REFUSED: "Spotify no longer accepts this login. Log out, and in again.",
    Trouble.LOGIN_ENDED: "Your login at Spotify has ended. Log in again.",
    Trouble.WAIT: "Spotify asks us to wait a while. Nothing was changed.",
    Trouble.NO_ANSWER: "Spotify is not answering. Look at your device: it may have obeyed all the same.",
    Trouble.NOT_ASKED: "Spotify is not answering, so nothing was sent. Try again in a minute.",
    Trouble.UNREADABLE: "Spotify answered something that we could not read.",
    Trouble.REFUSED: "Spotify refused this.",
}

# Errors that say enough by their kind, before anything is read.
_BY_KIND: tuple[tuple[type[SpotifyError], Trouble], ...] = (
    (LoginEnded, Trouble.LOGIN_ENDED),
    (Unauthorized, Trouble.LOGIN_REFUSED),
    (AppRefused, Trouble.APP_REFUSED),
    (OwnerNeedsPremium, Trouble.OWNER_PREMIUM),
    (UserNotRegistered, Trouble.NOT_LISTED),
    (InsufficientScope, Trouble.NOT_ALLOWED),
    (RateLimited, Trouble.WAIT),
    (NotAsked, Trouble.NOT_ASKED),
    (BadAnswer, Trouble.UNREADABLE),
)
# Words of a message or a reason, in lower case; the first that occur count.
_BY_WORDS = (
    (("no_active_device", "no active device", "active device"), Trouble.NO_DEVICE),
    (("premium",), Trouble.PREMIUM),
    (("volume",), Trouble.NO_VOLUME),
    (("already_paused", "already paused"), Trouble.ALREADY_PAUSED),
    (("not_paused", "not paused"), Trouble.ALREADY_PLAYING),
    (("no_next_track",), Trouble.NOTHING_NEXT),
    (("no_prev_track",), Trouble.NOTHING_BEFORE),
    (
        ("device_not_controllable", "remote_control_disallow", "restricted device", "device is restricted"),
        Trouble.DEVICE_DEAF,
    ),
    (("device not found", "device_not_found", "device id", "device_id"), Trouble.DEVICE_GONE),
)
# "Restriction violated" says that a command makes no sense now; the command tells why.
_NO_SENSE = {
    What.PAUSE: Trouble.ALREADY_PAUSED,
    What.RESUME: Trouble.ALREADY_PLAYING,
    What.NEXT: Trouble.NOTHING_NEXT,
    What.PREVIOUS: Trouble.NOTHING_BEFORE,
    What.SEEK: Trouble.NO_SEEKING,
    What.VOLUME: Trouble.NO_VOLUME,
}


def trouble_of(error: SpotifyError, what: What, device_named: bool = False) -> Trouble:
    """What an error means for a command; `device_named`: the command said where."""
    for kind, trouble in _BY_KIND:
        if isinstance(error, kind):
            return trouble
    said = error.message.lower()
    for words, trouble in _BY_WORDS:
        if isinstance(error, Forbidden | NotFound) and any(one in said for one in words):
            return trouble
    if isinstance(error, Forbidden):
        return _NO_SENSE.get(what, Trouble.NOT_NOW) if "restriction" in said else Trouble.REFUSED
    if isinstance(error, NotFound):
        return _not_found(said, what, device_named)
    if isinstance(error, Refused):
        return Trouble.NOT_THERE if what is What.PLAY and "uri" in said else Trouble.REFUSED
    return Trouble.NO_ANSWER


def _not_found(said: str, what: What, device_named: bool) -> Trouble:
    """A 404 that does not say what is missing: what plays, the named device, or any device at all."""
    if what is What.PLAY and ("resource" in said or "non existing" in said or "context" in said):
        return Trouble.NOT_THERE
    return Trouble.DEVICE_GONE if device_named else Trouble.NO_DEVICE
