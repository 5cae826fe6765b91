"""`run.py login` and `run.py play`: an owner plays from the terminal, and every trouble is a sentence."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

from app.command_line import main
from app.config import Config, read_config
from app.login import OwnerLogin
from app.sandbox import Client, SandboxServer, create_sandbox, serve
from app.spotify.playback import SENTENCES, PlayerError
from app.store.engine import Store
from app.terminal import Terminal
from app.tokens import TokenStore
from tests.conftest import form_fields
from tests.processes import clean_copy, free_port, running
from tests.web.conftest import environ_for
from tests.web.other_spotify import (
    DEVICES,
    PLAYER,
    TOKEN,
    Answer,
    OtherSpotify,
    artist,
    device,
    refused,
    said,
    track,
)

SEARCH = "/v1/search"
SCOPES = "user-top-read user-library-read user-read-playback-state user-modify-playback-state"
PLAY = f"{PLAYER}/play"


class Person:
    """Whoever sits at the terminal: types lines in turn, and agrees in a browser."""

    def __init__(self, *lines: str | Callable[[], str]) -> None:
        self.lines = list(lines)
        self.sent_to = ""

    def __call__(self, _question: str) -> str:
        if not self.lines:
            raise EOFError
        line = self.lines.pop(0)
        return line if isinstance(line, str) else line()

    def look(self, address: str) -> None:
        """Remembers where the browser was sent."""
        self.sent_to = address

    def state(self) -> str:
        return parse_qs(urlsplit(self.sent_to).query)["state"][0]


@pytest.fixture
def other() -> Iterator[OtherSpotify]:
    with OtherSpotify() as server:
        server.scope = SCOPES
        server.script(SEARCH, finds())
        yield server


@pytest.fixture
def config(other: OtherSpotify, tmp_path: Path) -> Config:
    home = f"http://127.0.0.1:{free_port()}/callback"
    return read_config(environ_for(other) | {"SPOTIFY_REDIRECT_URI": home}, instance=tmp_path)


def finds(artists: tuple[Any, ...] | None = None, tracks: tuple[Any, ...] | None = None) -> Answer:
    """What a search answers."""
    found = {
        "artists": (artist(1),) if artists is None else artists,
        "tracks": (track(1), track(2)) if tracks is None else tracks,
    }
    return said({kind: {"items": items, "total": len(items), "offset": 0} for kind, items in found.items()})


def sit_down(config: Config, person: Person) -> Terminal:
    return Terminal(config, ask=person, open_browser=person.look)


def log_in(config: Config, **came_back: str) -> tuple[int, Person]:
    """Logs in by pasting, while something else has the address of the callback."""
    person = Person()

    def paste() -> str:
        query = {"code": "ana", "state": person.state()} | came_back
        return f"{config.redirect_uri}?" + "&".join(f"{name}={one}" for name, one in query.items() if one)

    person.lines.append(paste)
    parts = urlsplit(config.redirect_uri)
    with socket.create_server((parts.hostname or "", parts.port or 0)):
        terminal = sit_down(config, person)
        status = terminal.login()
        terminal.close()
    return status, person


def play(config: Config, words: str = "track", *lines: str) -> int:
    terminal = sit_down(config, Person(*lines))
    try:
        return terminal.play(words)
    finally:
        terminal.close()


def kept(config: Config) -> dict[str, Any] | None:
    store = Store(config.database_url)
    try:
        return TokenStore(store, config.secret_key).read(OwnerLogin.NAME)
    finally:
        store.close()


@pytest.fixture
def owner(config: Config, capsys: pytest.CaptureFixture[str]) -> Config:
    """An owner who has logged in."""
    assert log_in(config)[0] == 0
    capsys.readouterr()
    return config


# --- logging in ---


def test_pasting_the_address_logs_in_and_the_token_is_kept_encrypted(
    config: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, person = log_in(config)
    out = capsys.readouterr().out
    assert status == 0
    query = {name: one for name, [one] in parse_qs(urlsplit(person.sent_to).query).items()}
    assert person.sent_to in out
    assert (query["scope"], query["code_challenge_method"]) == (SCOPES, "S256")
    assert "Logged in." in out
    [exchange] = [call for call in other.asked if call.path == TOKEN]
    assert exchange.form["redirect_uri"] == config.redirect_uri
    assert 43 <= len(exchange.form["code_verifier"]) <= 128
    values = kept(config)
    assert values is not None
    assert values["refresh_token"] == "refresh-ana-1"
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("*.sqlite3*"))
    assert b"refresh-ana" not in stored
    assert b"access-ana" not in stored


def test_the_browser_brings_the_code_by_itself(config: Config) -> None:
    person, answers = Person(), []

    def come_back(address: str) -> None:
        person.look(address)
        wrong = requests.get(f"{config.redirect_uri}?code=evil&state=wrong", timeout=5)
        right = requests.get(f"{config.redirect_uri}?code=ana&state={person.state()}", timeout=5)
        answers.extend([wrong, right])

    def open_browser(address: str) -> None:
        threading.Thread(target=come_back, args=(address,)).start()

    terminal = Terminal(config, ask=person, open_browser=open_browser)
    assert terminal.login() == 0
    terminal.close()
    assert [answer.status_code for answer in answers] == [404, 200]
    assert "You can close this window" in answers[1].text
    assert answers[1].headers["Content-Security-Policy"] == "default-src 'none'"
    values = kept(config)
    assert values is not None
    assert values["access_token"] == "access-ana-1"


def test_nobody_comes_back(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.terminal.login.WAIT_SECONDS", 0.05)
    terminal = sit_down(config, Person())
    assert terminal.login() == 1
    terminal.close()
    assert "Nobody came back from Spotify in time." in capsys.readouterr().err
    assert kept(config) is None


@pytest.mark.parametrize(
    ("came_back", "sentence"),
    [
        ({"state": "wrong"}, "does not belong to this login"),
        ({"state": ""}, "does not belong to this login"),
        ({"code": ""}, "Spotify did not finish the login"),
        ({"code": "x" * 5000}, "Spotify did not finish the login"),
        ({"code": "", "error": "access_denied"}, "You did not agree at Spotify"),
    ],
)
def test_a_login_that_does_not_work_out_is_a_sentence(
    config: Config,
    other: OtherSpotify,
    capsys: pytest.CaptureFixture[str],
    came_back: dict[str, str],
    sentence: str,
) -> None:
    assert log_in(config, **came_back)[0] == 1
    assert sentence in capsys.readouterr().err
    assert other.count(TOKEN) == 0
    assert kept(config) is None


def test_a_code_that_is_refused_is_a_sentence(
    config: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    assert log_in(config)[0] == 1
    assert "does not accept that code" in capsys.readouterr().err


def test_fewer_permissions_are_a_sentence_and_not_kept(
    config: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.scope = "user-top-read"
    assert log_in(config)[0] == 1
    assert SENTENCES[PlayerError.NOT_ALLOWED] in capsys.readouterr().err
    assert kept(config) is None


def test_without_an_app_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = read_config({"SECRET_KEY": "a secret key for tests"}, instance=tmp_path)
    terminal = sit_down(config, Person())
    assert [terminal.login(), terminal.play("x")] == [1, 1]
    terminal.close()
    assert capsys.readouterr().err.count("SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are missing") == 2


# --- playing ---


def test_a_track_is_found_chosen_and_played(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(owner, "paper lanterns", "9", "two", "3") == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "  1  artist  Artist 1",
        "  2  track   Track 1 by Artist 1, on Album 1",
        "  3  track   Track 2 by Artist 2, on Album 2",
        "A number from 1 to 3, or nothing.",
        "A number from 1 to 3, or nothing.",
        "Playing Track 2.",
    ]
    search, started = other.asked[-2:]
    assert search.query == {"q": "paper lanterns", "type": "artist,track", "limit": "10", "offset": "0"}
    assert (started.method, started.path) == ("PUT", PLAY)
    assert started.json == {"uris": [f"spotify:track:{track(2)['id']}"]}


def test_an_artist_plays_as_a_context(owner: Config, other: OtherSpotify) -> None:
    assert play(owner, "artist", "1") == 0
    assert other.asked[-1].json == {"context_uri": f"spotify:artist:{artist(1)['id']}"}


@pytest.mark.parametrize("nothing", ["", "q", "  ", "no"])
def test_nothing_may_be_chosen(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str], nothing: str
) -> None:
    assert play(owner, "track", nothing) == 0
    assert "Nothing was played." in capsys.readouterr().out
    assert other.count(PLAY) == 0


def test_the_end_of_the_input_is_no_traceback(owner: Config, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(owner) == 1
    assert "Nothing was done." in capsys.readouterr().err


def test_nothing_found_is_a_sentence(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.script(SEARCH, finds((), ()))
    assert play(owner, "x\x1b[2Jy") == 1
    assert capsys.readouterr().err == "Spotify finds no artist and no track for “x [2Jy”.\n"


def test_no_active_device_asks_where(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.script(PLAY, refused(404, "Player command failed: No active device found"), Answer(204))
    odd = [device(is_restricted=True), device(id=None, name="Radio"), device(id="k", name="Kitchen")]
    other.script(DEVICES, said({"devices": odd}))
    assert play(owner, "track", "2", "1") == 0
    out = capsys.readouterr().out
    assert "  1  Kitchen (Computer)\n" in out
    assert "  –  Radio (Computer): takes no commands from outside\n" in out
    assert "Playing Track 1 on Kitchen (Computer)." in out
    assert other.asked[-1].query == {"device_id": "k"}


@pytest.mark.parametrize(
    ("devices", "sentence"),
    [
        ([], "Open Spotify on your phone or computer"),
        ([device(id=None)], "None of your devices takes"),
    ],
)
def test_no_device_at_all_is_a_sentence(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str], devices: list[Any], sentence: str
) -> None:
    other.script(PLAY, refused(404, "No active device"))
    other.script(DEVICES, said({"devices": devices}))
    assert play(owner, "track", "2") == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (refused(403, "PREMIUM_REQUIRED"), PlayerError.PREMIUM),
        (refused(403, "Insufficient client scope"), PlayerError.NOT_ALLOWED),
        (refused(500), PlayerError.NO_ANSWER),
        (Answer(reset=True), PlayerError.NO_ANSWER),
    ],
)
def test_a_trouble_is_a_sentence(
    owner: Config,
    other: OtherSpotify,
    capsys: pytest.CaptureFixture[str],
    answer: Answer,
    trouble: PlayerError,
) -> None:
    other.script(PLAY, answer)
    assert play(owner, "track", "2") == 1
    assert capsys.readouterr().err == SENTENCES[trouble] + "\n"
    assert other.count(PLAY) == 1


def test_a_rate_limit_says_until_when(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.script(SEARCH, refused(429, Retry_After="600"))
    assert play(owner) == 1
    assert "Spotify asks us to wait until " in capsys.readouterr().err


def test_who_is_not_logged_in_is_told_how(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(config) == 1
    assert "Run `python run.py login` first." in capsys.readouterr().err


def test_a_login_that_has_ended_is_forgotten(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    other.script(SEARCH, refused(401))
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    assert play(owner) == 1
    assert "has ended, and is forgotten here" in capsys.readouterr().err
    assert kept(owner) is None


def test_a_token_that_expired_is_renewed_and_kept(owner: Config, other: OtherSpotify) -> None:
    other.script(SEARCH, refused(401), finds())
    assert play(owner, "track", "2") == 0
    values = kept(owner)
    assert values is not None
    assert (values["access_token"], values["refresh_token"]) == ("access-ana-2", "refresh-ana-1")


def test_names_never_steer_the_terminal(
    owner: Config, other: OtherSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b]0;owned\x07\u202eevil\r\n\x9b31m" + "x" * 200
    other.script(SEARCH, finds((artist(1, name=evil),), (track(1, name=evil, artists=[{"name": evil}]),)))
    other.script(PLAY, refused(404, "no active device"), Answer(204))
    other.script(DEVICES, said({"devices": [device(name=evil, type=evil)]}))
    assert play(owner, "track", "2", "1") == 0
    out = capsys.readouterr().out
    assert all(one.isprintable() or one == "\n" for one in out)
    assert max(map(len, out.splitlines())) < 250


# --- the command line ---


def test_it_works_in_processes_of_its_own_against_our_own_spotify(tmp_path: Path) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    home = f"http://127.0.0.1:{port}/callback"
    client = Client(id="terminal", secret="terminal-secret-0123456789", redirect_uris=(home,))
    with serve(create_sandbox([client])) as spotify:
        environ = {
            "PORT": str(port),
            "SPOTIFY_CLIENT_ID": client.id,
            "SPOTIFY_CLIENT_SECRET": client.secret,
            "SPOTIFY_ACCOUNTS_URL": spotify.accounts_url,
            "SPOTIFY_API_URL": spotify.api_url,
            "BROWSER": "true",  # a browser that opens nothing
        }
        with running(clone, "run.py", "login", **environ) as login:
            [address] = login.wait_for(r"http://\S+/authorize\?\S+")
            page = requests.get(address, timeout=5)
            form = form_fields(page.text) | {"answer": "agree", "listener": "mira.after.dark"}
            done = requests.post(urljoin(address, page.url), data=form, timeout=5)
            assert "You can close this window" in done.text
            assert login.end() == 0
        assert "Traceback" not in login.output
        with running(clone, "run.py", "play", "ottoline", "fax", **environ) as nobody:
            # Nobody types anything: the input of a process of tests is empty.
            assert nobody.end() == 1
        assert "artist  Ottoline Fax" in nobody.output
        assert "Nothing was done." in nobody.output
        assert "Traceback" not in nobody.output
        assert played(spotify) == []


def played(spotify: SandboxServer) -> list[str]:
    return [call.path for call in spotify.calls if call.path.startswith("/v1/me/player")]


def test_help_and_unknown_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as helped:
        main(["--help"])
    assert helped.value.code == 0
    out = capsys.readouterr().out
    assert "find an artist or a track, and play it on your device" in out
    assert "log in at Spotify once" in out
    for wrong in (["dance"], ["play"]):
        with pytest.raises(SystemExit) as refused_:
            main(wrong)
        assert refused_.value.code == 2
        assert "usage: run.py" in capsys.readouterr().err
