"""`python run.py`: starts with nothing set, says where it is, stops when told, and explains what is wrong."""

import signal
import socket
import stat
from pathlib import Path

import pytest
import requests

from tests.processes import clean_copy, free_port, running


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone that the tests of this module share."""
    return clean_copy(tmp_path_factory.mktemp("clone"))


def test_a_clean_clone_starts_says_where_it_is_and_stops(tmp_path: Path) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    with running(clone, "run.py", PORT=str(port)) as site:
        site.wait_for(r"Stop with Ctrl\+C")
        assert f"Liner Notes is at http://127.0.0.1:{port}\n" in site.output
        assert "Log in with Spotify   closed: no SPOTIFY_CLIENT_ID" in site.output
        assert "Look around (demo)    open" in site.output
        home = f"http://127.0.0.1:{port}"
        assert requests.get(f"{home}/healthz", timeout=5).json() == {"status": "ok", "database": "ok"}
        assert "Look around" in requests.get(home, timeout=5).text
        requests.get(f"{home}/callback?code=a-code&state=a-state", timeout=5)
        assert site.stop(signal.SIGINT) == 0
    assert "Goodbye." in site.output
    assert "Traceback" not in site.output
    assert "a-code" not in site.output
    assert "a-state" not in site.output
    key = clone / "instance" / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 40
    assert (clone / "instance" / "liner-notes.sqlite3").exists()


def test_it_starts_again_on_what_it_has(clone: Path) -> None:
    for _ in range(2):
        with running(clone, "run.py", PORT=str(free_port()), DEMO="0") as site:
            site.wait_for(r"Stop with Ctrl\+C")
            assert "Look around (demo)    closed: DEMO=0" in site.output
            assert site.stop() == 0


def test_env_file_is_read(tmp_path: Path) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    (clone / ".env").write_text(
        f"PORT={port}\nSPOTIFY_CLIENT_ID=an-id\nSPOTIFY_CLIENT_SECRET=a-very-secret-secret\n",
        encoding="utf-8",
    )
    with running(clone, "run.py") as site:
        site.wait_for(r"Stop with Ctrl\+C")
        assert f"http://127.0.0.1:{port}\n" in site.output
        assert "Log in with Spotify   open" in site.output
        sent = requests.get(f"http://127.0.0.1:{port}/login", allow_redirects=False, timeout=5)
        address = sent.headers["Location"]
        assert address.startswith("https://accounts.spotify.com/authorize?client_id=an-id&")
        assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fcallback" in address
        assert site.stop() == 0
    assert "a-very-secret-secret" not in site.output


def test_a_wrong_configuration_is_one_message_that_names_every_fault(clone: Path) -> None:
    with running(
        clone,
        "run.py",
        PORT="many",
        DEMO="perhaps",
        SPOTIFY_CLIENT_ID="an-id",
        SPOTIFY_REDIRECT_URI="http://localhost:5000/callback",
        DATABASE_URL="mysql://user:pass-word@host/name",
        AUDIO_FEATURES="spotify,oracle",
        TRUSTED_PROXIES="-1",
        SECRET_KEY="short",
        SPOTIFY_API_URL="ftp://example",
    ) as site:
        assert site.end() == 1
    assert site.output.count("Liner Notes cannot start") == 1
    assert "Traceback" not in site.output
    for name in (
        "PORT",
        "DEMO",
        "SPOTIFY_CLIENT_SECRET",
        "SPOTIFY_REDIRECT_URI",
        "DATABASE_URL",
        "AUDIO_FEATURES",
        "TRUSTED_PROXIES",
        "SECRET_KEY",
        "SPOTIFY_API_URL",
    ):
        assert name in site.output
    assert "http://127.0.0.1:5000/callback" in site.output
    assert "pass-word" not in site.output


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("http://localhost:8888/callback", "http://127.0.0.1:8888/callback"),
        ("http://music.example/callback", "https://music.example/callback"),
    ],
)
def test_a_redirect_uri_that_spotify_refuses_is_refused_with_the_right_one(
    clone: Path, wrong: str, right: str
) -> None:
    with running(clone, "run.py", SPOTIFY_REDIRECT_URI=wrong) as site:
        assert site.end() == 1
    assert right in site.output
    assert "Traceback" not in site.output


def test_a_port_that_is_taken_is_a_message_with_a_remedy(clone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(clone, "run.py", PORT=str(port)) as site:
            assert site.end() == 1
    assert "Address already in use" in site.output
    assert f"cannot listen on 127.0.0.1:{port}.\nSet PORT" in site.output
    assert "Liner Notes is at" not in site.output
    assert "Traceback" not in site.output


def test_an_address_that_is_not_ours_is_a_message(clone: Path) -> None:
    with running(clone, "run.py", PORT=str(free_port()), HOST="192.0.2.1") as site:
        assert site.end() == 1
    assert "cannot listen on 192.0.2.1" in site.output
    assert "Traceback" not in site.output


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://user:pass-word@127.0.0.1:9/name", "sqlite:////dev/null/nowhere/site.sqlite3"],
    ids=["PostgreSQL", "SQLite"],
)
def test_a_database_that_cannot_be_opened_is_a_message(clone: Path, url: str) -> None:
    with running(clone, "run.py", PORT=str(free_port()), DATABASE_URL=url) as site:
        assert site.end() == 1
    assert "DATABASE_URL" in site.output
    assert "Traceback" not in site.output
    assert "pass-word" not in site.output
