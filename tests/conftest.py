"""What the tests share: a sandbox over real HTTP, the site pointed at it, and a browser that logs in.

No test leaves this machine: every connection to another address fails the test.
"""

import re
import socket
from collections.abc import Iterator
from functools import partial
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import CodeType, MethodType
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config, read_config
from app.sandbox import Client, Knobs, SandboxServer, create_sandbox, serve
from app.sandbox.context import Sandbox, sandbox_of
from app.site import build_site
from app.store import sqlite
from app.store.engine import Store
from app.web.session_cookie import NAME as COOKIE
from tests.databases import (
    POSTGRESQL,
    empty,
    empty_schema,
    migrate_quickly,
    migrated_schema,
    migrated_store,
    prepare_quickly,
)
from tests.examples import examples
from tests.fake_site import FakeSite
from tests.jobs import in_threads
from tests.sessions import begin_session

HOME = "http://127.0.0.1:5000"
CLIENT = Client(id="test-client", secret="test-secret-0123456789", redirect_uris=(f"{HOME}/callback",))
PATIENCE = 30.0  # seconds; only a failing test waits as long
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where both are the same
on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
SANDBOXES: dict[str, Sandbox] = {}  # those that run, by their API's address
COMPILED = (
    "_parts",
    "_trace",
    "_converters",
    "arguments",
    "_build",
    "_build_unknown",
)  # of a rule
BUILDERS = ("_build", "_build_unknown")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

settings.register_profile("any computer", deadline=None, max_examples=examples(100))
settings.load_profile("any computer")  # without a deadline: a busy one is no failure


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses every connection that is not to this machine."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_nearby)


@pytest.fixture(scope="session", autouse=True)
def tasks_are_done_in_threads() -> Iterator[None]:
    """Sites need no worker beside them, those that a whole module shares neither."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.factory.build_site", lambda config: in_threads(build_site(config)))
        yield


@pytest.fixture(autouse=True)
def pages_wait_for_spotify(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no Spotify that hangs: tests of those shorten this again."""
    monkeypatch.setattr("app.web.auth.SPOTIFY_SECONDS", PATIENCE)
    monkeypatch.setattr("app.web.audio_features.FEATURES_SECONDS", PATIENCE)
    monkeypatch.setattr("app.web.now.routes.PATIENCE", PATIENCE)
    monkeypatch.setattr("app.login.EXCHANGE_SECONDS", PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def make_sites_quickly() -> Iterator[None]:
    """What every site makes anew and always the same is made once: tables, and what templates, rules and
    statements are compiled to."""

    class CompiledTemplates(BytecodeCache):
        def __init__(self) -> None:
            self.code: dict[tuple[str, str], CodeType | None] = {}

        def load_bytecode(self, bucket: Bucket) -> None:
            bucket.code = self.code.get((bucket.key, bucket.checksum))

        def dump_bytecode(self, bucket: Bucket) -> None:
            self.code[bucket.key, bucket.checksum] = bucket.code

    compile_rule, compiled_rules = Rule.compile, dict[Any, dict[str, Any]]()

    def compile_rule_once(rule: Rule) -> None:
        key = (rule.rule, rule.host, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        if key not in compiled_rules:
            compile_rule(rule)
            compiled_rules[key] = {name: vars(rule)[name] for name in COMPILED}
        vars(rule).update(compiled_rules[key])
        for name in BUILDERS:
            setattr(rule, name, MethodType(vars(rule)[name].__func__, rule))

    statements = {"compiled_cache": dict[Any, Any]()}
    set_up = sqlite.set_up

    def set_up_without_fsync(raw: Any, record: Any) -> None:
        set_up(raw, record)
        raw.execute("PRAGMA synchronous=OFF")  # no test cuts the power

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.store.start.migrate", migrate_quickly)
        patch.setattr("app.site.prepare_database", prepare_quickly)
        patch.setattr("app.store.sqlite.set_up", set_up_without_fsync)
        patch.setattr("app.store.engine.create_engine", partial(create_engine, execution_options=statements))
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # the statements' cache tells them apart
            patch.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
            patch.setattr(dialect, "__hash__", lambda one: hash(type(one)))
        patch.setattr("app.store.sqlite.RESERVE", 2**12)  # a megabyte for each of thousands
        patch.setattr("app.sandbox.plays._DAYS", 820)  # of four years
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
        patch.setattr(Rule, "compile", compile_rule_once)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Store]:
    """The PostgreSQL database of this process's tests; a skip where `TEST_DATABASE_URL` names no server."""
    if not POSTGRESQL:
        pytest.skip("TEST_DATABASE_URL is not set")
    with migrated_schema() as store:
        yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind, with nothing in it."""
    return new_database(request, tmp_path)


def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database, of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        store = migrated_store(tmp_path / "test.sqlite3")
        store.close()
    else:
        store = request.getfixturevalue("postgresql")
        empty(store)
    return store.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.sqlite3'}"
    elif not POSTGRESQL:
        pytest.skip("TEST_DATABASE_URL is not set")
    else:
        with empty_schema() as url:
            yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated database, of each kind in turn."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def fake_site(store: Store) -> Iterator[FakeSite]:
    """A site around a fake Web API, on each kind of database in turn."""
    fake_site = FakeSite(store)
    yield fake_site
    fake_site.finish()


@pytest.fixture
def knobs() -> Knobs:
    """How the sandbox behaves in this test; may be turned while it runs."""
    return Knobs()


@pytest.fixture
def spotify(knobs: Knobs) -> Iterator[SandboxServer]:
    """A Spotify of our own, over real HTTP."""
    sandbox = create_sandbox([CLIENT], knobs=knobs)
    with serve(sandbox) as server:
        SANDBOXES[server.api_url] = sandbox_of(sandbox)
        yield server
        del SANDBOXES[server.api_url]


@pytest.fixture
def environ(spotify: SandboxServer) -> dict[str, str]:
    """The environment that points the site at the sandbox."""
    return {
        "SECRET_KEY": "a secret key for tests only",
        "SPOTIFY_CLIENT_ID": CLIENT.id,
        "SPOTIFY_CLIENT_SECRET": CLIENT.secret,
        "SPOTIFY_ACCOUNTS_URL": spotify.accounts_url,
        "SPOTIFY_API_URL": spotify.api_url,
        "RECCOBEATS_API_URL": spotify.reccobeats_url,
        "SPOTIFY_OEMBED_URL": spotify.oembed_url,
    }


@pytest.fixture
def config(environ: dict[str, str], tmp_path: Path) -> Config:
    """The site's configuration, on SQLite."""
    return read_config(environ, instance=tmp_path / "instance")


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The site."""
    app = create_app(config)
    yield app
    app.extensions["site"].close()


@pytest.fixture
def browser(app: Flask) -> "Browser":
    """A browser that nobody has used yet. For a second one: `Browser(app)`."""
    return Browser(app)


class Browser:
    """A person's browser without JavaScript: keeps cookies, audits every page, fills in forms."""

    def __init__(self, app: Flask, home: str = HOME) -> None:
        self.client: FlaskClient = app.test_client()
        self.home = home
        self.page = ""

    def get(self, path: str, follow: bool = False, **kwargs: Any) -> TestResponse:
        """Opens an address; HTML pages are audited."""
        response = self.client.get(path, base_url=self.home, follow_redirects=follow, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            self.page = response.text
            audit(self.page)
        return response

    def post(self, path: str, follow: bool = False, **form: str) -> TestResponse:
        """Posts a form with the CSRF token of the page last opened."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        token = found.group(1) if found else ""
        return self.client.post(
            path, data={"csrf_token": token} | form, base_url=self.home, follow_redirects=follow
        )

    def authorize(self, path: str = "/login", listener: str = "", answer: str = "agree") -> str:
        """Goes to Spotify's authorize page and answers it; the address that Spotify sends back to."""
        sent = self.client.get(path, base_url=self.home)
        assert sent.status_code == 302, sent.text
        return self.consent(sent.headers["Location"], listener, answer)

    def consent(self, address: str, listener: str = "", answer: str = "agree") -> str:
        """Answers Spotify's authorize page at `address`; the address that Spotify sends back to."""
        with requests.Session() as elsewhere:
            page = elsewhere.get(address, timeout=5)
            assert page.status_code == 200, page.text
            form = form_fields(page.text) | {"answer": answer}
            if listener:
                form["listener"] = listener
            back = elsewhere.post(urljoin(address, page.url), data=form, allow_redirects=False, timeout=5)
        assert back.status_code in (302, 303), back.text
        return back.headers["Location"]

    def log_in(self, listener: str = "mira.after.dark") -> None:
        """Has a listener's session at once, as if they had logged in before: with the sandbox's token."""
        site = self.client.application.extensions["site"]
        raw_id = begin_session(site, SANDBOXES[site.config.api_url], listener)
        self.client.set_cookie(COOKIE, raw_id, domain=str(urlsplit(self.home).hostname))

    def login(self, path: str = "/login", listener: str = "") -> TestResponse:
        """Logs in as a listener (the first one, unless named) and comes back through the callback."""
        return self.get(self.authorize(path, listener).removeprefix(self.home))


def form_fields(html: str) -> dict[str, str]:
    """What a browser would send for the first form of a page: hidden fields and checked choices."""
    fields = _Fields()
    fields.feed(html)
    return fields.values


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        chosen = given.get("type") != "radio" or "checked" in given
        if tag == "input" and name and chosen:
            self.values[name] = given.get("value") or ""


_VALUE = re.compile(r'="[^"]*"')
_INLINE = re.compile(r"<(\w+)\s[^<>]*?\b(?:style|on\w+)=")
_INLINE_ELEMENT = re.compile(r"<style\b|<script\b(?![^>]*\ssrc=)")
_PICTURE = re.compile(r"<img\b[^>]*>")
_SCRIPT_LINK = re.compile(r'\shref="\s*javascript:', re.IGNORECASE)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


def audit(html: str) -> None:
    """Fails unless the page has one h1, a title that begins with it, unique ids, and nothing inline.

    By patterns, for our templates are well formed: a parser would take as long as making the page.
    """
    empty = _VALUE.sub('=""', html)  # what values hold is text
    headings = _HEADING.findall(html)
    assert html.lstrip().lower().startswith("<!doctype html>")
    assert len(headings) == 1, f"{len(headings)} h1 headings"
    title, heading = _text(_TITLE.findall(html)[0]), _text(headings[0])
    assert heading, "an empty h1"
    assert title.startswith(heading), f"the title {title!r} does not begin with {heading!r}"
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids)), "ids are not unique"
    assert not (inline := _INLINE.findall(empty)), f"inline styles or handlers: {inline}"
    assert not (inline := _INLINE_ELEMENT.findall(empty)), f"inline elements: {inline}"
    assert all(" alt" in picture for picture in _PICTURE.findall(empty)), "<img> without alt"
    assert not _SCRIPT_LINK.search(html), "a javascript: link"


def _text(html: str) -> str:
    """The words of a piece of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", _DRAWING.sub("", html))).split())
