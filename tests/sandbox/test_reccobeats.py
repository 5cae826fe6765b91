"""ReccoBeats: shuffled, partial, forty at a time."""

from typing import Any

import pytest

from app.sandbox.catalogue import catalogue
from tests.sandbox.conftest import Dance


def _rows(dance: Dance, ids: list[str]) -> list[dict[str, Any]]:
    response = dance.client.get("/reccobeats/v1/audio-features", query_string={"ids": ",".join(ids)})
    assert response.status_code == 200
    rows: list[dict[str, Any]] = response.get_json()["content"]
    return rows


def _ids() -> list[str]:
    return [track.id for track in catalogue().tracks.values() if track.id]


def test_rows_name_the_track_in_href_and_come_in_another_order(dance: Dance) -> None:
    ids = _ids()[:40]
    rows = _rows(dance, ids)
    found = [row["href"].rpartition("/")[2] for row in rows]

    assert set(found) < set(ids)
    assert found != [item_id for item_id in ids if item_id in found]
    assert all(row["id"] not in ids and "time_signature" not in row for row in rows)


def test_it_agrees_with_spotify(dance: Dance) -> None:
    dance.knobs.audio_features_open = True
    row = _rows(dance, _ids()[:40])[0]
    track_id = row["href"].rpartition("/")[2]

    theirs = dance.read(f"/audio-features?ids={track_id}")["audio_features"][0]

    assert (row["tempo"], row["key"], row["energy"]) == (theirs["tempo"], theirs["key"], theirs["energy"])


@pytest.mark.parametrize("count", [0, 41])
def test_it_takes_one_to_forty_ids(dance: Dance, count: int) -> None:
    response = dance.client.get(
        "/reccobeats/v1/audio-features", query_string={"ids": ",".join(["x"] * count)}
    )

    assert response.status_code == 400
