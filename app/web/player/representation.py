"""The shapes of the player's JSON."""

from typing import Any

from app.music import Device, Track
from app.web.representation import full_address, image_address


def item_wire(track: Track) -> dict[str, Any]:
    """What is playing, as JSON."""
    return {
        "id": track.id,
        "name": track.name,
        "artists": [{"id": artist.id, "name": artist.name} for artist in track.artists],
        "album": track.album.name if track.album else None,
        "image": image_address(track.album.images) if track.album else None,
        "url": full_address(track.url),
        "duration_ms": track.duration_ms,
    }


def device_wire(device: Device) -> dict[str, Any]:
    """A device, as JSON; `type` as Spotify says it."""
    return {
        "id": device.id,
        "name": device.name,
        "type": device.kind,
        "volume_percent": device.volume_percent,
        "supports_volume": device.supports_volume,
    }
