"""The configuration: read once from the environment into a frozen object.

Every fault is collected, so that one failed start names them all, each with its remedy.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import limits
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
PROVIDERS = ("spotify", "reccobeats")
LOOPBACK = ("127.0.0.1", "::1")
SHORTEST_SECRET = 16
_HOST_NAME = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class ConfigError(Exception):
    """The configuration is wrong. The message names every fault and its remedy, a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Liner Notes cannot start:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class SpotifyApp:
    """The owner's app, as registered in Spotify's dashboard."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Config:
    """Everything that can be set from outside. `spotify` is `None` when no app is registered."""

    secret_key: str = field(repr=False)
    spotify: SpotifyApp | None
    redirect_uri: str
    accounts_url: str
    api_url: str
    reccobeats_url: str
    database_url: str = field(repr=False)  # may hold a password
    host: str
    port: int
    demo: bool
    audio_features: tuple[str, ...]
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]  # beside the site's own; without a port
    anonymous_imports: bool
    import_max_rows: int
    account_max_rows: int
    upload_limit: str  # per address, in the notation of the library `limits`; likewise the next two
    search_limit: str
    login_limit: str
    instance: Path


def read_config(environ: Mapping[str, str], instance: Path | None = None) -> Config:
    """The configuration that `environ` describes; an empty value counts as unset.

    The instance folder is `instance`, or else what INSTANCE names. Makes it, and a secret key in it when none
    is set. Raises ConfigError.
    """
    named = environ.get("INSTANCE", "").strip()
    return _Reader(environ, instance or (Path(named).resolve() if named else ROOT / "instance")).config()


class _Reader:
    """Reads one environment, collecting faults on the way."""

    def __init__(self, environ: Mapping[str, str], instance: Path) -> None:
        self.environ = environ
        self.instance = instance
        self.faults: list[str] = []

    def config(self) -> Config:
        port = self.whole_number("PORT", 5000, 1, 65535)
        config = Config(
            spotify=self.spotify_app(),
            redirect_uri=self.redirect_uri(port),
            accounts_url=self.address("SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com"),
            api_url=self.address("SPOTIFY_API_URL", "https://api.spotify.com/v1"),
            reccobeats_url=self.address("RECCOBEATS_API_URL", "https://api.reccobeats.com/v1"),
            database_url=self.database_url(),
            host=self.text("HOST") or "127.0.0.1",
            port=port,
            demo=self.switch("DEMO", True),
            audio_features=self.providers(),
            trusted_proxies=self.whole_number("TRUSTED_PROXIES", 0, 0, 10),
            trusted_hosts=self.host_names("TRUSTED_HOSTS"),
            anonymous_imports=self.switch("ANONYMOUS_IMPORTS", True),
            import_max_rows=self.whole_number("IMPORT_MAX_ROWS", 5_000_000, 1, 999_999_999),
            account_max_rows=self.whole_number("ACCOUNT_MAX_ROWS", 10_000_000, 1, 999_999_999),
            upload_limit=self.limit("LIMIT_UPLOADS", "10/hour"),
            search_limit=self.limit("LIMIT_SEARCHES", "30/minute"),
            login_limit=self.limit("LIMIT_LOGINS", "20/minute"),
            instance=self.instance,
            secret_key=self.secret_key(),
        )
        if self.faults:
            raise ConfigError(self.faults)
        return config

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.text(name)
        if not raw:
            return default
        if raw.isascii() and raw.isdigit() and len(raw) < 10 and least <= int(raw) <= most:
            return int(raw)
        self.faults.append(
            f"{name} is {raw!r}: use a whole number from {least} to {most}, or remove it for {default}."
        )
        return default

    def switch(self, name: str, default: bool) -> bool:
        raw = self.text(name).lower()
        if not raw or raw in _YES:
            return default if not raw else True
        if raw not in _NO:
            self.faults.append(f"{name} is {raw!r}: use 1 or 0.")
        return False

    def address(self, name: str, default: str) -> str:
        raw = self.text(name) or default
        if not _is_web_address(raw):
            self.faults.append(f"{name} is {raw!r}: use an http(s) address, such as {default}.")
        return raw.rstrip("/")

    def host_names(self, name: str) -> tuple[str, ...]:
        hosts = tuple(host.strip().lower() for host in self.text(name).split(",") if host.strip())
        for host in hosts:
            if not _HOST_NAME.fullmatch(host):
                self.faults.append(f"{name} names {host!r}: use host names alone, such as music.example.org.")
        return hosts

    def limit(self, name: str, default: str) -> str:
        raw = self.text(name) or default
        try:
            limits.parse(raw)
        except ValueError:
            self.faults.append(f"{name} is {raw!r}: use a number and a span, such as {default}.")
        return raw

    def spotify_app(self) -> SpotifyApp | None:
        client_id, client_secret = self.text("SPOTIFY_CLIENT_ID"), self.text("SPOTIFY_CLIENT_SECRET")
        if bool(client_id) != bool(client_secret):
            have, lack = "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"
            if client_secret:
                have, lack = lack, have
            self.faults.append(
                f"{have} is set but {lack} is not: copy both from your app's page in Spotify's dashboard, "
                f"or remove both to run without Spotify."
            )
        return SpotifyApp(client_id, client_secret) if client_id and client_secret else None

    def redirect_uri(self, port: int) -> str:
        # Spotify takes plain http on these two alone.
        default = f"http://{'[::1]' if _is_ipv6_loopback(self.text('HOST')) else '127.0.0.1'}:{port}/callback"
        raw = self.text("SPOTIFY_REDIRECT_URI")
        if not raw:
            return default
        fault = _redirect_uri_fault(raw)
        if fault:
            self.faults.append(
                f"SPOTIFY_REDIRECT_URI is {raw!r}: {fault.format(right=_mended(raw, default))}"
            )
        return raw

    def database_url(self) -> str:
        raw = self.text("DATABASE_URL")
        if not raw:
            return f"sqlite:///{self.instance / 'liner-notes.sqlite3'}"
        remedy = "use sqlite:///path/to/file or postgresql+psycopg://user:password@host/name."
        try:
            url = make_url(raw)
        except (ArgumentError, ValueError):
            self.faults.append(f"DATABASE_URL is not a database address: {remedy}")
            return raw
        if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
            self.faults.append(f"DATABASE_URL begins with {url.drivername!r}: {remedy}")
        elif url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            self.faults.append(f"DATABASE_URL names no file, and workers cannot share a memory: {remedy}")
        return raw

    def providers(self) -> tuple[str, ...]:
        raw = self.text("AUDIO_FEATURES")
        if not raw:
            return PROVIDERS
        if raw.lower() == "none":
            return ()
        names = tuple(dict.fromkeys(name.strip().lower() for name in raw.split(",") if name.strip()))
        if unknown := [name for name in names if name not in PROVIDERS]:
            self.faults.append(
                f"AUDIO_FEATURES names {', '.join(unknown)}: use {' and '.join(PROVIDERS)}, "
                f"in the order to ask them, separated by commas, or none."
            )
        return names

    def secret_key(self) -> str:
        key = self.text("SECRET_KEY")
        if key and len(key) < SHORTEST_SECRET:
            self.faults.append(
                f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters: use a long random value, "
                f"or remove it and one is made and kept in {self.instance}."
            )
        try:
            self.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            return key or self.kept_secret_key()
        except OSError as error:
            self.faults.append(
                f"The folder {self.instance} cannot be written ({error.strerror}): "
                f"make it writable for this user."
            )
            return key

    def kept_secret_key(self) -> str:
        path = self.instance / "secret_key"
        key = _kept_secret(path)
        if len(key) < SHORTEST_SECRET:
            self.faults.append(f"{path} holds no secret key: delete it and one is made.")
        return key


def _is_web_address(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018 - the property raises on a port that is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)


def _redirect_uri_fault(raw: str) -> str | None:
    """What Spotify would refuse about a redirect URI (its rules since November 2025), with the remedy."""
    if not _is_web_address(raw):
        return "it is not a web address. Use {right}"
    parts = urlsplit(raw)
    if parts.hostname == "localhost" or (parts.hostname or "").endswith(".localhost"):
        return "Spotify refuses localhost. Use {right} and register the same in Spotify's dashboard."
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "Spotify refuses plain http except on 127.0.0.1. Use {right}"
    if parts.path != "/callback":
        return "this site answers at /callback. Use {right}"
    return None


def _mended(raw: str, default: str) -> str:
    """The redirect URI that was probably meant."""
    if not _is_web_address(raw):
        return default
    parts = urlsplit(raw)
    host = parts.hostname or ""
    if host in LOOPBACK and parts.scheme == "http":
        return f"http://{parts.netloc}/callback"
    if _is_this_machine(host):
        return f"http://127.0.0.1:{parts.port}/callback" if parts.port else default
    return f"https://{host}/callback" if parts.scheme == "http" else f"https://{parts.netloc}/callback"


def _is_ipv6_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")) == ip_address("::1")
    except ValueError:
        return False


def _is_this_machine(host: str) -> bool:
    return (
        host in (*LOOPBACK, "localhost", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
        or host.endswith(".localhost")
        or host.startswith("127.")
    )


def _kept_secret(path: Path) -> str:
    """The secret key kept in `path` (mode 0600), made on first use.

    Written aside and linked into place, so that workers which start together all read the same whole key.
    """
    if not path.exists():
        # mkstemp makes the file with mode 0600.
        handle, aside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass  # another worker was first; its key is the one
        finally:
            Path(aside).unlink()
    return path.read_text().strip()
