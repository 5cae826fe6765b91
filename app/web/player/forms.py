"""What the player's forms may say. Whatever makes no sense is a 400."""

import re
from collections.abc import Mapping
from typing import Any

from flask import abort

from app.spotify.playback import PlayerAction
from app.web.player.report import Command
from app.web.representation import is_spotify_id

TARGETS = ("track_id", "album_id", "artist_id")
LONGEST_TRACK = 86_400_000  # milliseconds
_DEVICE_ID = re.compile(r"[!-~]{1,200}")
_WHOLE = re.compile(r"[0-9]{1,9}")


def play_command(form: Mapping[str, Any]) -> Command:
    """What is to be played, where; nothing named means to go on."""
    wanted = wanted_of(form)
    return Command(PlayerAction.PLAY if wanted else PlayerAction.RESUME, device_id=device_of(form), **wanted)  # type: ignore[arg-type]


def wanted_of(form: Mapping[str, Any]) -> dict[str, str]:
    """The id that a form names, at most one, by its field."""
    wanted = {name: form[name] for name in TARGETS if form.get(name)}
    if len(wanted) > 1 or not all(map(is_spotify_id, wanted.values())):
        abort(400)
    return wanted


def command_values(command: Command) -> dict[str, str]:
    """A command to play, as values for the session; `play_command` reads them again."""
    fields = {name: getattr(command, name) for name in (*TARGETS, "device_id")}
    return {name: value for name, value in fields.items() if value}


def device_of(form: Mapping[str, Any]) -> str | None:
    """The device that a form names, if any."""
    device_id = form.get("device_id") or None
    if device_id is not None and not is_device_id(device_id):
        abort(400)
    return device_id


def is_device_id(value: object) -> bool:
    """Whether a device of that id could be chosen."""
    return isinstance(value, str) and _DEVICE_ID.fullmatch(value) is not None


def number_of(form: Mapping[str, Any], name: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    given = form.get(name, "")
    if not _WHOLE.fullmatch(given) or int(given) > most:
        abort(400)
    return int(given)
