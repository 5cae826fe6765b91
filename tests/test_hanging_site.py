"""One process under gunicorn while Spotify hangs: six of eight threads go on serving."""

import sqlite3
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.processes import clean_copy, running
from tests.web.conftest import environ_for
from tests.web.other_spotify import ARTISTS, EMPTY, ME, TRACKS, OtherSpotify

THREADS, QUARTER = 8, 2
SERVE = (
    *("-m", "gunicorn", "app:create_app()", "--bind", "127.0.0.1:0", "--no-control-socket"),
    *("--workers", "1", "--threads", str(THREADS), "--worker-class", "gthread"),
)
NEEDS_NO_SPOTIFY = ("/healthz", "/", "/static/css/theme.css", "/history/import")


def enter(url: str, code: str) -> requests.Session:
    """Somebody who has logged in and seen a report."""
    person = requests.Session()
    person.trust_env = False
    person.headers["Connection"] = "close"
    sent = person.get(f"{url}/login", allow_redirects=False, timeout=30).headers["Location"]
    state = parse_qs(urlsplit(sent).query)["state"][0]
    person.get(f"{url}/callback?code={code}&state={state}", allow_redirects=False, timeout=30)
    assert person.get(f"{url}/your-music", timeout=30).status_code == 200
    return person


def stale_of(url: str, person: requests.Session) -> dict[str, object]:
    stale: dict[str, object] = person.get(f"{url}/your-music.json", timeout=30).json()["stale"]
    return stale


def make_due(folder: Path) -> None:
    """Every answer that is kept is to be asked for again."""
    with sqlite3.connect(folder / "instance" / "liner-notes.sqlite3", timeout=30) as connection:
        connection.execute("UPDATE answer SET fresh_until = 0")
    connection.close()


@pytest.mark.slow  # ten seconds of timeouts
def test_while_two_wait_everybody_else_is_served_and_then_nobody_waits(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    with (
        OtherSpotify() as other,
        running(folder, *SERVE, **environ_for(other)) as server,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        url = server.wait_for(r"Listening at: (http://127\.0\.0\.1:\d+)")[0]
        people = [enter(url, f"guest{number}") for number in range(THREADS)]
        for path in (ME, ARTISTS, TRACKS):
            other.script(path, EMPTY.but(delay=60))
        make_due(folder)

        pending = {threads.submit(stale_of, url, person) for person in people}
        told = set[Future[dict[str, object]]]()
        while len(pending) > QUARTER:
            done, pending = wait(pending, timeout=30, return_when=FIRST_COMPLETED)
            assert done
            told |= done
        for path in NEEDS_NO_SPOTIFY:
            assert requests.get(url + path, timeout=30).status_code == 200
        assert not any(future.done() for future in pending)  # the last two waited all the time
        told |= wait(pending, timeout=30).done
        assert {future.result()["reason"] for future in told} == {"Spotify is not answering right now."}

        # The fifth of their calls has timed out, or is about to.
        assert any(stale_of(url, person)["resume_at"] for person in people)
        asked = other.count()
        assert all(stale_of(url, person)["resume_at"] for person in people)
        assert other.count() == asked
