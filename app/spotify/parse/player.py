"""Devices, and what is playing, out of Spotify's JSON."""

from app.music import Album, ArtistName, Device, Playback, Track
from app.spotify.errors import BadAnswer
from app.spotify.parse.items import LONGEST_TRACK, images, link, track
from app.spotify.parse.values import Json, flag, object_of, objects, text, whole


def devices(answer: object) -> tuple[Device, ...]:
    """`GET /me/player/devices`, in Spotify's order."""
    found = object_of(answer).get("devices")
    if not isinstance(found, list):
        raise BadAnswer("devices without a list")
    return tuple(_device(device) for device in objects(found))


def playback(answer: object | None) -> Playback | None:
    """`GET /me/player`; `None` for its 204: nothing is playing anywhere."""
    if answer is None:
        return None
    state = object_of(answer)
    item, device, actions = state.get("item"), state.get("device"), state.get("actions")
    disallows = actions.get("disallows") if isinstance(actions, dict) else None
    return Playback(
        playing=flag(state.get("is_playing")) or False,
        item=_item(item) if isinstance(item, dict) else None,
        kind=text(state.get("currently_playing_type")) or None,
        progress_ms=whole(state.get("progress_ms"), 0, LONGEST_TRACK),
        device=_device(device) if isinstance(device, dict) else None,
        disallowed=frozenset(
            name for name, said in (disallows.items() if isinstance(disallows, dict) else ()) if said is True
        ),
    )


def _item(item: Json) -> Track:
    """A track, or an episode in a track's clothes: its show stands where the artist does."""
    show = item.get("show")
    if not isinstance(show, dict):
        return track(item)
    return Track(
        id=None,
        name=text(item.get("name")),
        artists=(ArtistName(None, text(show.get("name"))),),
        album=Album(None, text(show.get("name")), images=images(item) or images(show)),
        url=link(item),
        duration_ms=whole(item.get("duration_ms"), 0, LONGEST_TRACK),
    )


def _device(device: Json) -> Device:
    return Device(
        id=text(device.get("id")) or None,
        name=text(device.get("name")) or None,
        kind=text(device.get("type")) or None,
        active=flag(device.get("is_active")) or False,
        restricted=flag(device.get("is_restricted")) or False,
        volume_percent=whole(device.get("volume_percent"), 0, 100),
        supports_volume=flag(device.get("supports_volume")),
    )
