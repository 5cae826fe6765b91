"""Finding an artist or a track, and playing it on one of the owner's devices."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.deadline import Deadline
from app.login import OwnerLogin
from app.music import Artist, SearchResults, Track
from app.services import Service
from app.spotify.client import CatalogueClient, PlayerClient
from app.spotify.errors import SpotifyError
from app.spotify.playback import PlayerAction, PlayerError, player_error
from app.terminal.words import Sorry, clean, described, device_line, sentence

SPOTIFY_SECONDS = 10.0
MOST_ARTISTS, MOST_TRACKS = 3, 7
Ask = Callable[[str], str]
Choice = Artist | Track
Item = TypeVar("Item")


def find_and_play(words: str, login: OwnerLogin, service: Service, ask: Ask) -> None:
    """Prints what was found, asks which, and plays it. Raises Sorry, and SpotifyError."""
    catalogue = CatalogueClient(service.api, login, Deadline(SPOTIFY_SECONDS))
    found = choices(catalogue.search(words, ("artist", "track")))
    if not found:
        raise Sorry(f"Spotify finds no artist and no track for “{clean(words)}”.")
    for number, item in enumerate(found, 1):
        print(f"{number:3}  {described(item)}")
    chosen = _which(found, ask)
    if chosen is None:
        print("Nothing was played.")
        return
    player = PlayerClient(service.api, login, Deadline(SPOTIFY_SECONDS))
    try:
        _start(player, chosen, None)
    except SpotifyError as error:
        if player_error(error, PlayerAction.PLAY) is not PlayerError.NO_DEVICE:
            raise Sorry(sentence(error, PlayerAction.PLAY)) from error
        _play_somewhere(player, chosen, ask)
    else:
        print(f"Playing {clean(chosen.name)}.")


def choices(finds: SearchResults) -> list[Choice]:
    """What can be played of what was found: a few artists, and more tracks."""
    artists = [artist for artist in finds.artists.items if artist.id][:MOST_ARTISTS]
    tracks = [track for track in finds.tracks.items if track.id][:MOST_TRACKS]
    return [*artists, *tracks]


def _play_somewhere(player: PlayerClient, chosen: Choice, ask: Ask) -> None:
    """Asks for a device, since none is active, and plays there."""
    devices = player.within(Deadline(SPOTIFY_SECONDS)).devices()
    if not devices:
        raise Sorry(
            "Spotify sees no device of yours. Open Spotify on your phone or computer, press play there "
            "once, and try again."
        )
    print("No device is active. These could play:")
    able = [device for device in devices if device.id and not device.restricted]
    for number, device in enumerate(able, 1):
        print(f"{number:3}  {device_line(device)}")
    for device in devices:
        if device not in able:
            print(f"  –  {device_line(device)}: takes no commands from outside")
    if not able:
        raise Sorry("None of your devices takes commands from outside. Use its own buttons.")
    chosen_device = _which(able, ask)
    if chosen_device is None:
        print("Nothing was played.")
        return
    try:
        _start(player, chosen, chosen_device.id)
    except SpotifyError as error:
        raise Sorry(sentence(error, PlayerAction.PLAY, device_named=True)) from error
    print(f"Playing {clean(chosen.name)} on {device_line(chosen_device)}.")


def _which(among: Sequence[Item], ask: Ask) -> Item | None:
    """The one whose number is typed; `None` for none."""
    while True:
        answer = ask("Which one? (its number; nothing for none) ").strip().lower()
        if answer in ("", "q", "quit", "n", "no"):
            return None
        if answer.isascii() and answer.isdigit() and 1 <= int(answer[:6]) <= len(among):
            return among[int(answer[:6]) - 1]
        print(f"A number from 1 to {len(among)}, or nothing.")


def _start(player: PlayerClient, chosen: Choice, device_id: str | None) -> None:
    # A deadline of its own: the person took their time to choose.
    player = player.within(Deadline(SPOTIFY_SECONDS))
    if isinstance(chosen, Artist):
        player.play_context(f"spotify:artist:{chosen.id}", device_id)
    else:
        player.play_tracks([chosen.id or ""], device_id)
