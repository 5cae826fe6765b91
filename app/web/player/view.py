"""What the player's templates draw, in words. Times and lengths are milliseconds, as Spotify has them."""

import math
import zlib
from dataclasses import dataclass, replace

from app.music import Device, Playback, Track
from app.web.charts.artwork import Artwork, artwork
from app.web.format import duration, showable, stripped
from app.web.player.forms import is_device_id
from app.web.player.report import Player
from app.web.player.sentences import device_icon, device_kind, device_name, why_not

REFRESH_SECONDS = 10
COVER_WIDTH = 160


@dataclass(frozen=True)
class ItemView:
    """What is playing. `url` is `None` where it has no page at Spotify."""

    name: str
    artists: tuple[str, ...]
    album: str | None
    sleeve: Artwork
    url: str | None


@dataclass(frozen=True)
class ProgressView:
    """How far it is, of how long: milliseconds, and as they are read."""

    position: int
    length: int
    at: str
    of: str


@dataclass(frozen=True)
class DeviceView:
    """A device. `why_not`: why it cannot be chosen; "" where it can."""

    id: str
    name: str
    kind: str
    icon: str
    active: bool
    why_not: str


@dataclass(frozen=True)
class PlayerView:
    """The player. `note` stands where there is no item. `wait`: seconds until the next look.

    `key` changes when something other than the progress does. `volume` is `None` where it cannot be set.
    """

    playing: bool
    item: ItemView | None
    note: str
    progress: ProgressView | None
    volume: int | None
    device: str
    device_icon: str
    devices: tuple[DeviceView, ...]
    barred: frozenset[str]
    wait: int
    key: str


def player_view(player: Player | None, trouble: str = "", wait: float = 0.0) -> PlayerView:
    """The player as it is drawn; `trouble` says why nothing is known of it, `wait` how long to leave it."""
    playback = player.playback if player else None
    item = item_view(playback.item) if playback and playback.item else None
    device = playback.device if playback else None
    drawn = PlayerView(
        playing=bool(playback and playback.playing),
        item=item,
        note="" if item else trouble or _note(playback),
        progress=_progress(playback),
        volume=_volume(device),
        device=device_name(device) if device else "",
        device_icon=device_icon(device) if device else "speaker",
        devices=tuple(map(device_view, player.devices or ())) if player else (),
        barred=_barred(playback),
        wait=max(REFRESH_SECONDS, math.ceil(wait)),
        key="",
    )
    seen = (drawn.playing, item, drawn.note, drawn.volume, drawn.device, sorted(drawn.barred), drawn.devices)
    return replace(drawn, key=f"{zlib.crc32(repr(seen).encode()):08x}")


def item_view(track: Track) -> ItemView:
    """What is playing, in words."""
    name, album = stripped(track.name), track.album
    album_name = stripped(album.name) if album else None
    return ItemView(
        name=name or "Unknown title",
        artists=tuple(stripped(artist.name) or "Unknown artist" for artist in track.artists),
        album=album_name,
        sleeve=artwork(album.images if album else (), album_name or name, COVER_WIDTH),
        url=track.url if showable(track.url) else None,
    )


def device_view(device: Device) -> DeviceView:
    """A device, in words."""
    return DeviceView(
        id=device.id or "",
        name=device_name(device),
        kind=device_kind(device),
        icon=device_icon(device),
        active=device.active,
        why_not=why_not(device, is_device_id(device.id)),
    )


def _note(playback: Playback | None) -> str:
    if playback is None:
        return "Nothing is playing."
    if playback.kind == "ad":
        return "An advertisement."
    return "Something is playing that Spotify does not name." if playback.playing else "Nothing is playing."


def _progress(playback: Playback | None) -> ProgressView | None:
    length = playback.item.duration_ms if playback and playback.item else None
    if playback is None or not length:
        return None
    position = min(playback.progress_ms or 0, length)
    return ProgressView(position, length, duration(position), duration(length))


def _volume(device: Device | None) -> int | None:
    if device is None or device.supports_volume is False or device.restricted:
        return None
    return device.volume_percent


def _barred(playback: Playback | None) -> frozenset[str]:
    """The commands that make no sense now."""
    if playback is None:
        return frozenset({"pause", "next", "previous", "seek", "volume"})
    if playback.device and playback.device.restricted:
        return frozenset({"play", "pause", "next", "previous", "seek", "volume"})
    names = {"skipping_next": "next", "skipping_prev": "previous", "seeking": "seek", "pausing": "pause"}
    return frozenset(name for word, name in names.items() if word in playback.disallowed)
