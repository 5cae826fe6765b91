"""The Web API's commands to the player: play, pause, skip, seek, volume, and moving to another device.

Each answers 204, or refuses as Spotify does and changes nothing.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from flask import Response, request

from app.sandbox.caller import asking_with, consent, part_of_the_web_api
from app.sandbox.context import current_sandbox
from app.sandbox.devices import Device, device_named, device_with
from app.sandbox.errors import Refusal
from app.sandbox.listeners import Listener
from app.sandbox.paging import whole_number
from app.sandbox.play_request import json_body, requested_playback
from app.sandbox.playback import Player, command
from app.sandbox.player import first_player

commands = part_of_the_web_api("commands")

_LONGEST = 999_999_999


@commands.put("/me/player")
def transfer() -> Response:
    """Move to another device; `play` starts it there."""
    who, body = _commanding(), json_body()
    ids, play = body.get("device_ids"), body.get("play", False)
    if (
        not isinstance(ids, list)
        or len(ids) != 1
        or not isinstance(ids[0], str)
        or not isinstance(play, bool)
    ):
        raise Refusal(400, "Bad request: device_ids must hold exactly one id")
    target = _device_with(who, ids[0])

    def act(now: Player) -> Player:
        moved = replace(now, device=target.name)
        return moved.resumed() if play and moved.queue and not moved.playing else moved

    return _command(who, act)


@commands.put("/me/player/play")
def play() -> Response:
    """Play what the body names; without one, go on."""
    who = _commanding()
    new, device_of = requested_playback(), _target(who)

    def act(now: Player) -> Player:
        target = device_of(now)
        if new is not None:
            return replace(now, device=target.name, playing=True, **new).settled()
        if not now.queue or (now.playing and now.device == target.name):
            raise _violated()
        return replace(now, device=target.name).resumed()

    return _command(who, act)


@commands.put("/me/player/pause")
def pause() -> Response:
    """Stop where it is."""

    def act(now: Player) -> Player:
        if not now.playing:
            raise _violated()
        return replace(now, playing=False)

    return _on_device(act)


@commands.post("/me/player/next")
def skip() -> Response:
    """On to the next track."""

    def act(now: Player) -> Player:
        if now.index + 1 >= len(now.queue):
            raise _violated()
        return now.at_track(now.index + 1)

    return _on_device(act)


@commands.post("/me/player/previous")
def previous() -> Response:
    """Back to the track before; at the first one, to its beginning."""

    def act(now: Player) -> Player:
        if not now.queue:
            raise _violated()
        return now.at_track(max(now.index - 1, 0))

    return _on_device(act)


@commands.put("/me/player/seek")
def seek() -> Response:
    """To another place in the track; past its end is the next track."""
    who = _commanding()
    device_of, place = _target(who), whole_number("position_ms", None, lowest=0, highest=_LONGEST)

    def act(now: Player) -> Player:
        target = device_of(now)
        if not now.queue:
            raise _violated()
        return replace(now, device=target.name, progress_ms=place).settled()

    return _command(who, act)


@commands.put("/me/player/volume")
def volume() -> Response:
    """Turn a device up or down."""
    who = _commanding()
    device_of, percent = _target(who), whole_number("volume_percent", None, lowest=0, highest=100)

    def act(now: Player) -> Player:
        target = device_of(now)
        if not target.supports_volume:
            raise Refusal(
                403, "Player command failed: Cannot control device volume", "VOLUME_CONTROL_DISALLOW"
            )
        return replace(now, volumes={**now.volumes, target.name: percent})

    return _command(who, act)


def _commanding() -> Listener:
    """The listener, who has to pay for it."""
    who = asking_with("user-modify-playback-state")
    if not who.premium:
        raise Refusal(403, "Player command failed: Premium required", "PREMIUM_REQUIRED")
    return who


def _target(who: Listener) -> Callable[[Player], Device]:
    """Which device the request means: the one it names, or else the active one."""
    asked = request.args.get("device_id")
    named = _device_with(who, asked) if asked else None

    def target(now: Player) -> Device:
        found = named or device_named(who.id, now.device)
        if found is None:
            raise Refusal(404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE")
        if found.restricted:
            raise Refusal(403, "Player command failed: Restricted device", "DEVICE_NOT_CONTROLLABLE")
        return found

    return target


def _device_with(who: Listener, device_id: str) -> Device:
    found = device_with(who.id, device_id)
    if found is None:
        raise Refusal(404, "Device not found")
    return found


def _violated() -> Refusal:
    return Refusal(403, "Player command failed: Restriction violated", "UNKNOWN")


def _on_device(act: Callable[[Player], Player]) -> Response:
    """Answer a command that has no parameters but the device."""
    who = _commanding()
    device_of = _target(who)
    return _command(who, lambda now: act(replace(now, device=device_of(now).name)))


def _command(who: Listener, act: Callable[[Player], Player]) -> Response:
    command(current_sandbox().state, consent(), who.id, first_player(who), time.time(), act)
    return Response(status=204)
