"""Which host names the site answers to, and which of them people are sent to.

A name that is not ours gets 400, on every path: a page of a stranger whose DNS name leads here must not be
able to read this site (DNS rebinding), and nothing that we write may contain such a name. Once an app is set
up, people at `localhost` go to the host of the redirect URI, before a cookie is set where Spotify never sends
them.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from werkzeug.sansio.utils import get_current_url
from werkzeug.wrappers import Request, Response

from app.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOST = re.compile(r"([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_VIA")
_UNKNOWN_NAME = (
    "This site does not answer to the name in your address bar. If you run it, add that name to "
    "TRUSTED_HOSTS and start it again.\n"
)


class Hosts:
    """The host names of one site."""

    def __init__(self, config: Config) -> None:
        self._home = urlsplit(config.redirect_uri)
        self._has_app = config.spotify is not None
        own = {self._home.hostname or "", config.host.lower(), *config.trusted_hosts}
        self._names = {_name(host.strip("[]")) for host in own}
        # Bound to every address of this machine, it is reached by any of them. No DNS name can turn into an
        # address in the Host header, so that these are no way in for a stranger's page.
        self._any_address = config.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

    def knows(self, host: str) -> bool:
        """Whether a Host header names this site."""
        split = split_host(host)
        if split is None:
            return False
        name = split[0]
        return is_loopback(name) or name in self._names or (self._any_address and _address(name) is not None)

    def home_of(self, request: Request, login: bool = False) -> str | None:
        """The address asked for, at the registered host, for people whose cookies would be lost here.

        That is anywhere at `localhost`; for a `login` at any other name too. `None` for who is at home.
        """
        split, home = split_host(request.host), self._home.hostname or ""
        if not self._has_app or split is None or split[0] == _name(home):
            return None
        name, port = split
        netloc = self._home.netloc
        if is_loopback(home):
            if not is_loopback(name):
                return None
            # The port stays: it may be forwarded, as Docker and SSH do, and cookies do not tell ports apart.
            port = port or self._home.port
            netloc = (f"[{home}]" if ":" in home else home) + (f":{port}" if port else "")
        elif not (is_localhost(name) or (login and not is_loopback(name))) or _is_proxied(request):
            return None
        address = get_current_url(self._home.scheme, netloc, request.root_path, request.path)
        # As it was sent: "%2F" and "/" differ in a query.
        query = quote(request.query_string, safe="/?:@!$&'()*+,;=%~")
        return f"{address}?{query}" if query else address

    def login_is_lost(self, request: Request) -> bool:
        """Whether Spotify would send this browser to a machine that this site is not on: its own."""
        split = split_host(request.host)
        return is_loopback(self._home.hostname or "") and split is not None and not is_loopback(split[0])


class HostGuard:
    """WSGI middleware: refuses foreign names, and sends people from `localhost` to the registered host."""

    def __init__(self, app: "WSGIApplication", config: Config) -> None:
        self._app = app
        self._hosts = Hosts(config)
        self._own_name = urlsplit(config.redirect_uri).netloc

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        if "HTTP_HOST" not in environ and environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
            # HTTP/1.0 asks without a name, as some health probes do: they mean this site.
            environ["HTTP_HOST"] = self._own_name
        answer = self._answer(environ)
        return (answer or self._app)(environ, start_response)

    def _answer(self, environ: "WSGIEnvironment") -> Response | None:
        if not self._hosts.knows(environ.get("HTTP_HOST", "")):
            return _plain(400, _UNKNOWN_NAME)
        request = Request(environ)
        # Health probes use any name, and static files belong to pages that are open already.
        if request.path == "/healthz" or request.path.startswith("/static/"):
            return None
        home = self._hosts.home_of(request)
        if home is None:
            return None
        if request.method not in ("GET", "HEAD"):
            return _plain(400, f"This site is at {urlsplit(home).netloc}. Open it there and do this again.\n")
        answer = _plain(302, f"This site is at {home}\n")
        answer.headers["Location"] = home
        return answer


def split_host(host: str) -> tuple[str, int | None] | None:
    """The name and the port of a Host header; `None` where it is malformed."""
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65536:
        return None
    name = found[1].lower()
    if name.startswith("["):
        address = _address(name.strip("[]"))
        return (address.compressed, port) if isinstance(address, IPv6Address) else None
    return (_name(name), port) if _name(name) else None


def is_localhost(name: str) -> bool:
    """Whether it is `localhost`, or a name below it, which browsers take for this machine too."""
    return name == "localhost" or name.endswith(".localhost")


def is_loopback(name: str) -> bool:
    """Whether a name or an address means the machine that it is used on."""
    address = _address(name)
    if address is None:
        return is_localhost(name)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    # 0.0.0.0 is what servers print that listen everywhere; systems take it for this machine.
    return (mapped or address).is_loopback or address.is_unspecified


def _is_proxied(request: Request) -> bool:
    """Whether a proxy passed it on. One that does not pass the name on would send people round in circles."""
    return any(header in request.environ for header in _PROXY_HEADERS)


def _name(host: str) -> str:
    """The one spelling of a host name or address."""
    address = _address(host)
    return address.compressed if address is not None else host.lower().removesuffix(".")


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _plain(status: int, sentence: str) -> Response:
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
    }
    return Response(sentence, status, headers, mimetype="text/plain")
