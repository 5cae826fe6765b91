"""The awkward listener: their answers hold what real ones do and tidy test data never does."""

from typing import Any

from tests.sandbox.conftest import Dance

RANGES = ("short_term", "medium_term", "long_term")


def _awkward(dance: Dance, kind: str) -> list[dict[str, Any]]:
    pages = (
        dance.read(f"/me/top/{kind}?limit=50&time_range={name}", listener="نور-nour-✈")["items"]
        for name in RANGES
    )
    return [item for page in pages for item in page]


def test_the_awkward_listener_has_awkward_artists(dance: Dance) -> None:
    artists = {artist["name"]: artist for artist in _awkward(dance, "artists")}

    assert {"夕暮れ自動販売機", "فرقة القمر المستعجل", "<script>alert(1)</script>", None} <= set(artists)
    assert max(len(name or "") for name in artists) >= 90
    assert artists["Nobody's Photograph"]["images"] == []
    assert artists["Грибной Дождь"]["images"][0]["width"] is None


def test_the_awkward_listener_has_awkward_tracks(dance: Dance) -> None:
    tracks = _awkward(dance, "tracks")
    local = [track for track in tracks if track["is_local"]]
    recordings: dict[str, set[str]] = {}
    for track in tracks:
        recordings.setdefault(track["external_ids"].get("isrc", ""), set()).add(track["id"])

    assert "" in {track["album"]["name"] for track in tracks if not track["is_local"]}
    assert {(track["id"], track["href"], track["external_urls"].get("spotify")) for track in local} == {
        (None, None, None)
    }
    assert all(track["uri"].startswith("spotify:local:") for track in local)
    assert 2 in {len(ids) for isrc, ids in recordings.items() if isrc}
