"""What the terminal says: names made safe to print, finds and devices in a line, a sentence for a trouble."""

from datetime import UTC, datetime

from app.music import Artist, Device, Track
from app.spotify.errors import RateLimited, SpotifyError
from app.spotify.playback import SENTENCES, PlayerAction, player_error

LONGEST_NAME = 60


class Sorry(Exception):
    """Why it could not be done: a sentence for the person."""


def described(item: Artist | Track) -> str:
    """A find in a line."""
    if isinstance(item, Artist):
        return f"artist  {clean(item.name)}"
    by = ", ".join(clean(artist.name) for artist in item.artists)
    on = f", on {clean(item.album.name)}" if item.album and (item.album.name or "").strip() else ""
    return f"track   {clean(item.name)} by {by or 'somebody'}{on}"


def clean(name: str | None) -> str:
    """A name from outside as a terminal may show it: one line, nothing that steers, not endless."""
    text = " ".join(
        "".join(character if character.isprintable() else " " for character in name or "").split()
    )
    return (text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…") or "without a name"


def device_line(device: Device) -> str:
    """A device in a line."""
    return clean(device.name) + (f" ({clean(device.kind)})" if device.kind else "")


def sentence(error: SpotifyError, action: PlayerAction, device_named: bool = False) -> str:
    """What went wrong, for the person."""
    if isinstance(error, RateLimited):
        moment = datetime.fromtimestamp(error.until, UTC).astimezone()
        return f"Spotify asks us to wait until {moment:%H:%M} on {moment.day} {moment:%B}."
    return SENTENCES[player_error(error, action, device_named)]
