"""The task that fetches covers for histories whose listeners agreed to it: one a second, over all accounts.

It asks Spotify's Web API with the app's own token, where there is an app that may, or else Spotify's oEmbed,
which finds nothing by title and artist.
Each answer is kept at once; what is missing is found anew in each round, so that nothing is lost with a
worker.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from app.deadline import Deadline
from app.history.blobs import VersionGone
from app.history.cover_plan import Named, Wanted, cover_plan
from app.history.items import ALBUM, ARTIST
from app.history.merge import folded
from app.history.stored import MUSIC, stored_history
from app.login import AppLogin
from app.music import Image, Track
from app.services import DEMO, DEMO_MOUNT, SPOTIFY, Service
from app.site import Site
from app.spotify.client import CatalogueClient
from app.spotify.errors import (
    AppRefused,
    Forbidden,
    LoginEnded,
    NotFound,
    RateLimited,
    Refused,
    SpotifyError,
    Unauthorized,
)
from app.spotify.oembed import OEmbed
from app.store.covers import begin_round, covered_keys, keep_covers, next_due_account, put_off
from app.store.listening import listening_of
from app.store.locks import leased

log = logging.getLogger(__name__)

SECONDS_BETWEEN = 1.0
DEMO_SECONDS_BETWEEN = 0.1  # its Spotify is our own
CALL_SECONDS = 6.0  # that an answer may take
LONGEST_WORDS = 100  # characters of a title or name that a search takes
AT_A_TIME = 50  # of an account; then the next account has its turn
MOST_FAILURES = 3  # in a row
SHARE = 0.5  # of the day's calls, after which covers leave the rest to live plays and pages
AFTER_FAILURES = 3600.0
AGAIN = 86400.0  # seconds until it is looked at what is new
HOSTS = (".scdn.co", ".spotifycdn.com")
_NO_APP = (AppRefused, Forbidden, LoginEnded, Unauthorized)

Answer = TypeVar("Answer")
Wait = Callable[[float], bool]


@dataclass(frozen=True)
class _Source:
    """Where an account's covers come from: the Web API where there is a client, else oEmbed."""

    service: str
    client: CatalogueClient | None
    api_server: str
    oembed: OEmbed
    is_demo: bool


def fetch_covers(site: Site, wait: Wait) -> None:
    """Fetches all that is due, unless another worker is at it.

    `wait` waits so many seconds, and says whether the worker goes on.
    """
    with leased(site.store, "covers") as lease:
        if lease is None:
            return
        while (due := next_due_account(site.store)) is not None:
            if not _round(site, *due, lambda seconds: wait(seconds) and lease.is_held()):
                return


def _round(site: Site, account_id: int, service: str, wait: Wait) -> bool:
    """Some covers of one account; whether the worker goes on."""
    if not begin_round(site.store, account_id):
        return True
    source = _source(site, service)
    if source.client is not None and not _may_ask_api(site, source.service):
        source = replace(source, client=None)
    wanted = [
        want for want in _missing(site, account_id) if want.track_id is not None or source.client is not None
    ]
    kept = failures = 0
    for want in wanted[:AT_A_TIME]:
        if source.client is not None and not _may_ask_api(site, source.service):
            source = replace(source, client=None)
        if source.client is None and want.track_id is None:
            continue
        if not wait(DEMO_SECONDS_BETWEEN if source.is_demo else SECONDS_BETWEEN):
            return False
        try:
            try:
                found = _ask(source, want)
            except _NO_APP as error:
                log.info("covers are asked for without the app: %s", error.in_a_line())
                source = replace(source, client=None)
                if want.track_id is None:
                    continue
                found = _ask(source, want)
        except RateLimited as error:
            log.info("covers: %s", error.in_a_line())
            put_off(site.store, account_id, error.until)
            return True
        except SpotifyError as error:
            log.info("a cover did not come: %s", error.in_a_line())
            failures += 1
            if failures == MOST_FAILURES:
                break
            continue
        failures, kept = 0, kept + 1
        if not keep_covers(site.store, account_id, found):
            return True
    if wanted and (failures == MOST_FAILURES or not kept):
        put_off(site.store, account_id, time.time() + AFTER_FAILURES)
    else:
        put_off(site.store, account_id, time.time() + (AGAIN if kept == len(wanted) else 0.0))
    return True


def _missing(site: Site, account_id: int) -> list[Wanted]:
    """What is to be asked for and did not come yet."""
    stored = stored_history(site.store, account_id)
    history = (
        stored.history(MUSIC, listening_of(site.store, account_id).threshold_s * 1000) if stored else None
    )
    if history is None:
        return []
    known, wanted = covered_keys(site.store, account_id), []
    with suppress(VersionGone):  # an import has ended meanwhile, and makes it due again
        wanted = cover_plan(history, time.time())
    missing = (
        replace(want, names=[named for named in want.names if named.key not in known]) for want in wanted
    )
    return [want for want in missing if want.names]


def _source(site: Site, account_service: str) -> _Source:
    """Where to ask for an account of that service; those of a browser alone ask as the site does."""
    name = account_service if account_service == DEMO else SPOTIFY
    service, oembed = site.services.get(name), site.services.oembed(name)
    if service is None:
        return _Source(name, None, "", oembed, name == DEMO)
    return _Source(name, _client(site, service), service.background_api.base_url, oembed, name == DEMO)


def _may_ask_api(site: Site, service: str) -> bool:
    """Whether covers may use the quota that the app has at Spotify."""
    spent = site.services.calls_today(service) >= SHARE * site.config.daily_calls
    return not spent and site.syncer().waits_until(service) is None


def _client(site: Site, service: Service) -> CatalogueClient:
    login = AppLogin(site.store, site.token_store, service)
    return CatalogueClient(service.background_api, login, Deadline(CALL_SECONDS))


def _ask(source: _Source, want: Wanted) -> dict[str, bytes]:
    """The images of each name by key, as JSON; none where Spotify has none. Raises SpotifyError."""
    if source.client is None:
        server = source.oembed.server
        images = _or_none(lambda: source.oembed.cover(want.track_id or "", Deadline(CALL_SECONDS)))
        found = {named.key: images or () for named in want.names}
    else:
        server = source.api_server
        client = source.client.within(Deadline(CALL_SECONDS))
        track = _or_none(lambda: _track(client, want))
        found = {named.key: images for named, images in _of_track(client, want, track)}
    return {
        key: msgspec.json.encode([image for image in images if _may_show(image.url, server, source.is_demo)])
        for key, images in found.items()
    }


def _track(client: CatalogueClient, want: Wanted) -> Track | None:
    """The track by its id, or what a search finds: of the same artist, with that title or a longer one."""
    if want.track_id is not None:
        return client.track(want.track_id)
    artist, title = folded(want.artist), folded(want.title)
    found = client.search(f"{want.title[:LONGEST_WORDS]} {(want.artist or '')[:LONGEST_WORDS]}", ["track"])
    alike = [
        track
        for track in found.tracks.items
        if folded(track.name).startswith(title) and any(folded(by.name) == artist for by in track.artists)
    ]
    return min(alike, key=lambda track: len(track.name or ""), default=None)


def _of_track(
    client: CatalogueClient, want: Wanted, track: Track | None
) -> Iterator[tuple[Named, tuple[Image, ...]]]:
    """Its album's cover for albums and tracks; for an artist their own picture."""
    cover = track.album.images if track and track.album else ()
    for named in want.names:
        if named.kind == ALBUM and want.track_id is None and not _is_on(track, named.name):
            yield named, ()
            continue
        if named.kind != ARTIST or track is None:
            yield named, cover
            continue
        ids = [
            artist.id for artist in track.artists if artist.id and folded(artist.name) == folded(named.name)
        ]
        artist = _or_none(partial(client.artist, ids[0])) if ids else None
        yield named, (artist.images if artist else ()) or cover


def _is_on(track: Track | None, album: str) -> bool:
    return track is not None and track.album is not None and folded(track.album.name) == folded(album)


def _or_none(ask: Callable[[], Answer]) -> Answer | None:
    """What is answered; `None` where Spotify does not know it."""
    try:
        return ask()
    except (NotFound, Refused):
        return None


def _may_show(url: str, server: str, is_demo: bool) -> bool:
    """Whether a picture is where Spotify keeps its own; in the demo and against a sandbox, where those do."""
    if is_demo and url.startswith(f"{DEMO_MOUNT}/"):
        return True
    parts, asked = urlsplit(url), urlsplit(server)
    if parts.scheme == "https":
        return parts.netloc == parts.hostname and parts.netloc.endswith(HOSTS)
    return parts.scheme == asked.scheme == "http" and parts.netloc == asked.netloc
