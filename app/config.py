"""The configuration: read once from the environment into a frozen object.

Every fault is collected, so that one failed start names them all, each with its remedy.
"""

import errno
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import limits
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.config_checks import (
    PLACEHOLDER,
    credential_fault,
    is_ip_address,
    is_ipv6_loopback,
    is_web_address,
    likely_redirect_uri,
    redirect_uri_fault,
    unquoted,
    without_password,
)
from app.secret_key import SHORTEST_SECRET, kept_secret_key

ROOT = Path(__file__).resolve().parent.parent
PROVIDERS = ("spotify", "reccobeats")
FULL = (errno.ENOSPC, errno.EDQUOT)
WEB_THREADS = 8
MOST_MINUTES = 1440
_HOST_NAME = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class ConfigError(Exception):
    """The configuration is wrong. The message names every fault and its remedy, a line each."""

    def __init__(self, faults: list[str]) -> None:
        listed = f" {faults[0]}" if len(faults) == 1 else "".join(f"\n  - {fault}" for fault in faults)
        super().__init__(f"Liner Notes cannot start:{listed}")
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
    oembed_url: str
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
    sync_seconds: float = 3600.0  # between two looks for live plays
    daily_calls: int = 600  # of Spotify's Web API, from which on the background waits
    web_threads: int = WEB_THREADS  # how many requests one process answers at once


def read_config(environ: Mapping[str, str], instance: Path | None = None) -> Config:
    """The configuration that `environ` describes; an empty value counts as unset.

    The instance folder is `instance`, or else what INSTANCE names. Makes it, and a secret key in it when none
    is set. Raises ConfigError.
    """
    named = unquoted(environ.get("INSTANCE", ""))
    folder = Path(named).expanduser().resolve() if named else ROOT / "instance"
    return _EnvironmentReader(environ, instance or folder).config()


class _EnvironmentReader:
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
            oembed_url=self.address("SPOTIFY_OEMBED_URL", "https://open.spotify.com/oembed"),
            database_url=self.database_url(),
            host=self.host(),
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
            sync_seconds=self.minutes("SYNC_MINUTES", 60.0) * 60,
            daily_calls=self.whole_number("SPOTIFY_DAILY_CALLS", 600, 0, 999_999_999),
            web_threads=self.whole_number("WEB_THREADS", WEB_THREADS, 1, 1000),
            instance=self.instance,
            secret_key=self.secret_key(),
        )
        if self.faults:
            raise ConfigError(self.faults)
        return config

    def text(self, name: str) -> str:
        return unquoted(self.environ.get(name, ""))

    def expect(self, fine: bool, fault: str) -> None:
        if not fine:
            self.faults.append(fault)

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.text(name)
        if not raw:
            return default
        fine = raw.isascii() and raw.isdigit() and len(raw) < 10 and least <= int(raw) <= most
        self.expect(
            fine, f"{name} is {raw!r}: use a whole number from {least} to {most}, or remove it for {default}."
        )
        return int(raw) if fine else default

    def minutes(self, name: str, default: float) -> float:
        raw = self.text(name)
        if not raw:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = 0.0
        if not 0.01 <= value <= MOST_MINUTES:
            self.faults.append(f"{name} is {raw!r}: use minutes from 0.01 to {MOST_MINUTES}, such as 60.")
            return default
        return value

    def switch(self, name: str, default: bool) -> bool:
        raw = self.text(name).lower()
        self.expect(raw in ("", *_YES, *_NO), f"{name} is {raw!r}: use 1 or 0.")
        return raw in _YES if raw else default

    def address(self, name: str, default: str) -> str:
        raw = self.text(name) or default
        self.expect(
            is_web_address(raw),
            f"{name} is {without_password(raw)}: use an http(s) address, such as {default}.",
        )
        return raw.rstrip("/")

    def host(self) -> str:
        """Where to listen: an address, or a name that stands for one of this machine's."""
        raw = self.text("HOST") or "127.0.0.1"
        bare = raw[1:-1] if raw.startswith("[") and raw.endswith("]") else raw
        self.expect(
            is_ip_address(bare) or re.fullmatch(r"[A-Za-z0-9_.-]+", bare) is not None,
            f"HOST is {without_password(raw)}: use an address alone, without http:// and port, "
            f"such as 127.0.0.1, or 0.0.0.0 for every network.",
        )
        return bare

    def host_names(self, name: str) -> tuple[str, ...]:
        hosts = tuple(host.strip().lower() for host in self.text(name).split(",") if host.strip())
        for host in hosts:
            self.expect(
                _HOST_NAME.fullmatch(host) is not None,
                f"{name} names {host!r}: use host names alone, such as music.example.org.",
            )
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
        for name in ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"):
            if fault := credential_fault(self.text(name)):
                self.faults.append(
                    f"{name} {fault}: copy it again from your app's page in Spotify's dashboard."
                )
        return SpotifyApp(client_id, client_secret) if client_id and client_secret else None

    def redirect_uri(self, port: int) -> str:
        # Spotify takes plain http on these two alone.
        default = f"http://{'[::1]' if is_ipv6_loopback(self.text('HOST')) else '127.0.0.1'}:{port}/callback"
        raw = self.text("SPOTIFY_REDIRECT_URI")
        if not raw:
            return default
        fault = redirect_uri_fault(raw)
        if fault:
            remedy = fault.format(right=likely_redirect_uri(raw, default))
            self.faults.append(f"SPOTIFY_REDIRECT_URI is {without_password(raw)}: {remedy}")
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
        elif url.get_backend_name() == "postgresql":
            if "@" in (url.host or ""):
                self.faults.append("DATABASE_URL has more than one @: write an @ in the password as %40.")
            elif re.search(r"\s", raw):
                self.faults.append(f"DATABASE_URL holds a blank: {remedy} In the password write %20.")
        return raw

    def providers(self) -> tuple[str, ...]:
        raw = self.text("AUDIO_FEATURES")
        if not raw:
            return PROVIDERS
        if raw.lower() == "none":
            return ()
        names = tuple(dict.fromkeys(name.strip().lower() for name in raw.split(",") if name.strip()))
        unknown = [name for name in names if name not in PROVIDERS]
        self.expect(
            not unknown,
            f"AUDIO_FEATURES names {', '.join(unknown)}: use {' and '.join(PROVIDERS)}, "
            f"in the order to ask them, separated by commas, or none.",
        )
        return names

    def secret_key(self) -> str:
        key = self.text("SECRET_KEY")
        remedy = f"use a long random value, or remove it and one is made and kept in {self.instance}."
        if key and len(key) < SHORTEST_SECRET:
            self.faults.append(f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters: {remedy}")
        elif PLACEHOLDER.fullmatch(key):
            self.faults.append(f"SECRET_KEY is a placeholder that anybody knows: {remedy}")
        if self.instance_is_writable() and not key:
            return self.kept_secret_key()
        return key

    def instance_is_writable(self) -> bool:
        """Makes the folder. It is tried with a key too, as uploads and the demo are kept there."""
        try:
            self.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.instance):
                return True
        except OSError as error:
            if error.errno in FULL:
                return True  # what needs no room goes on
            self.faults.append(
                f"The folder {self.instance} cannot be written ({error.strerror}): "
                f"make it writable for this user, or set INSTANCE to a folder that is."
            )
            return False

    def kept_secret_key(self) -> str:
        path = self.instance / "secret_key"
        try:
            key = kept_secret_key(path)
        except OSError as error:
            self.faults.append(
                f"{path} cannot be kept ({error.strerror}): "
                f"mend that, set SECRET_KEY, or set INSTANCE to another folder."
            )
            return ""
        self.expect(len(key) >= SHORTEST_SECRET, f"{path} holds no secret key: delete it and one is made.")
        return key
