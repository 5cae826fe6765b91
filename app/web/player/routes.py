"""Playing on the listener's devices: commands, the player's page, and the small player for the script.

A command without JavaScript leads back to where it came from, or to the player's page, which says what went
wrong. A script is answered in JSON: `{"said": code, "sentence", "ok"}`, with `location` where to go on.
"""

import logging
import time
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.music import Device
from app.spotify.errors import LoginEnded, SpotifyError, resume_time
from app.spotify.playback import PlayerAction, PlayerError, player_error
from app.web.auth import (
    asked_by_script,
    browser_session,
    logged_in,
    private,
    same_site_path,
    site,
    visit,
    way_back,
)
from app.web.format import iso
from app.web.intents import ask_permission, take_intent
from app.web.player import report, view
from app.web.player.forms import (
    LONGEST_TRACK,
    TARGETS,
    command_values,
    device_of,
    number_of,
    play_command,
    wanted_of,
)
from app.web.player.report import PLAYBACK_SCOPES, Command, Player, SomebodyElse
from app.web.representation import json_response, track_json

log = logging.getLogger(__name__)
blueprint = Blueprint("player", __name__)

_INTENT = "play"
_ASKING_WHERE = (PlayerError.NO_DEVICE, PlayerError.DEVICE_GONE, PlayerError.DEVICE_DEAF)


@blueprint.app_context_processor
def about_the_player() -> dict[str, Any]:
    """For every page: whether the small player is shown, and where the shared form leads back to."""
    if not logged_in():
        return {"can_play": False, "here": None}
    granted = str(browser_session()["token"].get("scope", "")).split()
    return {"can_play": set(PLAYBACK_SCOPES) <= set(granted), "here": way_back()}


@blueprint.get("/player")
@private
def page() -> str:
    """What is playing where, with everything that can be done about it."""
    visitor, code = visit(), request.args.get("said")
    granted = report.has_permission(visitor)
    player = report.look_if_possible(site(), visitor, devices=True) if granted else Player(None, None)
    return render_template(
        "player/page.html",
        granted=granted,
        code=code,
        sentence=view.sentence_of(code, player.trouble) or view.why_unknown(player.trouble),
        **_shared(player),
    )


@blueprint.get("/player/now")
@private
def now() -> str:
    """The player as a fragment for the script: the small one, or with `?whole=1` that of the page."""
    whole = request.args.get("whole") == "1"
    player = report.look_if_possible(site(), visit(), devices=whole)
    return render_template("player/now.html", whole=whole, **_shared(player))


@blueprint.get("/player.json")
@private
def report_json() -> Response:
    """What is playing, and every device, for programs."""
    player = report.look(site(), visit())
    if player.trouble is not None:
        raise player.trouble
    playback = player.playback
    return json_response(
        {
            "playing": bool(playback and playback.playing),
            "item": track_json(playback.item) if playback and playback.item else None,
            "progress_ms": playback.progress_ms if playback else None,
            "device": _device(playback.device) if playback and playback.device else None,
            "devices": [
                _device(device) | {"active": device.active, "restricted": device.restricted}
                for device in player.devices or ()
            ],
        }
    )


def _device(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "type": device.kind,
        "volume_percent": device.volume_percent,
        "supports_volume": device.supports_volume,
    }


@blueprint.post("/player/play")
@private
def play() -> AnyResponse:
    """Plays a track, an album or an artist, or goes on; asks Spotify for permission first, if need be."""
    command = play_command(request.form)
    visitor = visit()
    if report.has_permission(visitor):
        return _do(command)
    back = url_for("player.resume", next=_next())
    try:
        sent = ask_permission(visitor, PLAYBACK_SCOPES, back, _INTENT, command_values(command))
    except SpotifyError as error:
        return _went_wrong(command, error)
    if asked_by_script():
        return json_response(
            {"said": "asks", "sentence": "", "ok": False, "location": sent.headers["Location"]}
        )
    return sent


@blueprint.get("/player/resume")
@private
def resume() -> AnyResponse:
    """Back from Spotify's consent: plays what was wanted, once, and goes on to the page it was wanted on."""
    intent = take_intent(_INTENT)
    if "refused" in request.args:
        return _to_player(view.DECLINED)
    if intent is None:
        return redirect(_next() or url_for("player.page"), 303)
    command = play_command(intent)
    try:
        report.execute(site(), visit(), command, asked_by=intent["account_id"])
    except SomebodyElse:
        return _to_player(view.OTHER)
    except SpotifyError as error:
        return _went_wrong(command, error)
    return _went_well(command)


@blueprint.post("/player/pause")
@private
def pause() -> AnyResponse:
    """Pauses."""
    return _do(Command(PlayerAction.PAUSE))


@blueprint.post("/player/next")
@private
def skip() -> AnyResponse:
    """Skips to the next item."""
    return _do(Command(PlayerAction.NEXT))


@blueprint.post("/player/previous")
@private
def previous() -> AnyResponse:
    """Goes back to the item before."""
    return _do(Command(PlayerAction.PREVIOUS))


@blueprint.post("/player/seek")
@private
def seek() -> AnyResponse:
    """Goes to a place in what is playing."""
    return _do(Command(PlayerAction.SEEK, number=number_of(request.form, "position_ms", LONGEST_TRACK)))


@blueprint.post("/player/volume")
@private
def volume() -> AnyResponse:
    """Sets the volume."""
    return _do(Command(PlayerAction.VOLUME, number=number_of(request.form, "volume_percent", 100)))


@blueprint.post("/player/transfer")
@private
def transfer() -> AnyResponse:
    """Moves what is playing to another device."""
    return _do(Command(PlayerAction.TRANSFER, device_id=device_of(request.form) or abort(400)))


def _shared(player: Player) -> dict[str, Any]:
    """What the page and its fragment share."""
    return {
        "player": player,
        "view": view,
        "asks_where": request.args.get("said") in _ASKING_WHERE,
        "wanted": wanted_of(request.args),
        "back": same_site_path(request.args.get("next")),
    }


def _do(command: Command) -> AnyResponse:
    try:
        report.execute(site(), visit(), command)
    except SpotifyError as error:
        return _went_wrong(command, error)
    return _went_well(command)


def _went_well(command: Command) -> AnyResponse:
    """Back to where the command came from."""
    if asked_by_script():
        sentence = view.sentence_of(command.action)
        return json_response({"said": command.action, "sentence": sentence, "ok": True})
    back = _next()
    if back is None or urlsplit(back).path == url_for("player.page"):
        return redirect(url_for("player.page", said=command.action.value), 303)
    return redirect(back, 303)


def _went_wrong(command: Command, error: SpotifyError) -> AnyResponse:
    """To the player's page, which says why; what was to be played goes along."""
    log.warning("%s", error.in_a_line())
    if isinstance(error, LoginEnded):
        browser_session().end(keep_cookie=True)
    trouble = player_error(error, command.action, device_named=command.device_id is not None)
    address = _where_to_go(trouble, command)
    if not asked_by_script():
        return redirect(address, 303)
    answer: dict[str, Any] = {"said": trouble, "sentence": view.sentence_of(trouble, error), "ok": False}
    if trouble in (PlayerError.NO_DEVICE, PlayerError.DEVICE_GONE, PlayerError.LOGIN_ENDED):
        answer["location"] = address
    if (resume_at := resume_time(error)) is not None:
        answer |= {"resume_at": iso(resume_at), "wait": max(1, round(resume_at - time.time()))}
    return json_response(answer)


def _where_to_go(trouble: PlayerError, command: Command) -> str:
    if trouble is PlayerError.LOGIN_ENDED:
        return url_for("landing.index", note="login-ended", next=_next())
    wanted = {name: getattr(command, name) for name in TARGETS}
    return url_for("player.page", said=trouble.value, next=_next(), **wanted)


def _to_player(code: str) -> AnyResponse:
    return redirect(url_for("player.page", said=code, next=_next()), 303)


def _next() -> str | None:
    """The path on this site to come back to."""
    return same_site_path(request.values.get("next"))
