"""The demo: the same pages through the same steps, at a Spotify that is part of the site."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app import create_app
from app.config import read_config
from app.sandbox import Fault
from app.sandbox.context import sandbox_of
from tests.conftest import HOME, Browser, form_fields
from tests.jobs import no_imports


def alone(instance: Path, **environ: str) -> Flask:
    """A site without a Spotify app."""
    return create_app(read_config({"SECRET_KEY": "a secret key for the demo"} | environ, instance=instance))


class Visitor(Browser):
    """A browser in which the demo's pages are part of the site."""

    def look_around(self, path: str = "/login?demo=1", answer: str = "agree", **form: str) -> str:
        """Goes through the authorize page; where it leads back to, on this site."""
        address = self.client.get(path, base_url=self.home).headers["Location"]
        assert address.startswith("/demo/spotify/accounts/authorize?")
        page = self.client.get(address, base_url=self.home)
        assert page.status_code == 200
        fields = form_fields(page.text) | {"answer": answer} | form
        back = self.client.post(address, data=fields, base_url=self.home).headers["Location"]
        return back.removeprefix(self.home)


@pytest.fixture(autouse=True)
def nobody_reads_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told here is what Spotify says."""
    no_imports(monkeypatch)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def test_the_demo_shows_the_overview_three_clicks_after_the_start(tmp_path: Path) -> None:
    app = alone(tmp_path)
    visitor = Visitor(app)
    assert "/login?demo=1" in visitor.get("/").text
    assert visitor.get(visitor.look_around()).headers["Location"] == "/your-music"
    page = visitor.get("/your-music")
    assert "Mira Halloran" in page.text
    assert "everything in it is invented" in page.text
    report = visitor.get("/your-music.json").get_json()
    assert (len(report["top_artists"]), len(report["top_tracks"])) == (50, 50)
    assert report["mood"]["coverage"]["known"] > 40
    app.extensions["site"].close()


def test_every_listener_of_the_demo_has_pages_that_make_sense(visitor: Visitor) -> None:
    address = visitor.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    page = visitor.client.get(address, base_url=HOME).text
    listeners = [part.partition('"')[0] for part in page.split('name="listener" value="')[1:]]
    assert len(listeners) == 5
    for listener in listeners:
        visitor.get(visitor.look_around(listener=listener))
        for time_range in ("short_term", "medium_term", "long_term"):
            assert visitor.get(f"/your-music?time_range={time_range}").status_code == 200
            report = visitor.get(f"/your-music.json?time_range={time_range}").get_json()
            assert report["profile"]["id"] == listener


def test_pictures_of_the_demo_are_on_this_site_and_open(visitor: Visitor) -> None:
    visitor.get(visitor.look_around())
    report = visitor.get("/your-music.json").get_json()
    addresses = [one["image"] for one in report["top_artists"][:5] + report["top_tracks"][:5] if one["image"]]
    assert len(addresses) > 5
    for address in [*addresses, report["profile"]["image"]]:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == HOME
        picture = visitor.client.get(f"{parts.path}?{parts.query}", base_url=HOME, buffered=True)
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")


def test_the_demo_leads_back_to_where_one_came_from(visitor: Visitor) -> None:
    back = visitor.look_around("/login?demo=1&next=/your-music%3Ftime_range%3Dlong_term")
    assert visitor.get(back).headers["Location"] == "/your-music?time_range=long_term"


def test_cancelling_the_demo_leads_to_the_landing_page(visitor: Visitor) -> None:
    landing = visitor.get(visitor.look_around(answer="cancel"), follow=True)
    assert "You cancelled at Spotify" in landing.text


def test_the_demo_comes_back_to_the_host_that_one_is_on(tmp_path: Path) -> None:
    app = alone(tmp_path, TRUSTED_HOSTS="music.lan")
    visitor = Visitor(app)
    visitor.home = "http://music.lan:8080"
    address = visitor.client.get("/login?demo=1", base_url=visitor.home).headers["Location"]
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == ["http://music.lan:8080/callback"]
    assert visitor.get(visitor.look_around()).headers["Location"] == "/your-music"
    assert visitor.get("/your-music").status_code == 200
    app.extensions["site"].close()


def test_a_code_of_the_demo_is_worth_nothing_in_a_real_login(visitor: Visitor, browser: Browser) -> None:
    code = parse_qs(urlsplit(visitor.look_around()).query)["code"][0]
    sent = browser.get("/login").headers["Location"]
    state = parse_qs(urlsplit(sent).query)["state"][0]
    page = browser.get(f"/callback?code={code}&state={state}")
    assert (page.status_code, "no longer valid" in page.text) == (400, True)


@pytest.mark.parametrize("seen", [True, False], ids=["after a page", "straight after login"])
def test_deleting_in_the_demo_ends_ones_own_session_alone(visitor: Visitor, app: Flask, seen: bool) -> None:
    neighbour = Visitor(app)  # who listens as the same invented listener
    neighbour.get(neighbour.look_around())
    assert neighbour.get("/your-music").status_code == 200
    visitor.get(visitor.look_around("/login?demo=1&next=/privacy"))
    if seen:
        visitor.get("/your-music")
    visitor.get("/privacy")
    assert visitor.post("/privacy/forget").status_code == 303
    assert visitor.get("/your-music.json").status_code == 401
    assert neighbour.get("/your-music.json").status_code == 200


def test_who_must_log_in_again_in_the_demo_is_led_to_the_demo(visitor: Visitor, app: Flask) -> None:
    visitor.get(visitor.look_around())
    demo = sandbox_of(app.extensions["site"].services.demo_app)
    demo.knobs.faults["/v1/me"] = Fault(status=401)
    page = visitor.get("/top/artists?time_range=long_term")
    assert page.status_code == 401
    found = re.search(r'<a class="btn btn-primary" href="([^"]+)">Log in again</a>', page.text)
    assert found is not None
    demo.knobs.faults.clear()
    back = visitor.look_around(unescape(found.group(1)))
    assert visitor.get(back).headers["Location"] == "/top/artists?time_range=long_term"
    assert visitor.get("/your-music").status_code == 200


def test_the_demo_needs_no_proxy_and_no_second_command(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    visitor.get(visitor.look_around())
    assert visitor.get("/your-music").status_code == 200


def test_with_the_demo_off_it_is_not_there(tmp_path: Path) -> None:
    app = alone(tmp_path, DEMO="0")
    visitor = Visitor(app)
    assert "/login?demo=1" not in visitor.get("/").text
    landing = visitor.get("/login?demo=1", follow=True)
    assert "The demo is switched off" in landing.text
    assert visitor.get("/demo/spotify/accounts/authorize").status_code == 404
    app.extensions["site"].close()


def test_a_demo_login_is_over_when_the_demo_is_switched_off(tmp_path: Path) -> None:
    with_demo = alone(tmp_path)
    visitor = Visitor(with_demo)
    visitor.get(visitor.look_around())
    cookie = visitor.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    with_demo.extensions["site"].close()
    without = alone(tmp_path, DEMO="0")
    client = without.test_client()
    client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
    assert client.get("/", base_url=HOME).status_code == 200
    assert client.get("/your-music", base_url=HOME).headers["Location"] == "/?next=/your-music"
    assert client.get("/your-music.json", base_url=HOME).status_code == 401
    without.extensions["site"].close()


def test_without_a_spotify_app_a_page_of_its_own_tells_how_to_make_one(tmp_path: Path) -> None:
    app = alone(tmp_path, PORT="8123")
    visitor = Visitor(app)
    landing = visitor.get("/").text
    assert 'href="/setup"' in landing
    assert "/login" not in landing.replace("/login?demo=1", "")
    page = visitor.get("/setup").text
    assert "http://127.0.0.1:8123/callback" in page
    assert "SPOTIFY_CLIENT_ID" in page
    assert "No Spotify app is set up" in visitor.get("/login", follow=True).text
    app.extensions["site"].close()


def test_a_site_that_offers_nothing_promises_nothing(tmp_path: Path) -> None:
    app = alone(tmp_path, DEMO="0", ANONYMOUS_IMPORTS="0")
    page = Visitor(app).get("/").text
    assert "Whoever runs this site has not opened it yet." in page
    assert 'href="/setup"' in page
    assert not re.search(r'<main.*href="/(history/import|login|search)', page, re.DOTALL)
    app.extensions["site"].close()
