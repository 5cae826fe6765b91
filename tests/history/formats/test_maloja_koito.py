"""Maloja and Koito: whose a track is, and what is known of its length."""

import json
from typing import Any

import pytest

from tests.history.formats.rows_told import read, recognised, told


def maloja(**changed: Any) -> dict[str, Any]:
    """What is told by one scrobble of Maloja's with these changes to its track, or its `duration`."""
    duration = changed.pop("duration", None)
    track = {"artists": ["Mira"], "title": "Rain", "album": None, "length": None} | changed
    scrobble = {"time": 1749776100, "track": track, "duration": duration, "origin": "client:default"}
    (row,) = told(read(json.dumps({"maloja": {}, "scrobbles": [scrobble]}).encode()).batch)
    return row


@pytest.mark.parametrize(
    ("artists", "first"),
    [
        (["Mira"], "Mira"),
        (["Mira", "Ólafur"], "Mira"),
        (["Ólafur", "Mira • Ólafur"], "Mira"),
        (["Mira • Ólafur", "Ólafur"], "Mira"),
        (["", None, "Mira"], "Mira"),
        ([" • Mira"], "Mira"),
        (["Mira•Ólafur"], "Mira•Ólafur"),
    ],
)
def test_the_entry_that_joins_all_artists_names_the_first(artists: list[Any], first: str) -> None:
    assert maloja(artists=artists)["artist"] == first


def test_the_length_played_and_the_tracks_own_are_told_apart() -> None:
    row = maloja(duration=190, length=215)

    assert (row["ms"], row["duration"]) == (190_000, 215_000)
    assert maloja(duration=0, length=0).keys() & {"ms", "duration"} == set()
    assert maloja(duration=-3, length="x").keys() & {"ms", "duration"} == set()


def test_an_album_may_be_of_somebody_else() -> None:
    row = maloja(album={"artists": ["Various Artists"], "albumtitle": "Weather"})

    assert (row["album"], row["album_artist"]) == ("Weather", "Various Artists")
    assert "album_artist" not in maloja(album={"artists": ["Mira"], "albumtitle": "Weather"})


def koito(**changed: Any) -> dict[str, Any]:
    """What is told by one listen of Koito's with these changes."""
    listen = {"listened_at": "2025-06-13T00:55:00Z", "track": named("Rain"), "artists": [named("Mira")]}
    export = {"version": "1", "exported_at": "x", "user": "mira", "listens": [listen | changed]}
    (row,) = told(read(json.dumps(export).encode()).batch)
    return row


def named(*names: str, primary: int | None = 0, **more: Any) -> dict[str, Any]:
    aliases = [{"alias": name, "is_primary": place == primary} for place, name in enumerate(names)]
    return {"aliases": aliases, **more}


def test_a_name_is_the_primary_alias_or_else_the_first() -> None:
    assert koito(track=named("雨", "Rain", primary=1))["title"] == "Rain"
    assert koito(track=named("Rain", "雨", primary=None))["title"] == "Rain"


def test_an_artist_is_the_primary_one_or_else_the_first() -> None:
    ólafur, mira = named("Ólafur", is_primary=False), named("Mira", is_primary=True)

    assert koito(artists=[ólafur, mira])["artist"] == "Mira"
    assert koito(artists=[ólafur, named("Mira", is_primary=False)])["artist"] == "Ólafur"


@pytest.mark.parametrize("artists", [None, [], {}, [None], [{}], [{"aliases": None}]])
def test_a_listen_without_artists_is_kept(artists: Any) -> None:
    assert "artist" not in koito(artists=artists)


def test_a_duration_of_zero_is_unknown() -> None:
    assert koito(track=named("Rain", duration=215))["duration"] == 215_000
    assert "duration" not in koito(track=named("Rain", duration=0))


def test_a_moment_may_be_on_another_clock_and_finer_than_a_second() -> None:
    assert koito(listened_at="2025-06-13T02:55:00.123456789+02:00")["start"] == "2025-06-13T00:55:00.123000Z"


@pytest.mark.parametrize(
    "body", [b'{"maloja": {}}', b'{"scrobbles": []}', b'{"listens": []}', b'{"version": "1"}']
)
def test_half_of_an_export_is_not_recognised(body: bytes) -> None:
    assert recognised(body) is None
