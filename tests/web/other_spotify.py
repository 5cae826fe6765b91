"""Another server that speaks Spotify's and ReccoBeats' API, written apart from our sandbox.

It shares no code with the site: nothing but the standard library. Every answer can be scripted, down to the
bytes, so that a test decides what comes, how slowly, and how it ends.

Who logs in is told by the code: the code "ana" logs in the listener "ana".
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

TOKEN, ME = "/api/token", "/v1/me"
ARTISTS, TRACKS = "/v1/me/top/artists", "/v1/me/top/tracks"
PLAYER, DEVICES = "/v1/me/player", "/v1/me/player/devices"
FEATURES, RECCOBEATS = "/v1/audio-features", "/reccobeats/audio-features"
SAVED, LIBRARY = "/v1/me/tracks", "/v1/me/library"


@dataclass(frozen=True)
class ReceivedRequest:
    """One request as it came. `at`: Unix seconds. `json`: a JSON body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    at: float
    json: Any = None

    @property
    def listener(self) -> str:
        """Whose token the request carries."""
        return self.headers.get("Authorization", "").rpartition("access-")[2].partition("-")[0]


@dataclass(frozen=True)
class Answer:
    """What to send back. `delay`: seconds before the first byte. `drip`: seconds between bytes of the body.

    `cut` promises the whole body and closes after half of it; `reset` breaks the connection; `raw` is sent
    as is, in place of everything.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    delay: float = 0.0
    drip: float = 0.0
    cut: bool = False
    reset: bool = False
    chunked: bool = False
    raw: bytes | None = None

    def but(self, **changed: Any) -> "Answer":
        """The same answer with changes."""
        return replace(self, **changed)


def said(value: object, status: int = 200, **more: Any) -> Answer:
    """A JSON answer."""
    return Answer(status=status, body=json.dumps(value).encode(), **more)


def refused(status: int, message: str | None = None, **headers: str) -> Answer:
    """An error as the Web API words it; without `message`, as it words the closed endpoints."""
    error: dict[str, object] = {"status": status} | ({"message": message} if message else {})
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return said({"error": error}, status, headers=(("Content-Type", "application/json"), *pairs))


HTML = Answer(body=b"<!doctype html><title>Gateway</title>", headers=(("Content-Type", "text/html"),))
BROKEN = Answer(body=b'{"items": [{"id": "1", ')
EMPTY = Answer()
RESET = Answer(reset=True)

Script = Answer | Callable[[ReceivedRequest], Answer]


def track(number: int, **changed: object) -> dict[str, Any]:
    """A track in full, as Spotify sends it."""
    return {
        "id": f"track{number:017d}",
        "name": f"Track {number}",
        "artists": [{"id": f"artist{number:016d}", "name": f"Artist {number}"}],
        "album": {"name": f"Album {number}", "images": [{"url": f"https://i.example/{number}.jpg"}]},
        "external_urls": {"spotify": f"https://open.spotify.com/track/track{number:017d}"},
        "duration_ms": 180_000 + number,
        "is_local": False,
        "type": "track",
    } | changed


def artist(number: int, **changed: object) -> dict[str, Any]:
    """An artist in full, as Spotify sends it."""
    return {
        "id": f"artist{number:016d}",
        "name": f"Artist {number}",
        "genres": ["dub"],
        "images": [{"url": f"https://i.example/a{number}.jpg", "width": 640, "height": 640}],
        "external_urls": {"spotify": f"https://open.spotify.com/artist/artist{number:016d}"},
        "type": "artist",
    } | changed


def page_of(*items: object, **changed: object) -> Answer:
    """A page of top items."""
    return said({"items": items, "total": len(items), "limit": 50, "offset": 0, "next": None} | changed)


def device(**changed: object) -> dict[str, Any]:
    """A device, as Spotify sends it."""
    return {
        "id": "laptop0",
        "is_active": True,
        "is_private_session": False,
        "is_restricted": False,
        "name": "Laptop",
        "type": "Computer",
        "volume_percent": 60,
        "supports_volume": True,
    } | changed


def playing(**changed: object) -> dict[str, Any]:
    """What is playing, as Spotify sends it."""
    return {
        "device": device(),
        "is_playing": True,
        "progress_ms": 61_000,
        "item": track(3),
        "currently_playing_type": "track",
        "actions": {"disallows": {"resuming": True}},
    } | changed


def row(track_id: str, **changed: object) -> dict[str, Any]:
    """A row of ReccoBeats'."""
    return {
        "id": "f0e2a1d2-0000-4000-8000-000000000000",
        "href": f"https://open.spotify.com/track/{track_id}",
        "valence": 0.5,
        "energy": 0.5,
        "danceability": 0.5,
        "instrumentalness": 0.0,
        "key": 9,
        "mode": 0,
    } | changed


def saved(number: int, **changed: object) -> dict[str, Any]:
    """An item of a library: track `number`, saved so many minutes before noon; or with changes."""
    added_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_795_176_000 - 60 * number))
    return {"added_at": added_at, "track": track(number)} | changed


def album(number: int, **changed: object) -> dict[str, Any]:
    """An album without its tracks, as Spotify sends it."""
    return {
        "id": f"album{number:017d}",
        "name": f"Album {number}",
        "album_type": "album",
        "artists": [{"id": f"artist{number:016d}", "name": f"Artist {number}"}],
        "images": [
            {"url": f"https://i.example/l{number}.jpg", "width": 640, "height": 640},
            {"url": f"https://i.example/s{number}.jpg", "width": 64, "height": 64},
        ],
        "external_urls": {"spotify": f"https://open.spotify.com/album/album{number:017d}"},
        "release_date": "1973-03-14",
        "total_tracks": 9,
    } | changed


class OtherSpotify:
    """The server. Scripts by path: one answer for good, or several in turn of which the last stays."""

    def __init__(self, version: str = "HTTP/1.1") -> None:
        self.asked: list[ReceivedRequest] = []
        self.rotates = False
        self.scope = "user-top-read"
        self.expires_in = 3600
        self.libraries: dict[str, list[Any]] = {}
        self._scripts: dict[str, list[Script]] = {}
        self._granted = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"spotify": self, "protocol_version": version})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=2)

    def script(self, path: str, *answers: Script) -> None:
        """Answers `path` so: each once, in turn, and the last one from then on."""
        with self._lock:
            self._scripts[path] = list(answers)

    def mend(self, path: str) -> None:
        """Answers `path` well again."""
        with self._lock:
            self._scripts.pop(path, None)

    def count(self, *paths: str) -> int:
        """How many requests came, to these paths or to all."""
        return sum(not paths or call.path in paths for call in list(self.asked))

    def answer(self, asked: ReceivedRequest) -> Answer:
        """The answer to one request."""
        with self._lock:
            self.asked.append(asked)
            scripts = self._scripts.get(asked.path)
            script = (scripts.pop(0) if len(scripts) > 1 else scripts[0]) if scripts else None
        if script is None:
            return (
                _GOOD[asked.path](self, asked) if asked.path in _GOOD else refused(404, "Service not found")
            )
        return script if isinstance(script, Answer) else script(asked)

    def grant(self, asked: ReceivedRequest) -> Answer:
        """A good answer of the token endpoint. Each token is new, and names its listener."""
        with self._lock:
            self._granted += 1
            number = self._granted
        first = asked.form.get("grant_type") == "authorization_code"
        listener = (
            asked.form.get("code", "") if first else asked.form.get("refresh_token", "").split("refresh-")[-1]
        )
        listener = listener.partition("-")[0]
        granted: dict[str, object] = {
            "access_token": f"access-{listener}-{number}",
            "token_type": "Bearer",
            "scope": self.scope,
            "expires_in": self.expires_in,
        }
        if first or self.rotates:
            granted["refresh_token"] = f"refresh-{listener}-{number}"
        return said(granted)

    def greet(self, asked: ReceivedRequest) -> Answer:
        """A good `/me`."""
        who = asked.listener
        return said({"id": who, "display_name": who.title(), "images": [], "external_urls": {}})

    def rank_artists(self, asked: ReceivedRequest) -> Answer:
        """Fifty artists, each with its listener in the name."""
        return page_of(*(artist(n, name=f"{asked.listener} artist {n}") for n in range(50)))

    def rank_tracks(self, asked: ReceivedRequest) -> Answer:
        """Fifty tracks, each with its listener in the name."""
        return page_of(*(track(n, name=f"{asked.listener} track {n}") for n in range(50)))

    def close_features(self, _asked: ReceivedRequest) -> Answer:
        """Spotify's audio features, as new apps meet them."""
        return refused(403)

    def know_sound(self, asked: ReceivedRequest) -> Answer:
        """ReccoBeats, knowing everything."""
        return said({"content": [row(one) for one in reversed(asked.query["ids"].split(","))]})

    def list_saved(self, asked: ReceivedRequest) -> Answer:
        """A page of what `libraries` has for the listener."""
        items = self.libraries.get(asked.listener, [])
        offset, limit = int(asked.query.get("offset", 0)), int(asked.query.get("limit", 20))
        if not 1 <= limit <= 50:
            return refused(400, "Invalid limit")
        return page_of(*items[offset : offset + limit], total=len(items), offset=offset)

    def save(self, asked: ReceivedRequest) -> Answer:
        """Takes what is to be saved, and says nothing."""
        return EMPTY if asked.method == "PUT" else refused(405)

    def play(self, asked: ReceivedRequest) -> Answer:
        """The player: one laptop, which plays a track; commands are done without a word."""
        return said(playing()) if asked.method == "GET" else Answer(204)

    def list_devices(self, _asked: ReceivedRequest) -> Answer:
        """That laptop."""
        return said({"devices": [device()]})


_GOOD: dict[str, Callable[[OtherSpotify, ReceivedRequest], Answer]] = {
    TOKEN: OtherSpotify.grant,
    ME: OtherSpotify.greet,
    ARTISTS: OtherSpotify.rank_artists,
    TRACKS: OtherSpotify.rank_tracks,
    FEATURES: OtherSpotify.close_features,
    RECCOBEATS: OtherSpotify.know_sound,
    SAVED: OtherSpotify.list_saved,
    LIBRARY: OtherSpotify.save,
    PLAYER: OtherSpotify.play,
    DEVICES: OtherSpotify.list_devices,
    **{
        f"{PLAYER}/{command}": OtherSpotify.play
        for command in ("play", "pause", "next", "previous", "seek", "volume")
    },
}


class _Handler(BaseHTTPRequestHandler):
    spotify: OtherSpotify

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *_args: object) -> None:
        """Nothing: the requests are recorded."""

    def _serve(self) -> None:
        if self.spotify.closing.is_set():  # on a connection that was kept
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = self.headers.get("Content-Type") == "application/json"
        parts = urlsplit(self.path)
        answer = self.spotify.answer(
            ReceivedRequest(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers=dict(self.headers.items()),
                form={} if is_json else dict(parse_qsl(body)),
                at=time.time(),
                json=json.loads(body) if is_json else None,
            )
        )
        try:
            if answer.delay:
                self.spotify.closing.wait(answer.delay)
            self._send(answer)
        except OSError:
            self.close_connection = True  # the site did not wait for the rest

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            # A linger of zero seconds turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if answer.raw is not None:
            self.wfile.write(answer.raw)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
        pieces = [bytes([one]) for one in body] if answer.drip else [body] if body else []
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece)
            if answer.drip and self.spotify.closing.wait(answer.drip):
                break
        if answer.cut:
            self.close_connection = True
        elif answer.chunked:
            self.wfile.write(b"0\r\n\r\n")
