"""The sentences of the player: what just happened, by a code that an address may carry."""

from app.music import Device
from app.spotify.playback import SENTENCES, PlayerAction, PlayerError

DECLINED, OTHER = "declined", "other"

# By the code of the outcome; an unknown code says nothing.
_WORDS = {
    PlayerAction.PLAY.value: "Playing.",
    PlayerAction.RESUME.value: "Playing on.",
    PlayerAction.PAUSE.value: "Paused.",
    PlayerAction.NEXT.value: "Skipped to the next.",
    PlayerAction.PREVIOUS.value: "Back to the one before.",
    PlayerAction.SEEK.value: "Moved to that place.",
    PlayerAction.VOLUME.value: "The volume is set.",
    PlayerAction.TRANSFER.value: "Moved to that device.",
    DECLINED: "Nothing was played. You did not give the permission, and everything else goes on as before.",
    OTHER: (
        "Nothing was played. You agreed as somebody else than the one who pressed play. "
        "This is their player now; press play again to use it."
    ),
} | {trouble.value: sentence for trouble, sentence in SENTENCES.items()}

_KINDS = {
    "computer": "computer",
    "smartphone": "phone",
    "tablet": "tablet",
    "speaker": "speaker",
    "tv": "television",
    "castvideo": "television",
    "castaudio": "speaker",
    "avr": "amplifier",
    "stb": "set-top box",
    "audiodongle": "dongle",
    "gameconsole": "game console",
    "automobile": "car",
}
_ICONS = {"computer": "laptop", "phone": "phone", "tablet": "phone", "television": "tv"}
HOW_TO_OPEN = (
    "Open Spotify on your phone or computer.",
    "Press play there once; you may pause it at once.",
    "Come back here and look again.",
)


def said(code: str | None, until: str = "") -> str:
    """The sentence of a code; "" for none and for unknown ones. `until`: a time on the reader's clock."""
    if code == PlayerError.WAIT and until:
        return f"Spotify asks us to wait until {until}."
    return _WORDS.get(code or "", "")


def not_seen(trouble: PlayerError, until: str = "") -> str:
    """Why nobody knows what is playing. `until`: a time on the reader's clock."""
    if trouble is PlayerError.NOT_ALLOWED:
        return "You have not let this site see what is playing."
    if trouble in (PlayerError.NO_ANSWER, PlayerError.NOT_ASKED):
        return "Spotify is not answering. What is playing is not known."
    if trouble in (PlayerError.REFUSED, PlayerError.NOT_NOW):
        return "Spotify refused to say what is playing."
    return said(trouble, until)


def is_good(code: str | None) -> bool:
    """Whether a code says that something was done."""
    return code in tuple(PlayerAction)


def device_name(device: Device) -> str:
    """What a device is called."""
    return (device.name or "").strip() or f"A {device_kind(device)} without a name"


def device_kind(device: Device) -> str:
    """What sort of thing a device is."""
    return _KINDS.get((device.kind or "").lower(), "device")


def device_icon(device: Device) -> str:
    """The icon of that sort of thing."""
    return _ICONS.get(device_kind(device), "speaker")


def why_not(device: Device, choosable: bool) -> str:
    """Why a device cannot be chosen; "" where it can."""
    if device.restricted:
        return "takes no commands from outside"
    return "" if choosable else "cannot be chosen from outside"
