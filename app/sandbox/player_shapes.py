"""The Web API's JSON for a player and its devices."""

from app.sandbox.devices import Device
from app.sandbox.items import Track
from app.sandbox.playback import Player
from app.sandbox.shapes import Json, Shapes


def device_shape(device: Device, player: Player) -> Json:
    """A device, as that player left it."""
    return {
        "id": device.id,
        "is_active": device.name == player.device,
        "is_private_session": False,
        "is_restricted": device.restricted,
        "name": device.name,
        "type": device.kind,
        "volume_percent": player.volumes.get(device.name, device.volume),
        "supports_volume": device.supports_volume,
    }


def playing_shape(track: Track, player: Player, answers: Shapes) -> Json:
    """What a player plays."""
    return {
        "timestamp": int(player.changed_at * 1000),
        "context": _context(player.context_uri, answers) if player.context_uri else None,
        "progress_ms": player.progress_ms,
        "item": answers.track(track),
        "currently_playing_type": "track",
        "actions": {"disallows": {"resuming" if player.playing else "pausing": True}},
        "is_playing": player.playing,
    }


def _context(uri: str, answers: Shapes) -> Json:
    kind, item_id = uri.split(":")[1:]
    href = f"{answers.api}/{kind}s/{item_id}"
    return {"external_urls": answers.external(kind, item_id), "href": href, "type": kind, "uri": uri}
