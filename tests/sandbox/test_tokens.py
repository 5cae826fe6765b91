"""The token endpoint: exchange, PKCE, reuse, expiry, refresh, the app's own token."""

import sqlite3
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest
import time_machine

from app.sandbox import Knobs, create_sandbox
from app.sandbox.tokens import challenge_of
from tests.sandbox.conftest import APP, Dance

NOON = "2026-11-20T12:00:00Z"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"


def test_it_checks_the_pkce_verifier(dance: Dance) -> None:
    asked = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}

    good = dance.exchange(dance.answer(**asked)["code"], code_verifier=VERIFIER)
    wrong = dance.exchange(dance.answer(**asked)["code"], code_verifier=VERIFIER + "x")
    missing = dance.exchange(dance.answer(**asked)["code"])
    uncalled_for = dance.exchange(dance.answer()["code"], code_verifier=VERIFIER)

    assert good.status_code == 200
    for refused in (wrong, missing, uncalled_for):
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")


def test_a_code_used_twice_takes_back_what_it_gave(dance: Dance) -> None:
    code = dance.answer()["code"]
    first = dance.exchange(code).get_json()

    again = dance.exchange(code)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert dance.get("/me", first["access_token"]).status_code == 401
    assert dance.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_a_code_expires(dance: Dance) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fresh, stale = dance.answer()["code"], dance.answer()["code"]
        clock.shift(599)
        assert dance.exchange(fresh).status_code == 200
        clock.shift(1)
        assert dance.exchange(stale).get_json()["error"] == "invalid_grant"


def test_an_access_token_expires_and_a_refresh_gives_the_next(dance: Dance) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first = dance.tokens()
        clock.shift(3600)
        expired = dance.get("/me", first["access_token"])
        refreshed = dance.refresh(first["refresh_token"]).get_json()

        assert expired.status_code == 401
        assert expired.get_json() == {"error": {"status": 401, "message": "The access token expired"}}
        assert dance.get("/me", refreshed["access_token"]).status_code == 200


def test_a_refresh_with_rotation_ends_the_old_refresh_token(dance: Dance) -> None:
    dance.knobs.rotate_refresh_tokens = True
    first = dance.tokens()

    rotated = dance.refresh(first["refresh_token"]).get_json()["refresh_token"]

    assert rotated != first["refresh_token"]
    assert dance.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert dance.refresh(rotated).status_code == 200


@pytest.mark.parametrize("rotate", [False, True])
def test_a_refresh_token_dies_six_months_after_consent(dance: Dance, rotate: bool) -> None:
    dance.knobs.rotate_refresh_tokens = rotate
    with time_machine.travel(NOON, tick=False) as clock:
        token = dance.tokens()["refresh_token"]
        clock.shift(100 * 86_400)
        token = dance.refresh(token).get_json().get("refresh_token", token)
        clock.shift(82 * 86_400)
        refused = dance.refresh(token)

    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")


def test_wrong_client_credentials_are_refused(dance: Dance) -> None:
    for header in (
        ["", "Bearer x", "Basic", "Basic !!!", "Basic " + b64encode(b"no-colon").decode(), "Basic /w=="]
        + ["Basic pässwört", "Basic \xff\xfe", "Bäsic eDp5", "Basic eDp5\xa0"]
        + [f"Basic {b64encode(pair.encode()).decode()}" for pair in ("liner-notes:wrong", "nobody:s3cret")]
        + [f"Basic {b64encode(pair.encode()).decode()}" for pair in ("liner-notes:wröng", "nöbody:s3cret")]
    ):
        form = {"grant_type": "client_credentials"}
        response = dance.client.post("/accounts/api/token", data=form, headers={"Authorization": header})

        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_client")
        assert response.get_json()["error_description"].startswith("Invalid client")


def test_two_processes_share_codes_and_tokens_through_the_state_file(tmp_path: Path, dance: Dance) -> None:
    state = tmp_path / "state.sqlite3"
    one, other = (Dance(create_sandbox([APP], state).test_client(), dance.knobs) for _ in range(2))

    code = one.answer("theo_sideb")["code"]
    answer = other.exchange(code).get_json()

    assert one.get("/me", answer["access_token"]).get_json()["id"] == "theo_sideb"
    assert one.exchange(code).get_json()["error"] == "invalid_grant"
    assert other.get("/me", answer["access_token"]).status_code == 401


def count(state: Path, table: str) -> int:
    """How many rows a table of the state file has."""
    with closing(sqlite3.connect(state)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
    return found


def test_however_many_codes_are_asked_for_only_the_newest_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sandbox.state._MOST_ROWS", 3)
    file = tmp_path / "state.sqlite3"
    dance = Dance(create_sandbox([APP], file).test_client(), Knobs())

    codes = [dance.answer()["code"] for _ in range(10)]

    assert count(file, "codes") == 4  # what makes room does so before the next one comes
    assert dance.exchange(codes[0]).get_json()["error"] == "invalid_grant"
    assert dance.exchange(codes[-1]).status_code == 200


def test_a_state_file_that_kept_hosts_forgets_them_and_its_tokens_still_work(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    dance = Dance(create_sandbox([APP], file).test_client(), Knobs())
    token = dance.tokens("theo_sideb")["access_token"]
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for table in ("codes", "tokens"):
            db.execute(f"ALTER TABLE {table} ADD COLUMN base TEXT NOT NULL DEFAULT 'http://evil.example'")

    later = Dance(create_sandbox([APP], file, web="/demo/spotify").test_client(), Knobs())

    me = later.get("/me", token).get_json()
    assert me["external_urls"]["spotify"] == "/demo/spotify/open/listener/theo_sideb"
    assert later.tokens()["access_token"] != token
    with closing(sqlite3.connect(file)) as db:
        assert "evil.example" not in "\n".join(db.iterdump())
