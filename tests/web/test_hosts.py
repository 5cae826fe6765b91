"""Host names: which the site answers to, where `localhost` leads, and what a visitor's host leaves behind."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from tests.conftest import HOME, Browser, form_fields

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what an owner may choose
APP = {"SPOTIFY_CLIENT_ID": "an-id", "SPOTIFY_CLIENT_SECRET": "a-secret-0123456789"}
PUBLIC = APP | {"SPOTIFY_REDIRECT_URI": "https://music.example/callback"}
SetUp = Callable[..., FlaskClient]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SetUp]:
    """Sets up a site with these variables; a browser of its own for each call."""
    apps: list[Flask] = []

    def set_up(**environ: str) -> FlaskClient:
        config = read_config({"SECRET_KEY": "a secret key for tests"} | environ, instance=tmp_path)
        apps.append(create_app(config))
        return apps[-1].test_client()

    yield set_up
    for app in apps:
        app.extensions["site"].close()


def ask(client: FlaskClient, host: str, path: str = "/", method: str = "GET", **more: Any) -> TestResponse:
    headers = {"Host": host} | more.pop("headers", {})
    return client.open(path, method=method, headers=headers, buffered=True, **more)


# --- names that the site answers to ---


def test_names_of_this_machine_are_known(site: SetUp) -> None:
    client = site()
    for host in [
        *("127.0.0.1:5000", "127.0.0.1", "localhost:5000", "LOCALHOST", "notes.localhost:5000", "localhost."),
        *("[::1]:5000", "[0:0:0:0:0:0:0:1]", "127.0.0.2", "0.0.0.0:5000"),
    ]:
        assert ask(client, host).status_code == 200


def test_a_foreign_name_is_refused_on_every_path(site: SetUp) -> None:
    client = site()
    for path, method in product(
        [
            "/",
            "/login?demo=1",
            "/static/css/theme.css",
            "/healthz",
            "/nowhere",
            "/your-music.json",
            "/demo/spotify/v1/me",
        ],
        ["GET", "POST", "HEAD"],
    ):
        answer = ask(client, "evil.example", path, method)
        assert answer.status_code == 400
        assert "evil.example" not in answer.text + str(answer.headers)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert method == "HEAD" or "TRUSTED_HOSTS" in answer.text


def test_a_malformed_or_unknown_name_is_refused(site: SetUp) -> None:
    client = site()
    for host in [
        *(
            "",
            ":5000",
            ".",
            "localhost:99999",
            "localhost:0",
            "localhost:abc",
            "localhost:",
            "[",
            "[::1",
            "[x]",
        ),
        *(
            "127.0.0.1@evil.example",
            "127.0.0.1,evil.example",
            "127.0.0.1 evil.example",
            "\xe9",
            "localhost/x",
        ),
        *("localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example", "10.0.0.7", "[fe80::1]"),
    ]:
        assert ask(client, host).status_code == 400


def test_the_owners_names_are_known(site: SetUp) -> None:
    client = site(**PUBLIC, TRUSTED_HOSTS="NAS.local, [fd00::7]", HOST="notes.lan")
    known = ("music.example", "MUSIC.example.", "nas.local:5000", "[FD00:0::7]:5000", "notes.lan:5000")
    assert [ask(client, host).status_code for host in known] == [200] * 5
    assert ask(client, "other.local").status_code == 400


def test_listening_everywhere_any_address_is_known_and_no_other_name(site: SetUp) -> None:
    client = site(HOST=EVERYWHERE)
    assert ask(client, "192.168.1.7:5000").status_code == 200
    assert ask(client, "[fd00::7]:5000").status_code == 200
    assert ask(client, "rebound.example:5000").status_code == 400


def test_a_forwarded_name_is_believed_of_trusted_proxies_alone_and_checked_too(site: SetUp) -> None:
    evil, ours = {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Host": "music.example"}
    alone = site(**PUBLIC)
    assert ask(alone, "127.0.0.1", headers=evil).status_code == 200
    assert ask(alone, "evil.example", headers=ours).status_code == 400
    behind = site(**PUBLIC, TRUSTED_PROXIES="1")
    assert ask(behind, "127.0.0.1", headers=evil).status_code == 400
    assert ask(behind, "upstream:8000", headers=ours).status_code == 200


def test_http_1_0_asks_without_a_name_and_means_this_site(site: SetUp) -> None:
    client = site(**PUBLIC)
    old: dict[str, Any] = {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}}
    app: Any = client.application.wsgi_app

    def without_host(environ: dict[str, Any], start_response: Any) -> Any:
        del environ["HTTP_HOST"]
        return app(environ, start_response)

    client.application.wsgi_app = without_host  # type: ignore[method-assign]
    assert client.get("/healthz", **old).status_code == 200
    assert client.get("/healthz").status_code == 400


# --- localhost ---


def test_with_an_app_every_page_of_localhost_goes_to_the_registered_host(site: SetUp) -> None:
    client = site(**APP)
    for host, path in product(
        ["localhost", "LocalHost", "notes.localhost", "[::1]", "127.0.0.2", EVERYWHERE],
        ["/", "/history/import?x=%2F&y=%C3%A9", "/nowhere/a%20b", "/history.json?tz=UTC"],
    ):
        for method in ("GET", "HEAD"):
            answer = ask(client, f"{host}:5000", path, method)
            assert (answer.status_code, answer.headers["Location"]) == (302, f"{HOME}{path}")
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == "no-store"
        assert ask(client, f"{host}:5000", path, "POST").status_code == 400


def test_the_port_that_somebody_came_by_stays(site: SetUp) -> None:
    client = site(**APP)
    assert ask(client, "localhost:8080", "/mood").headers["Location"] == "http://127.0.0.1:8080/mood"
    assert ask(client, "localhost", "/mood").headers["Location"] == f"{HOME}/mood"


def test_static_files_and_the_sign_of_life_stay_where_they_are(site: SetUp) -> None:
    client = site(**APP)
    for path in ("/healthz", "/static/css/theme.css"):
        assert ask(client, "localhost:5000", path).status_code == 200


def test_without_an_app_localhost_works_as_it_is(site: SetUp) -> None:
    assert ask(site(), "localhost:5000", "/history/import").status_code == 200


def test_of_two_loopback_addresses_the_registered_one_is_home(site: SetUp) -> None:
    client = site(**APP, HOST="::1")
    assert ask(client, "[::1]:5000").status_code == 200
    for host in ("127.0.0.1", "localhost"):
        assert ask(client, f"{host}:5000", "/mood").headers["Location"] == "http://[::1]:5000/mood"


def test_localhost_goes_to_a_registered_public_host_but_never_in_circles(site: SetUp) -> None:
    client = site(**PUBLIC)
    sent = ask(client, "localhost:5000", "/history/import?a=1")
    assert sent.headers["Location"] == "https://music.example/history/import?a=1"
    # A proxy on the same machine that does not pass the name on.
    assert ask(client, "127.0.0.1:5000").status_code == 200
    assert ask(client, "localhost:5000", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200


# --- another device ---


@pytest.mark.parametrize(
    ("environ", "host", "command"),
    [
        ({"HOST": EVERYWHERE}, "192.168.1.7:5000", "ssh -L 5000:127.0.0.1:5000 192.168.1.7"),
        ({"TRUSTED_HOSTS": "nas.local"}, "nas.local", "ssh -L 5000:127.0.0.1:5000 nas.local"),
        (
            {"PORT": "8080", "HOST": "192.168.1.7", "SPOTIFY_REDIRECT_URI": "http://127.0.0.1:9000/callback"},
            "192.168.1.7:8080",
            "ssh -L 9000:192.168.1.7:8080 192.168.1.7",
        ),
    ],
)
def test_from_another_device_the_login_says_what_works_before_anybody_leaves(
    site: SetUp, environ: dict[str, str], host: str, command: str
) -> None:
    browser = Browser(site(**APP, **environ).application, home=f"http://{host}")
    page = browser.get("/login?next=/mood")
    assert page.status_code == 200
    assert command in page.text
    assert "https://…/callback" in page.text
    assert "Set-Cookie" not in page.headers
    assert "/login?demo=1&amp;next=/mood" in page.text
    assert browser.get("/login?demo=1").headers["Location"].startswith("/demo/spotify/accounts/authorize?")


def test_at_another_name_of_a_public_site_the_login_goes_to_the_registered_one(site: SetUp) -> None:
    client = site(**PUBLIC, TRUSTED_HOSTS="nas.local")
    sent = ask(client, "nas.local:5000", "/login?next=/mood")
    assert sent.headers["Location"] == "https://music.example/login?next=/mood"
    assert ask(client, "nas.local:5000", "/history/import").status_code == 200


# --- nothing that is kept names a host ---


class DemoVisitor(Browser):
    """Looks around the demo."""

    def look_around(self) -> None:
        address = self.client.get("/login?demo=1", base_url=self.home).headers["Location"]
        assert parse_qs(urlsplit(address).query)["redirect_uri"] == [f"{self.home}/callback"]
        form = form_fields(self.client.get(address, base_url=self.home).text) | {"answer": "agree"}
        back = self.client.post(address, data=form, base_url=self.home).headers["Location"]
        self.get(back.removeprefix(self.home))


def test_a_visitors_host_shows_in_nobody_elses_pages_and_is_not_kept(site: SetUp) -> None:
    app = site(TRUSTED_HOSTS="first.example").application
    first, second = DemoVisitor(app, "http://first.example"), DemoVisitor(app, HOME)
    pages = ("/your-music", "/top/tracks", "/top/artists", "/search?q=love", "/library", "/player", "/mood")
    programs = (
        "/your-music.json",
        "/top/tracks.json",
        "/top/albums.json",
        "/search.json?q=love",
        "/library.csv",
    )
    for visitor in (first, second):
        visitor.look_around()
        for path in (*pages, *programs):
            assert visitor.get(path).status_code == 200, path
    for path in (*pages, *programs):
        shown = second.get(path).text
        assert "first.example" not in shown, path
        assert "/demo/spotify/" in shown or path in ("/player", "/mood"), path
    picture = second.get("/your-music.json").get_json()["top_tracks"][0]["image"]
    assert picture.startswith(f"{HOME}/demo/spotify/pictures/album/")
    assert second.client.get(picture.removeprefix(HOME), base_url=HOME).status_code == 200
    with app.extensions["site"].store.reading() as connection:
        bodies = connection.scalars(
            text("SELECT body FROM answer UNION ALL SELECT body FROM catalogue_answer")
        )
        assert [body for body in bodies if b"first.example" in body or b"127.0.0.1" in body] == []
        saved = connection.execute(text("SELECT image, url FROM saved_track")).all()
        assert [row for row in saved if "http" in f"{row.image}{row.url}"] == []
