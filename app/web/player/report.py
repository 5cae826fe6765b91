"""The player: what plays where, and commands to it. A command that is given twice at once is done once."""

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from app import answers
from app.music import Device, Playback
from app.site import Site
from app.spotify.client import PlayerClient
from app.spotify.errors import (
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotAsked,
    RateLimited,
    ServerError,
    SpotifyError,
)
from app.spotify.oauth import PLAYBACK_SCOPES
from app.spotify.playback import PlayerAction
from app.store.locks import single_flight
from app.visit import Visit

__all__ = [
    "PLAYBACK_SCOPES",
    "Command",
    "Player",
    "SomebodyElse",
    "execute",
    "has_permission",
    "look",
    "look_if_possible",
]

log = logging.getLogger(__name__)

TWICE_SECONDS = 1.0  # within these the same command is the second half of a double click
_LATEST = "player"  # the latest command of a session, among its values


@dataclass(frozen=True)
class Player:
    """What plays, and what could. `trouble`: why one of the two is not known; `devices` are `None` then."""

    playback: Playback | None
    devices: tuple[Device, ...] | None = ()
    trouble: SpotifyError | None = None


@dataclass(frozen=True)
class Command:
    """A command. To play: one of `track_id`, `album_id` and `artist_id`. `device_id`: where.

    `number`: the place to go to in milliseconds, or the volume in percent.
    """

    action: PlayerAction
    track_id: str | None = None
    album_id: str | None = None
    artist_id: str | None = None
    device_id: str | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """Tells it from every other command."""
        target = self.track_id or self.album_id or self.artist_id or ""
        return f"{self.action}:{target}:{self.device_id or ''}:{self.number}"


class SomebodyElse(Exception):
    """The one who agreed at Spotify is not the one who pressed play."""


def has_permission(visit: Visit) -> bool:
    """Whether the visitor has let us see and use their devices."""
    return set(PLAYBACK_SCOPES) <= set(visit.login.scopes)


def look_if_possible(site: Site, visit: Visit, devices: bool) -> Player:
    """What is playing, and with `devices` every device; its `trouble` says why something is not known.

    Raises LoginEnded.
    """
    try:
        return look(site, visit) if devices else _now_playing(site, visit)
    except LoginEnded:
        raise
    except SpotifyError as error:
        log.warning("%s", error.in_a_line())
        return Player(None, None, error)


def look(site: Site, visit: Visit) -> Player:
    """What is playing, and every device, asked for side by side.

    Where one half fails the other is shown alone. Raises SpotifyError where both do, or where the person must
    do something first.
    """
    client = _client(visit)
    outcomes: dict[str, Any] = visit.service.bulkhead.gather(
        site.pool, {"playback": client.playback, "devices": client.devices}, visit.deadline
    )
    troubles = [_trouble(outcome) for outcome in outcomes.values() if isinstance(outcome, Exception)]
    grave = [trouble for trouble in troubles if isinstance(trouble, (*answers.PERSONAL, RateLimited))]
    if grave or len(troubles) == len(outcomes):
        raise (grave or troubles)[0]
    for trouble in troubles:
        log.warning("half of the player is not known: %s", trouble.in_a_line())
    found = {name: outcome for name, outcome in outcomes.items() if not isinstance(outcome, Exception)}
    return Player(found.get("playback"), found.get("devices"), troubles[0] if troubles else None)


def _now_playing(site: Site, visit: Visit) -> Player:
    playback = _client(visit).playback
    try:
        return Player(visit.service.bulkhead.call(site.pool, playback, visit.deadline))
    except TimeoutError as error:
        raise _trouble(error) from error


def _trouble(outcome: Exception) -> SpotifyError:
    if isinstance(outcome, TimeoutError):
        return NoAnswer("spotify player", "not in time")
    if isinstance(outcome, SpotifyError):
        return outcome
    raise outcome


def execute(site: Site, visit: Visit, command: Command, asked_by: int | None = None) -> None:
    """Does what the command says, once, however often it is given within a second.

    `asked_by`: the account that wanted it, where the visitor had to log in again since. Raises SpotifyError,
    and SomebodyElse.
    """
    if asked_by is not None and asked_by != answers.account_of(site, visit):
        raise SomebodyElse
    client = _client(visit)

    def done() -> bool | None:
        session = site.sessions.read(visit.session_id_hash)
        if session is None:
            raise LoginEnded("session", "logged out meanwhile")
        latest = session.values.get(_LATEST) or {}
        if latest.get("command") != command.key or time.time() - latest["at"] >= TWICE_SECONDS:
            return None
        if latest["unsure"]:
            raise NoAnswer("spotify player", "the first of two clicks got no answer")
        return True

    def note(unsure: bool) -> None:
        latest = {"command": command.key, "at": time.time(), "unsure": unsure}
        site.sessions.change(visit.session_id_hash, {_LATEST: latest}, prolong=False)

    def do() -> bool:
        try:
            _send(client, command)
        except NotAsked:
            raise
        except (NoAnswer, ServerError):
            # It may have been done all the same: the second click must not do it again.
            note(unsure=True)
            raise
        note(unsure=False)
        return True

    name = f"player:{visit.session_id_hash}:{command.action}"
    try:
        do_once = partial(single_flight, site.store, name, done, do, visit.deadline)
        visit.service.bulkhead.call(site.pool, do_once, visit.deadline)
    except TimeoutError as error:
        raise NoAnswer("spotify player", "it, or an earlier click, still waits") from error


def _send(client: PlayerClient, command: Command) -> None:
    match command.action:
        case PlayerAction.PLAY if command.track_id:
            client.play_tracks([command.track_id], command.device_id)
        case PlayerAction.PLAY:
            kind, item_id = ("album", command.album_id) if command.album_id else ("artist", command.artist_id)
            client.play_context(f"spotify:{kind}:{item_id}", command.device_id)
        case PlayerAction.RESUME:
            client.resume(command.device_id)
        case PlayerAction.PAUSE:
            client.pause()
        case PlayerAction.NEXT:
            client.next()
        case PlayerAction.PREVIOUS:
            client.previous()
        case PlayerAction.SEEK:
            client.seek(command.number)
        case PlayerAction.VOLUME:
            client.set_volume(command.number)
        case PlayerAction.TRANSFER:
            client.transfer(command.device_id or "", play=True)


def _client(visit: Visit) -> PlayerClient:
    """Raises InsufficientScope: what is sure to be refused is not asked."""
    if not has_permission(visit):
        raise InsufficientScope("spotify player", "not granted")
    return PlayerClient(visit.service.api, visit.login, visit.deadline)
