"""Whatever is uploaded, it is read or refused with a sentence: never anything else."""

import json
import tempfile
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.archive import opened
from app.history.formats.rows import Contents, NotAFile
from app.history.formats.spotify import read_json
from app.history.zips import NotAnExport
from tests.examples import examples
from tests.history import entries, reference

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def is_a_sentence(refusal: Exception) -> None:
    """Fails where a refusal is nothing to show to a reader."""
    assert str(refusal).endswith(".")


def read(body: bytes) -> Contents | None:
    """What a file holds, or `None` where it was refused with a sentence."""
    try:
        found = read_json(body, NOW.timestamp())
    except NotAFile as refusal:
        is_a_sentence(refusal)
        return None
    assert found.read == len(found.batch) + found.unreadable + found.ignored
    assert len(found.unreadable_few) == min(5, found.unreadable)
    assert len(found.ignored_few) == min(5, found.ignored)
    found.batch.packed()
    return found


def unpack(body: bytes) -> None:
    """Opens an upload as the site does, and reads all that it holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(body)
        try:
            with opened(path, "upload") as upload:
                for entry in upload.entries:
                    try:
                        read(upload.body(entry))
                    except NotAFile as refusal:
                        is_a_sentence(refusal)
        except NotAnExport as refusal:
            is_a_sentence(refusal)


def zipped(*files: tuple[str, bytes]) -> bytes:
    """A zip of these."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            archive.writestr(name, body)
    return out.getvalue()


def damaged(body: bytes, at: int, by: bytes, cut: int) -> bytes:
    """The same with some bytes put over it, and cut short."""
    at %= len(body) + 1
    return (body[:at] + by + body[at + len(by) :])[: len(body) - cut % (len(body) + 1)]


@given(st.binary(max_size=200))
def test_random_bytes_are_no_file(body: bytes) -> None:
    read(body)
    read(b"[" + body + b"]")
    unpack(body)
    unpack(b"PK\x03\x04" + body)


@settings(max_examples=examples(200))
@given(
    st.lists(entries.anything, max_size=12),
    st.integers(0, 10**6),
    st.binary(max_size=4),
    st.sampled_from([0, 0, 1, 40]),
)
def test_a_damaged_file_is_read_or_refused(rows: list[Any], at: int, by: bytes, cut: int) -> None:
    body = json.dumps(rows).encode()

    read(damaged(body, at, by, cut))
    export = zipped(("MyData/endsong_0.json", body), ("MyData/Streaming_History_Audio_1.json", b"[]"))
    unpack(damaged(export, at, by, cut))


@settings(max_examples=examples(200))
@given(st.lists(entries.anything, max_size=12))
def test_every_entry_is_one_of_four_whatever_is_beside_it(rows: list[Any]) -> None:
    expected = [reference.read(row, NOW) for row in rows]

    together = read(json.dumps(rows).encode())
    alone = [read(json.dumps([row]).encode()) for row in rows]

    assert together is not None
    assert together.read == len(rows)
    assert together.unreadable == expected.count("unreadable")
    assert together.ignored == expected.count("ignored")
    for one, row in zip(alone, expected, strict=True):
        assert one is not None
        assert (one.unreadable, one.ignored) == (row == "unreadable", row == "ignored")


PLAY = {
    "ts": "2020-05-01T10:00:00Z",
    "ms_played": 60_000,
    "master_metadata_track_name": "Rain",
    "master_metadata_album_artist_name": "Mira",
}


def test_a_row_is_in_the_future_from_a_day_after_now_on() -> None:
    found = read(json.dumps([PLAY, PLAY | {"ts": "2026-11-21T00:00:01Z"}]).encode())

    assert found is not None
    assert (len(found.batch), found.unreadable) == (1, 1)
    assert (found.unreadable_few[0].place, found.unreadable_few[0].why) == (2, "in the future")


@pytest.mark.parametrize(
    "changed",
    [
        {"ts": "2006-01-01T00:00:00Z"},
        {"ts": "2026-11-20T23:59:59Z"},
        {"ms_played": 0},
        {"ms_played": 86_400_000},
        {"master_metadata_track_name": "\ud800 lone"},
        {"master_metadata_track_name": "x" * 10_000_000},
        {"conn_country": 7, "shuffle": "yes", "unheard_of": [{}]},
        {"platform": "p" * 100_000},
    ],
)
def test_an_odd_row_is_kept(changed: dict[str, Any]) -> None:
    found = read(json.dumps([PLAY | changed]).encode())

    assert found is not None
    assert len(found.batch) == 1


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_a_byte_order_mark_and_other_line_ends_do_not_matter(before: bytes) -> None:
    found = read(before + json.dumps([PLAY], indent=1).replace("\n", "\r\n").encode())

    assert found is not None
    assert len(found.batch) == 1


def test_a_number_of_many_digits_is_one_unreadable_row() -> None:
    body = json.dumps([PLAY, PLAY]).replace("60000", "9" * 10_000, 1)

    found = read(body.encode())

    assert found is not None
    assert (len(found.batch), found.unreadable) == (1, 1)
