"""The Web API's player: what is playing, on which device, and which devices there are.

Each consent has a player of its own, so that two visitors of one demo do not fight over it. The commands are
in `commands.py`.
"""

import time

from flask import Response, jsonify

from app.sandbox.caller import asking_with, consent, part_of_the_web_api, shapes
from app.sandbox.context import current_sandbox
from app.sandbox.devices import active_at_first, device_named, devices_of
from app.sandbox.listeners import Listener
from app.sandbox.lookup import find_track
from app.sandbox.playback import Player, player_of
from app.sandbox.player_shapes import device_shape, playing_shape
from app.sandbox.shapes import Json

player = part_of_the_web_api("player")

_READ = "user-read-playback-state"


@player.get("/me/player")
def state_of_player() -> Response:
    """What is playing and on which device; nothing before the first play."""
    who = asking_with(_READ)
    now = _player(who)
    shown = _shown(now)
    if shown is None:
        return Response(status=204)
    device = device_named(who.id, now.device)
    where = {"device": device_shape(device, now)} if device else {}
    return jsonify({**where, "repeat_state": "off", "shuffle_state": False, **shown})


@player.get("/me/player/currently-playing")
def currently_playing() -> Response:
    """What is playing."""
    shown = _shown(_player(asking_with("user-read-currently-playing", _READ)))
    return Response(status=204) if shown is None else jsonify(shown)


@player.get("/me/player/devices")
def devices() -> Response:
    """The listener's devices."""
    who = asking_with(_READ)
    now = _player(who)
    return jsonify(devices=[device_shape(device, now) for device in devices_of(who.id)])


def first_player(who: Listener) -> Player:
    """A player before any command."""
    return Player(device=active_at_first(who.id))


def _player(who: Listener) -> Player:
    """The player of this consent, as it is now."""
    return (player_of(current_sandbox().state, consent()) or first_player(who)).moved(time.time())


def _shown(now: Player) -> Json | None:
    """What is playing; `None` before the first play."""
    track = find_track(now.track.track_id) if now.track else None
    return None if track is None else playing_shape(track, now, shapes())
