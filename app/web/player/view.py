"""What the player says: what came of a command, and what is playing where. Codes may stand in addresses."""

import math
import time
import zlib
from dataclasses import replace

import msgspec

from app.music import Device, Playback
from app.spotify.errors import RateLimited, SpotifyError, resume_time
from app.spotify.playback import SENTENCES, PlayerAction, PlayerError, player_error
from app.web.format import clock
from app.web.player.forms import is_device_id
from app.web.player.report import Player

REFRESH_SECONDS = 15
DECLINED, OTHER = "declined", "other"

# By the code of the outcome; an unknown code says nothing.
_SENTENCES = {
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
} | {error.value: sentence for error, sentence in SENTENCES.items()}

_DEVICE_KINDS = {
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
_DEVICE_ICONS = {"computer": "laptop", "phone": "phone", "tablet": "phone", "television": "tv"}
# Spotify's words for what it does not allow now, and the controls of ours that they disable.
_CONTROLS = {"skipping_next": "next", "skipping_prev": "previous", "seeking": "seek", "pausing": "pause"}


def sentence_of(code: str | None, error: SpotifyError | None = None) -> str:
    """The sentence of a code, "" for none and for unknown ones. `error`: what it stands for."""
    if code == PlayerError.WAIT and isinstance(error, RateLimited):
        return f"Spotify asks us to wait until {clock(error.until)}."
    return _SENTENCES.get(code or "", "")


def is_done(code: str | None) -> bool:
    """Whether a code says that something was done."""
    return code in tuple(PlayerAction)


def why_unknown(error: SpotifyError | None) -> str:
    """Why something about the player is not known; "" where all is."""
    if error is None:
        return ""
    kind = player_error(error, PlayerAction.RESUME)
    if kind is PlayerError.NOT_ALLOWED:
        return "You have not let this site see what is playing."
    if kind in (PlayerError.NO_ANSWER, PlayerError.NOT_ASKED):
        return "Spotify is not answering. What is playing is not known."
    if kind in (PlayerError.REFUSED, PlayerError.NOT_NOW):
        return "Spotify refused to say what is playing."
    return sentence_of(kind, error)


def note(player: Player) -> str:
    """What stands where no item can be shown."""
    playback = player.playback
    if player.trouble is not None:
        return why_unknown(player.trouble)
    if playback is None:
        return "Nothing is playing."
    if playback.kind == "ad":
        return "An advertisement."
    return "Something is playing that Spotify does not name." if playback.playing else "Nothing is playing."


def volume(device: Device | None) -> int | None:
    """The volume in percent; `None` where it cannot be set."""
    if device is None or device.supports_volume is False or device.restricted:
        return None
    return device.volume_percent


def disabled_controls(playback: Playback | None) -> set[str]:
    """The controls that make no sense now."""
    if playback is None:
        return {"pause", "next", "previous", "seek", "volume"}
    if playback.device and playback.device.restricted:
        return {"play", "pause", "next", "previous", "seek", "volume"}
    return {control for word, control in _CONTROLS.items() if word in playback.disallowed}


def device_name(device: Device) -> str:
    """What a device is called."""
    return (device.name or "").strip() or f"A {device_kind(device)} without a name"


def device_kind(device: Device) -> str:
    """What sort of thing a device is."""
    return _DEVICE_KINDS.get((device.kind or "").lower(), "device")


def device_icon(device: Device | None) -> str:
    """The icon of that sort of thing."""
    return _DEVICE_ICONS.get(device_kind(device), "speaker") if device else "speaker"


def why_not(device: Device) -> str:
    """Why a device cannot be chosen; "" where it can."""
    if device.restricted:
        return "takes no commands from outside"
    return "" if is_device_id(device.id) else "cannot be chosen from outside"


def seconds_until_next_look(player: Player) -> int:
    """How long the script leaves Spotify alone."""
    wait = (resume_time(player.trouble) or 0.0) - time.time()
    return max(REFRESH_SECONDS, math.ceil(wait))


def change_key(player: Player) -> str:
    """Changes when something other than the progress does."""
    playback = replace(player.playback, progress_ms=None) if player.playback else None
    shown = (playback, note(player), player.devices)
    return f"{zlib.crc32(msgspec.json.encode(shown, order='sorted')):08x}"
