"""Devices, and what is playing, out of Spotify's JSON."""

from app.music import Album, ArtistName, Device, Playback, RecentPlay, Track
from app.spotify.errors import BadAnswer
from app.spotify.parse.items import LONGEST_TRACK, images, link, track
from app.spotify.parse.values import Json, flag, moment, object_of, objects, text, whole

FIRST_PLAY = 1_136_073_600.0  # 2006, Unix seconds
AHEAD = 86_400.0  # seconds that a clock may be wrong


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
            name
            for name, is_disallowed in (disallows.items() if isinstance(disallows, dict) else ())
            if is_disallowed is True
        ),
    )


def recently_played(answer: object | None, now: float) -> tuple[tuple[RecentPlay, ...], int]:
    """`GET /me/player/recently-played`, and how many items came; a 204 is an empty page. `now`: Unix seconds.

    What has no time, or neither an id nor a name, cannot be told from anything else and is left out.
    """
    if answer is None:
        return (), 0
    items = object_of(answer).get("items")
    if not isinstance(items, list):
        raise BadAnswer("a page without items")
    plays = (_recent_play(item, now) for item in objects(items))
    return tuple(play for play in plays if play is not None), len(items)


def _recent_play(item: Json, now: float) -> RecentPlay | None:
    played_at, played = moment(item.get("played_at")), item.get("track")
    if played_at is None or not isinstance(played, dict) or not FIRST_PLAY <= played_at < now + AHEAD:
        return None
    found = track(played)
    return RecentPlay(found, round(played_at * 1000)) if found.id or found.name else None


def _item(item: Json) -> Track:
    """A track, or an episode or a chapter as one: its show or book stands where the artist does."""
    part_of = item.get("show") or item.get("audiobook")
    if not isinstance(part_of, dict):
        return track(item)
    name = text(part_of.get("name"))
    return Track(
        id=None,
        name=text(item.get("name")),
        artists=(ArtistName(None, name),),
        album=Album(None, name, images=images(item) or images(part_of)),
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
