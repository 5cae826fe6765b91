"""The invented listeners' privacy exports: the same every time, and shaped as Spotify's."""

import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from app.sandbox.exports import export_of
from app.sandbox.listeners import LISTENERS
from app.sandbox.plays import plays

pytestmark = pytest.mark.usefixtures("four_years")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTENING = [one for one in LISTENERS if one.plays_a_day]


def rows_of(body: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(BytesIO(body)) as archive:
        return [row for name in archive.namelist() for row in json.loads(archive.read(name))]


@pytest.mark.parametrize("who", LISTENING[::3], ids=lambda one: one.id)
def test_every_play_is_in_it_once_and_in_order(who: Any) -> None:
    rows = rows_of(export_of(who, NOW))
    assert rows_of(export_of(who, NOW)) == rows  # the same every time
    music = [row for row in rows if "master_metadata_track_name" in row]
    played = plays(who, NOW)

    assert [row["ms_played"] for row in music] == [play.ms_played for play in played]
    ended = [int(datetime.fromisoformat(row["ts"]).timestamp()) for row in music]
    assert ended == [play.ended_at for play in played]
    assert [row["ts"] for row in rows] == sorted(row["ts"] for row in rows)


def test_podcasts_come_once_a_week_and_each_winter_has_its_book() -> None:
    rows = rows_of(export_of(LISTENING[0], NOW))
    episodes = [row for row in rows if row.get("episode_show_name")]
    chapters = [row for row in rows if row.get("audiobook_title")]

    weeks = Counter(
        (row["episode_show_name"], datetime.fromisoformat(row["ts"]).isocalendar()[:2]) for row in episodes
    )
    assert max(weeks.values()) == 1
    assert len({row["episode_show_name"] for row in episodes}) == 5
    assert 300 < len(episodes) < 900
    assert Counter(row["ts"][:4] for row in chapters) == dict.fromkeys(("2023", "2024", "2025", "2026"), 18)
