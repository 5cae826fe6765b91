"""ListenBrainz: what clients may add to a listen, and files that are not whole."""

import json
from typing import Any

import pytest

from app.history.formats.rows import Contents
from tests.history.formats.rows_told import read, recognised, told

LISTEN = {"listened_at": 1749776100, "track_metadata": {"track_name": "Rain", "artist_name": "Mira"}}
ID = "a" * 22
PLAIN = {"start": "2025-06-13T00:55:00Z", "source": "listenbrainz", "artist": "Mira", "title": "Rain"}


def read_lines(*lines: object) -> Contents:
    return read("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines).encode())


def row_with(**info: Any) -> dict[str, Any]:
    """What a listen tells beside its names and its start, with this as `additional_info`."""
    track = LISTEN["track_metadata"] | {"additional_info": info}  # type: ignore[operator]
    (row,) = told(read_lines(LISTEN | {"track_metadata": track}).batch)
    return {name: value for name, value in row.items() if PLAIN.get(name) != value}


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"duration_ms": 215_000}, {"duration": 215_000}),
        ({"duration_ms": "215000", "duration": 1}, {"duration": 215_000}),
        ({"duration": "215.5"}, {"duration": 215_500}),
        ({"duration_ms": "long", "duration": 215}, {"duration": 215_000}),
        ({"duration_ms": 0}, {}),
        ({"duration_ms": 86_400_001}, {}),
        ({"duration_played": 190}, {"ms": 190_000}),
        ({"duration_played": "190.5"}, {"ms": 190_500}),
        ({"duration_played": -1}, {}),
        ({"duration_played": 190_000}, {}),
        ({"spotify_id": f"https://open.spotify.com/track/{ID}"}, {"uri": f"spotify:track:{ID}"}),
        ({"spotify_id": f"https://open.spotify.com/intl-de/track/{ID}"}, {"uri": f"spotify:track:{ID}"}),
        ({"spotify_id": f"https://open.spotify.com/episode/{ID}"}, {}),
        ({"spotify_id": f"https://open.spotify.com/track/{ID}1"}, {}),
        ({"spotify_id": ["x"]}, {}),
        ({"isrc": "de-a12-34-56789"}, {"isrc": "DEA123456789"}),
        ({"isrc": "DEA12345678"}, {}),
        ({"artist_names": ["Ólafur", "Mira"]}, {"artist": "Ólafur"}),
        ({"artist_names": [7]}, {}),
        ({"artist_names": "Ólafur"}, {}),
        ({"release_artist_name": "Various Artists"}, {"album_artist": "Various Artists"}),
        ({"release_artist_name": "Mira"}, {}),
    ],
)
def test_what_a_client_adds_is_used_where_it_is_what_it_should_be(
    info: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert row_with(**info) == expected


@pytest.mark.parametrize("when", [1749776100, 1749776100.0, "1749776100", "1749776100.000000"])
def test_a_stamp_may_be_a_float_or_text(when: object) -> None:
    assert told(read_lines(LISTEN | {"listened_at": when}).batch) == [PLAIN]


@pytest.mark.parametrize("when", [1e300, -5, "soon", {}, True, 10**30])
def test_a_stamp_that_is_none_costs_its_listen_alone(when: object) -> None:
    found = read_lines(LISTEN, LISTEN | {"listened_at": when}, LISTEN)

    assert (len(found.batch), found.unreadable, found.unreadable_few[0].place) == (2, 1, 2)


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(LISTEN)[:-20],
        '{"listened_at": 1749776100, "track_metadata": ' + "[" * 100_000,
        '{"listened_at": ' + "9" * 10_000 + ', "track_metadata": {}}',
    ],
    ids=["cut", "nested", "endless"],
)
def test_a_broken_line_is_unreadable_and_the_others_are_read(broken: str) -> None:
    found = read_lines(LISTEN, broken, LISTEN)

    assert (len(found.batch), found.unreadable) == (2, 1)


@pytest.mark.parametrize("title", ["", " ", None, 7])
def test_a_listen_names_its_track_whatever_address_is_beside(title: object) -> None:
    info = {"spotify_id": f"https://open.spotify.com/track/{ID}"}
    track = {"track_name": title, "artist_name": "Mira", "additional_info": info}

    found = read_lines(LISTEN, LISTEN | {"track_metadata": track})

    assert (len(found.batch), dict(found.unreadable_why)) == (1, {"names no track": 1})


def test_an_empty_line_is_no_entry() -> None:
    assert read_lines(LISTEN, "", " \r", LISTEN).read == 2


def test_a_single_listen_is_a_file_of_one() -> None:
    assert told(read_lines(LISTEN).batch) == [PLAIN]


def test_a_list_with_odd_numbers_is_read_entry_by_entry() -> None:
    body = json.dumps([LISTEN, LISTEN | {"listened_at": float("nan")}, 7, LISTEN]).encode()

    found = read(body)

    assert (len(found.batch), dict(found.unreadable_why)) == (2, {"not a time": 1, "not an object": 1})


@pytest.mark.parametrize(
    "body",
    [
        b'{"recording_msid": "x", "recording_mbid": null, "score": 1, "created": 1749776100}\n',
        b'{"user_id": 1, "username": "mira"}',
        b'{"listens": [{"listened_at": "2025-06-13T00:55:00Z"}]}',
    ],
)
def test_the_other_files_of_an_export_are_not_recognised(body: bytes) -> None:
    assert recognised(body) is None
