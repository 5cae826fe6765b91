"""Search: kinds, order, accents, pages, and queries that are refused."""

from itertools import product
from typing import Any

from app.sandbox.catalogue import catalogue
from app.sandbox.search import KINDS, ranked
from tests.sandbox.conftest import Dance


def found(dance: Dance, query: str) -> Any:
    token = dance.token(grant_type="client_credentials").get_json()["access_token"]
    return dance.get(f"/search?{query}", token).get_json()


def names(kind: str, query: str) -> list[str | None]:
    known: dict[str, Any] = {
        "artist": catalogue().artists,
        "album": catalogue().albums,
        "track": catalogue().tracks,
    }
    return [known[kind][one].name for one in ranked(kind, query)]


def test_no_query_is_too_odd(dance: Dance) -> None:
    for query, kind in product(
        ["夕暮れ", "القمر", "🦩", "Грибной", "<script>", "%", "_", "'", '"', "\u0301"], KINDS
    ):
        token = dance.tokens()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = dance.client.get("/v1/search", query_string={"q": query, "type": kind}, headers=headers)

        assert answer.status_code == 200
        assert answer.get_json()[f"{kind}s"]["total"] == len(ranked(kind, query))


def test_pages_join(dance: Dance) -> None:
    path = "q=a&type=track,artist&limit=10"
    together: list[str] = []
    while path and len(together) < 45:
        page = found(dance, path)["tracks"]
        assert len(page["items"]) == 10
        together += [item["id"] for item in page["items"]]
        path = (page["next"] or "").partition("?")[2]

    assert together == ranked("track", "a")[: len(together)]
    assert "type=track&" in page["href"]
    assert len(found(dance, "q=a&type=track")["tracks"]["items"]) == 5


def test_a_bad_search_is_refused(dance: Dance) -> None:
    for query, message in [
        ("type=track", "No search query"),
        ("q=&type=track", "No search query"),
        ("q=%20&type=track", "No search query"),
        ("q=a", "Bad search type field "),
        ("q=a&type=", "Bad search type field "),
        ("q=a&type=track,nonsense", "Bad search type field track,nonsense"),
        ("q=a&type=track&limit=11", "Invalid limit"),
        ("q=a&type=track&limit=0", "Invalid limit"),
        ("q=a&type=track&offset=1001", "Invalid offset"),
    ]:
        assert found(dance, query) == {"error": {"status": 400, "message": message}}
