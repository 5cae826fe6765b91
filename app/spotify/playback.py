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


class PlayerAction(StrEnum):
    """What a player can be told."""

    PLAY = "play"
    RESUME = "resume"
    PAUSE = "pause"
    NEXT = "next"
    PREVIOUS = "previous"
    SEEK = "seek"
    VOLUME = "volume"
    TRANSFER = "transfer"


class PlayerError(StrEnum):
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
    PlayerError.NO_DEVICE: "No device is active right now, so Spotify does not know where to play.",
    PlayerError.DEVICE_GONE: "That device is gone: Spotify does not find it any more.",
    PlayerError.DEVICE_DEAF: "That device takes no commands from outside. Use its own buttons, or another "
    "one.",
    PlayerError.PREMIUM: "Spotify takes playback commands for Premium accounts only. Nothing was changed.",
    PlayerError.NO_VOLUME: "The volume of this device cannot be changed from here. Use its own buttons.",
    PlayerError.ALREADY_PAUSED: "It is paused already.",
    PlayerError.ALREADY_PLAYING: "It is playing already, or there is nothing to go on with.",
    PlayerError.NOTHING_NEXT: "There is nothing to skip to.",
    PlayerError.NOTHING_BEFORE: "There is nothing before this to go back to.",
    PlayerError.NO_SEEKING: "Spotify lets nobody move about in what is playing now.",
    PlayerError.NOT_NOW: "Spotify does not allow that right now.",
    PlayerError.NOT_THERE: "Spotify does not have that any more, or not for your country.",
    PlayerError.NOT_ALLOWED: "Spotify did not give the permission to play on your devices. Nothing was "
    "played.",
    PlayerError.OWNER_PREMIUM: "Spotify answers this app only while its owner has Premium, which is not so "
    "now.",
    PlayerError.NOT_LISTED: "You are not on this app's list yet: its owner adds you in Spotify's dashboard.",
    PlayerError.APP_REFUSED: "Spotify does not recognise this app: its client id or secret is not accepted.",
    PlayerError.LOGIN_REFUSED: "Spotify no longer accepts this login. Log out, and in again.",
    PlayerError.LOGIN_ENDED: "Your login at Spotify has ended. Log in again.",
    PlayerError.WAIT: "Spotify asks us to wait a while. Nothing was changed.",
    PlayerError.NO_ANSWER: "Spotify is not answering. Look at your device: it may have obeyed all the same.",
    PlayerError.NOT_ASKED: "Spotify is not answering, so nothing was sent. Try again in a minute.",
    PlayerError.UNREADABLE: "Spotify answered something that we could not read.",
    PlayerError.REFUSED: "Spotify refused this.",
}

# Errors that say enough by their kind, before anything is read.
_BY_KIND: tuple[tuple[type[SpotifyError], PlayerError], ...] = (
    (LoginEnded, PlayerError.LOGIN_ENDED),
    (Unauthorized, PlayerError.LOGIN_REFUSED),
    (AppRefused, PlayerError.APP_REFUSED),
    (OwnerNeedsPremium, PlayerError.OWNER_PREMIUM),
    (UserNotRegistered, PlayerError.NOT_LISTED),
    (InsufficientScope, PlayerError.NOT_ALLOWED),
    (RateLimited, PlayerError.WAIT),
    (NotAsked, PlayerError.NOT_ASKED),
    (BadAnswer, PlayerError.UNREADABLE),
)
# Words of a message or a reason, in lower case; the first that occur count.
_BY_WORDS = (
    (("no_active_device", "no active device", "active device"), PlayerError.NO_DEVICE),
    (("premium",), PlayerError.PREMIUM),
    (("volume",), PlayerError.NO_VOLUME),
    (("already_paused", "already paused"), PlayerError.ALREADY_PAUSED),
    (("not_paused", "not paused"), PlayerError.ALREADY_PLAYING),
    (("no_next_track",), PlayerError.NOTHING_NEXT),
    (("no_prev_track",), PlayerError.NOTHING_BEFORE),
    (
        ("device_not_controllable", "remote_control_disallow", "restricted device", "device is restricted"),
        PlayerError.DEVICE_DEAF,
    ),
    (("device not found", "device_not_found", "device id", "device_id"), PlayerError.DEVICE_GONE),
)
# "Restriction violated" says that a command makes no sense now; the command tells why.
_NO_SENSE = {
    PlayerAction.PAUSE: PlayerError.ALREADY_PAUSED,
    PlayerAction.RESUME: PlayerError.ALREADY_PLAYING,
    PlayerAction.NEXT: PlayerError.NOTHING_NEXT,
    PlayerAction.PREVIOUS: PlayerError.NOTHING_BEFORE,
    PlayerAction.SEEK: PlayerError.NO_SEEKING,
    PlayerAction.VOLUME: PlayerError.NO_VOLUME,
}


def player_error(error: SpotifyError, action: PlayerAction, device_named: bool = False) -> PlayerError:
    """What an error means for a command; `device_named`: the command said where."""
    for error_type, kind in _BY_KIND:
        if isinstance(error, error_type):
            return kind
    message = error.message.lower()
    for words, kind in _BY_WORDS:
        if isinstance(error, Forbidden | NotFound) and any(word in message for word in words):
            return kind
    if isinstance(error, Forbidden):
        return _NO_SENSE.get(action, PlayerError.NOT_NOW) if "restriction" in message else PlayerError.REFUSED
    if isinstance(error, NotFound):
        return _not_found(message, action, device_named)
    if isinstance(error, Refused):
        return (
            PlayerError.NOT_THERE if action is PlayerAction.PLAY and "uri" in message else PlayerError.REFUSED
        )
    return PlayerError.NO_ANSWER


def _not_found(message: str, action: PlayerAction, device_named: bool) -> PlayerError:
    """A 404 that does not say what is missing: what plays, the named device, or any device at all."""
    if action is PlayerAction.PLAY and (
        "resource" in message or "non existing" in message or "context" in message
    ):
        return PlayerError.NOT_THERE
    return PlayerError.DEVICE_GONE if device_named else PlayerError.NO_DEVICE
