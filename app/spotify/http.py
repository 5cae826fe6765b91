"""Transport: one HTTP server with its base address, pooled connections, timeouts, and errors by name.

A request is prepared, sent, read and judged. Reads are tried again after a 5xx or a reset; writes never are.
No redirects are followed, no cookies kept, no credentials taken from the environment.
Each failed attempt is a line of the debug log; whoever handles the error logs what became of it.
"""

import json
import logging
import math
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from app.deadline import Deadline
from app.spotify.breaker import CircuitBreaker
from app.spotify.errors import (
    BadAnswer,
    NoAnswer,
    NotFound,
    RateLimited,
    Refused,
    ServerError,
    SpotifyError,
    Unauthorized,
    forbidden,
)

log = logging.getLogger(__name__)
# It logs a malformed header with a traceback; what becomes of such an answer is ours to log, in one line.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
MOST_BYTES = 8 * 2**20
TRIES = 3
DEFAULT_PAUSE = 30.0  # seconds, where a 429 brings no Retry-After
QUOTA_PAUSE = 3600.0  # likewise, where it says that a day's quota is used up
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
LONGEST_PAUSE = 7 * 86400.0
USER_AGENT = "LinerNotes/0.1"
_EVERYTHING = ""  # in place of an endpoint
_ID = re.compile(r"(?<=/)[^/]*[^/a-z-][^/]*")  # in a path; all else in it is in small letters
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Cooldown(Protocol):
    """Says when an endpoint may be asked again (`app.store.cooldowns.Cooldown` is one).

    Of no endpoint, "", it speaks of the whole server, which holds for each endpoint too.
    """

    def until(self, part: str = "") -> float | None: ...

    def begin(self, until: float, why: str, part: str = "") -> None: ...


class Connections:
    """The pooled connections of one process: one adapter, a requests session for each thread."""

    def __init__(self, most: int = 64) -> None:
        self._adapter = HTTPAdapter(pool_connections=16, pool_maxsize=most)
        self._local = threading.local()

    def session(self, loopback: bool) -> requests.Session:
        """This thread's session; only calls that leave the machine may go through the owner's proxy."""
        name = "near" if loopback else "far"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = requests.Session()
            session.mount("http://", self._adapter)
            session.mount("https://", self._adapter)
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
            session.trust_env = not loopback
            # Without one of its own, requests would put a .netrc entry in place of our Authorization header.
            session.auth = _keep_authorization
            setattr(self._local, name, session)
        return session

    def close(self) -> None:
        """Closes every pooled connection."""
        self._adapter.close()


@dataclass(frozen=True)
class Received:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """One server. `name` is what the log calls it.

    `cooldown` holds calls back after a 429: of that endpoint, or of all where the app's quota is used up.
    `breaker` holds them back after timeouts. `count` is called with the endpoint of each call that is made;
    `quota` is told until when the app's quota is used up.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        connections: Connections,
        cooldown: Cooldown | None = None,
        wait: Callable[[float], None] = time.sleep,
        breaker: CircuitBreaker | None = None,
        count: Callable[[str], None] | None = None,
        quota: Cooldown | None = None,
        tries: int = TRIES,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._name = name
        self._connections = connections
        self._cooldown = cooldown
        self._begins_until: dict[str, float] = {}  # by endpoint
        self._wait = wait
        self._breaker = breaker
        self._count = count
        self._quota = quota
        self._tries = tries
        self._loopback = urlsplit(base_url).hostname in _LOOPBACK

    def get(
        self, path: str, params: Mapping[str, str | int], headers: Mapping[str, str], deadline: Deadline
    ) -> object | None:
        """The JSON that a GET answers; `None` for a 204. Raises SpotifyError."""
        received = self._again_if_it_may_help(
            lambda: self._send("GET", path, deadline, params=params, headers=headers), deadline
        )
        return self._json("GET", path, received) if received.status != 204 else None

    def post_form(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str], deadline: Deadline
    ) -> tuple[int, object]:
        """Posts a form once; the status and JSON of a success or of a 400 or 401. Raises SpotifyError."""
        received = self._send("POST", path, deadline, data=form, headers=headers, judged=(400, 401))
        return received.status, self._json("POST", path, received)

    def write(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int],
        body: object | None,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> object | None:
        """Asks once for a change, with `body` as JSON; the JSON of the answer, `None` where it is none.

        Raises SpotifyError.
        """
        data, sent = None, headers
        if body is not None:
            data, sent = json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}
        received = self._send(method, path, deadline, params=params, data=data, headers=sent)
        try:
            return self._json(method, path, received)
        except BadAnswer:
            return None  # done; the player has been seen to answer with a word of no meaning

    def raise_if_limited(self, method: str, path: str) -> None:
        """Raises RateLimited while an earlier 429 still asks for patience, NotAsked after timeouts."""
        until = self._limited_until(endpoint_of(method, path))
        if until is not None:
            raise RateLimited(f"{self._name} {method} {path} held back", until)
        if self._breaker is not None:
            self._breaker.check(f"{self._name} {method} {path}")

    def _again_if_it_may_help(self, send: Callable[[], Received], deadline: Deadline) -> Received:
        for attempt in range(1, self._tries):
            try:
                return send()
            except (ServerError, _Reset):
                pause = attempt * random.uniform(0.1, 0.3)  # noqa: S311 - jitter, not a secret
                if pause >= deadline.left():
                    raise
                self._wait(pause)
        return send()

    def _send(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        judged: tuple[int, ...] = (),
        params: Mapping[str, str | int] | None = None,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        call = f"{self._name} {method} {path}"
        self.raise_if_limited(method, path)
        if deadline.passed:
            raise NoAnswer(f"{call}: no time left")
        if self._count is not None:
            self._count(endpoint_of(method, path))
        with self._breaker.watch(call) if self._breaker else nullcontext():
            received = self._exchange(call, method, path, deadline, params=params, data=data, headers=headers)
        if not (200 <= received.status < 300 or received.status in judged):
            raise self._refusal(call, endpoint_of(method, path), received)
        return received

    def _exchange(self, call: str, method: str, path: str, deadline: Deadline, **sent: Any) -> Received:
        """Sends the request and reads the answer, whatever its status."""
        left = deadline.left()
        # Commas and colons in lists of ids and URIs stay as they are, as in Spotify's own examples.
        sent["params"] = urlencode(sent["params"] or {}, safe=",:")
        try:
            with self._connections.session(self._loopback).request(
                method,
                self.base_url + path,
                **sent,
                timeout=(min(CONNECT_SECONDS, left), min(READ_SECONDS, left)),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Received(response.status_code, response.headers, _read(call, response, deadline))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._no_answer(call, error, deadline) from error

    def _no_answer(self, call: str, error: Exception, deadline: Deadline) -> NoAnswer:
        kind = type(error).__name__
        log.debug("%s: no answer (%s)", call, kind)
        # A timeout has used up its time; a reset often means a kept connection that the server had closed.
        # Looking up the server's name has no timeout of its own: an error that comes too late is one too.
        timeouts = requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError
        if isinstance(error, timeouts) or deadline.passed:
            return NoAnswer(call, kind, timed_out=True)
        return _Reset(call, kind)

    def _refusal(self, call: str, endpoint: str, received: Received) -> SpotifyError:
        """The error that a status stands for. A 429 begins the cooldown."""
        status, message = received.status, _message(received.body)
        log.debug("%s: %d", call, status)
        if status == 401:
            return Unauthorized(call, message)
        if status == 403:
            return forbidden(call, message)
        if status == 404:
            return NotFound(call, message)
        if status == 429:
            quota = QUOTA_EXCEEDED.encode() in received.body[:2000]
            pause = retry_after(received.headers.get("Retry-After"), QUOTA_PAUSE if quota else DEFAULT_PAUSE)
            until = time.time() + pause
            if self._cooldown:
                self._begin_cooldown(
                    self._cooldown, until, f"{call}: 429", _EVERYTHING if quota else endpoint
                )
            if quota and self._quota:
                self._quota.begin(until, QUOTA_EXCEEDED)
            return RateLimited(call, until, message, quota)
        if status >= 500:
            return ServerError(f"{call}: {status}", message)
        if status < 400:
            return BadAnswer(f"{call}: {status}")
        return Refused(f"{call}: {status}", message)

    def _limited_until(self, endpoint: str) -> float | None:
        # A cooldown that begins may still wait for its turn to write.
        begins = self._begins_until.get(_EVERYTHING) or self._begins_until.get(endpoint)
        return begins or (self._cooldown.until(endpoint) if self._cooldown else None)

    def _begin_cooldown(self, cooldown: Cooldown, until: float, why: str, endpoint: str) -> None:
        """Begins the cooldown; nobody asks while that is under way."""
        self._begins_until[endpoint] = until
        try:
            cooldown.begin(until, why, endpoint)
        finally:
            self._begins_until.pop(endpoint, None)

    def _json(self, method: str, path: str, received: Received) -> object:
        try:
            return json.loads(received.body)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"{self._name} {method} {path}: not JSON") from error


class _Reset(NoAnswer):
    """The connection broke before the answer was whole: worth another try."""


def endpoint_of(method: str, path: str) -> str:
    """What a rate limit is about: the method and the path, without the ids in it."""
    return f"{method} {_ID.sub('…', path)}"


def retry_after(header: str | None, default: float = DEFAULT_PAUSE) -> float:
    """Seconds to wait: Retry-After as seconds or a date; `default` where it says nothing sensible.

    Never less than a second (0 has been seen, and "at once" only earns the next 429), nor more than a week.
    """
    seconds = _header_seconds(header or "")
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return default
    return min(max(seconds, 1.0), LONGEST_PAUSE)


def _header_seconds(header: str) -> float | None:
    try:
        return float(header)
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - time.time()


def _read(call: str, response: requests.Response, deadline: Deadline) -> bytes:
    """The whole body, as long as it comes in time and is of a sensible size."""
    body = bytearray()
    while chunk := response.raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadAnswer(f"{call}: more than {MOST_BYTES} bytes")
        if deadline.passed:
            raise NoAnswer(f"{call}: too slow", timed_out=True)
    return bytes(body)


def _message(body: bytes) -> str:
    """What an error answer says, whichever of the known shapes it has: one line of at most 200 characters."""
    text = body[:2000].decode("utf-8", "replace")
    try:
        reason = json.loads(body)
    except (ValueError, RecursionError):
        reason = text if not text.lstrip().startswith("<") else ""
    if isinstance(reason, dict):
        reason = reason.get("error", reason)
    if isinstance(reason, dict):
        parts = (reason.get(name) for name in ("message", "reason"))
        reason = " ".join(part for part in parts if isinstance(part, str))
    if not isinstance(reason, str):
        return ""
    # Printable, so that whatever writes it to a log or a page can encode it.
    return " ".join("".join(c if c.isprintable() else " " for c in reason).split())[:200]


def _keep_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
