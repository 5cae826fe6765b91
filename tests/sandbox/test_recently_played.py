"""Recently played: the latest fifty plays, whatever the cursor."""

from datetime import datetime

import pytest

from tests.sandbox.conftest import Dance

RECENT = "/me/player/recently-played"
SCOPE = "user-read-recently-played"


def moments(answer: dict[str, list[dict[str, str]]]) -> list[int]:
    found = [datetime.fromisoformat(item["played_at"]).timestamp() for item in answer["items"]]
    return [int(moment * 1000) for moment in found]


def test_the_latest_fifty_newest_first_and_nothing_behind_them(dance: Dance) -> None:
    answer = dance.read(f"{RECENT}?limit=50", scope=SCOPE)
    played = moments(answer)
    assert len(played) == 50
    assert played == sorted(played, reverse=True)
    assert answer["cursors"] == {"after": str(played[0]), "before": str(played[-1])}
    assert dance.read(f"{RECENT}?limit=50&before={played[-1]}", scope=SCOPE)["items"] == []


def test_a_cursor_cuts_the_list_and_at_the_end_there_is_none(dance: Dance) -> None:
    token = dance.tokens(scope=SCOPE)["access_token"]
    played = moments(dance.get(f"{RECENT}?limit=50", token).get_json())
    assert moments(dance.get(f"{RECENT}?limit=50&after={played[3]}", token).get_json())[-3:] == played[:3]
    assert moments(dance.get(f"{RECENT}?limit=5&before={played[3]}", token).get_json()) == played[4:9]
    end = dance.get(f"{RECENT}?after={played[0] + 10**9}", token).get_json()
    assert (end["items"], end["cursors"], end["next"]) == ([], None, None)


@pytest.mark.parametrize("query", ["?limit=51", "?after=x", "?after=1&before=2"])
def test_a_wrong_query_is_refused(dance: Dance, query: str) -> None:
    assert dance.get(RECENT + query, dance.tokens(scope=SCOPE)["access_token"]).status_code == 400


def test_it_needs_its_scope(dance: Dance) -> None:
    assert dance.get(RECENT, dance.tokens()["access_token"]).status_code == 403
