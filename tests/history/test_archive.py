"""What was uploaded is opened, or there is a sentence why not; whatever it holds."""

import copy
import json
import time
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.history import archive, zips
from app.history.archive import opened
from app.history.formats.rows import NotAFile
from app.history.zips import NotAnExport
from tests.history.made import account_play, audio, body, encrypted, export, plays, zipped


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def names(place: Path, held: bytes, name: str = "my_spotify_data.zip") -> list[str]:
    """The files with plays that an upload has."""
    place.write_bytes(held)
    with opened(place, name) as found:
        return [entry.name for entry in found.entries]


def bodies(place: Path, held: bytes) -> list[bytes]:
    place.write_bytes(held)
    with opened(place, "my_spotify_data.zip") as found:
        return [found.body(entry) for entry in found.entries]


@pytest.mark.parametrize(
    "name",
    [
        "Spotify Extended Streaming History/Streaming_History_Audio_2019-2021_0.json",
        "MyData/Streaming_History_Video_2021.json",
        "MyData/StreamingHistory0.json",
        "Spotify Account Data/StreamingHistory_music_0.json",
        "Spotify Account Data/StreamingHistory_podcast_0.json",
        "endsong_0.json",
        "endvideo.json",
        "any/folder/of/any/depth/ENDSONG_1.JSON",
        "..\\..\\MyData\\endsong_0.json",
        "../../../../etc/endsong_0.json",
        "/endsong_0.json",
    ],
)
def test_files_with_plays_are_found_under_every_name_they_have_had(place: Path, name: str) -> None:
    assert names(place, zipped({name: plays(1)})) == [name.replace("\x00", "")]


def test_what_else_is_in_an_export_is_left_alone(place: Path) -> None:
    held = zipped(
        {
            "MyData/Userdata.json": b"{}",
            "MyData/Playlist1.json": b"{}",
            "__MACOSX/MyData/._endsong_0.json": b"\x00\x05",
            "MyData/._endsong_0.json": b"\x00\x05",
            "ReadMeFirst_ExtendedStreamingHistory.pdf": b"%PDF",
            "MyData/endsong_0.json": plays(1),
        }
    )
    assert names(place, held) == ["MyData/endsong_0.json"]


@pytest.mark.parametrize("name", ["2014.json", "by year/2014.JSON", "plays", "history 2014.txt"])
@pytest.mark.parametrize(
    "held",
    [
        body(plays(1)),
        b"\xef\xbb\xbf \r\n" + body(plays(1)),
        json.dumps(plays(1)).encode("utf-16"),
        json.dumps(plays(200), indent=4).encode(),
        body([account_play()]),
        body([{}, 7, account_play()]),
        body([{"artistName": "Band", "trackName": "Song", "time": "2018-03-06 07:29:33"}]),
    ],
    ids=["extended", "BOM", "UTF-16", "indented", "account", "odd ones first", "2018"],
)
def test_files_of_any_name_are_known_by_what_they_hold(place: Path, name: str, held: bytes) -> None:
    assert names(place, zipped({"MyData/Userdata.json": b"{}", name: held})) == [name]


@pytest.mark.parametrize(
    "held",
    [
        b"{}",
        b"[]",
        b"",
        b"%PDF-1.7",
        body([{"platform": "IPHONE", "searchTime": "2024-01-01T10:00:00Z", "searchQuery": "ts"}]),
        body([{"artistName": "Band", "segment": "Light listeners"}]),
        body([{"timestamp_utc": "2024-01-01", "message_ms_played": 5, "context_time": 6}]),
        b'{"playlists": [{"tracks": [{"trackName": "Song", "artistName": "Band"}], "time": 5}]}',
        b'{"ts": "2021-01-01T00:00:00Z", "ms_played": 5}',
        b" " * 9000 + body(plays(1)),
    ],
)
def test_other_json_files_are_left_alone(place: Path, held: bytes) -> None:
    assert names(place, zipped({"MyData/Other.json": held, "MyData/endsong_0.json": plays(1)})) == [
        "MyData/endsong_0.json"
    ]
    with pytest.raises(NotAnExport, match=r"has no plays that can be read here\. It holds Other\.json"):
        names(place, zipped({"MyData/Other.json": held}))


def test_a_file_without_a_name_is_one_too(place: Path) -> None:
    held = zipped({"nameless": plays(1), "endsong_0.json": b""})
    assert names(place, held.replace(b"nameless", b"\x00ameless")) == ["", "endsong_0.json"]


def test_what_cannot_be_looked_into_goes_by_its_name(place: Path) -> None:
    renamed = encrypted(zipped({"2014.json": plays(1)}))
    with pytest.raises(NotAnExport, match=r"It holds 2014\.json"):
        names(place, renamed)
    assert names(place, encrypted(zipped({"endsong_0.json": plays(1)}))) == ["endsong_0.json"]
    with pytest.raises(NotAnExport, match=r"It holds 2014\.json"):
        names(place, zipped({"2014.json": plays(1)}, zipfile.ZIP_BZIP2))


def test_only_so_many_files_are_looked_into(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_LOOKED_INTO", 3)
    others = {f"{number}.txt": b"" for number in range(3)}
    held = zipped({**others, "2014.json": plays(1), "endsong_0.json": plays(1)})
    assert names(place, held) == ["endsong_0.json"]


def test_names_are_never_paths(place: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.parent.rglob("*"))
    held = zipped({"../../endsong_0.json": plays(1), "/tmp/endsong_1.json": plays(1)})
    assert len(bodies(place, held)) == 2
    assert set(tmp_path.parent.rglob("*")) - set(before) == {place}


def test_a_single_file_goes_by_its_name(place: Path) -> None:
    assert names(place, body(plays(1)), "endsong_0.json") == ["endsong_0.json"]
    assert names(place, b"\xef\xbb\xbf \r\n" + body(plays(1)), "whatever.json") == ["whatever.json"]


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.7 something", "This file holds no plays in any form that is read here."),
        (b"\x00\x01\x02\x03", "This file holds no plays in any form that is read here."),
        (b"<!doctype html>", "This file holds no plays in any form that is read here."),
        (b"PK", "This zip is damaged or was cut short. Download it again."),
        (b"PK\x03\x04 and then nothing", "This zip is damaged or was cut short. Download it again."),
        (export()[:-30], "This zip is damaged or was cut short. Download it again."),
        (export()[:200], "This zip is damaged or was cut short. Download it again."),
        (zipped({}), "This zip is empty."),
        (
            zipped({f"Account/{name}.json": b"{}" for name in ("Follow", "Userdata")}),
            "This zip has no plays that can be read here. It holds Follow.json, Userdata.json.",
        ),
        (
            zipped({f"{name}.txt": b"" for name in "abcdefgh"}),
            "This zip has no plays that can be read here. "
            "It holds a.txt, b.txt, c.txt, d.txt, e.txt and 3 more.",
        ),
    ],
)
def test_what_is_no_export_is_refused_with_a_sentence(place: Path, held: bytes, sentence: str) -> None:
    with pytest.raises(NotAnExport) as refused:
        names(place, held)
    assert str(refused.value) == sentence


def test_an_encrypted_zip_says_so(place: Path) -> None:
    with pytest.raises(NotAFile, match=r"^This file is encrypted\. Unpack the zip with its password"):
        bodies(place, encrypted(export()))


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_file_that_is_damaged_in_its_zip_says_so(place: Path, how: int) -> None:
    held = bytearray(zipped({audio(0): plays(200)}, how))
    held[120:160] = b"\xff" * 40
    with pytest.raises(NotAFile, match=r"^This file is damaged inside the zip\.$"):
        bodies(place, bytes(held))


def test_a_bomb_of_one_ratio_is_refused(place: Path) -> None:
    held = zipped({audio(0): b"[" + b" " * (archive.FREE + 1) + b"]"})
    assert len(held) < 100_000
    with pytest.raises(NotAnExport, match="unpacks to far more"):
        names(place, held)


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (
            "MOST_ENTRIES",
            "This zip holds more files than any export. Send the part with your plays.",
        ),
        ("LARGEST_TOTAL", "This zip unpacks to far more than any export."),
        ("LARGEST_DIRECTORY", "This zip is damaged or was cut short. Download it again."),
    ],
)
def test_what_a_zip_may_hold_is_capped(
    place: Path, monkeypatch: pytest.MonkeyPatch, limit: str, sentence: str
) -> None:
    monkeypatch.setattr(archive if hasattr(archive, limit) else zips, limit, 2)
    with pytest.raises(NotAnExport) as refused:
        names(place, export(files=3))
    assert str(refused.value) == sentence


def overlapping(count: int, shift: int) -> bytes:
    """A zip that lists its only file `count` times more, as beginning `shift` bytes later."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(audio(0), body(plays(50)))
        whole = archive.infolist()[0]
        for number in range(1, count + 1):
            again = copy.copy(whole)
            again.filename, again.header_offset = audio(number), whole.header_offset + shift
            archive.filelist.append(again)
    return out.getvalue()


@pytest.mark.parametrize(("count", "shift"), [(1, 0), (1000, 0), (1, 40), (1, 300)])
def test_entries_that_share_bytes_are_refused(place: Path, count: int, shift: int) -> None:
    with pytest.raises(NotAnExport, match=r"^The files in this zip overlap\. Send the zip as it came\.$"):
        names(place, overlapping(count, shift))


def test_a_zip_behind_something_else_is_none_that_overlaps(place: Path) -> None:
    out = BytesIO(b"PK is how it begins" * 9)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(audio(0), body(plays(1)))
        archive.writestr(audio(1), b"")
        archive.mkdir("MyData")
    assert names(place, out.getvalue()) == [audio(0), audio(1)]


def test_a_zip_of_thousands_of_json_files_is_refused(place: Path) -> None:
    many = zipped({f"MyData/endsong_{number}.json": b"[]" for number in range(archive.MOST_FILES + 1)})
    with pytest.raises(NotAnExport, match=r"^This zip holds more files than any export\."):
        names(place, many)


@pytest.mark.parametrize("name", ["endsong", "streaming_history", ".json"])
def test_long_names_take_time_by_their_length_alone(place: Path, name: str) -> None:
    """With a pattern that goes back over the name, one such zip took half a minute."""
    long_ones = [f"{number}{name * (64_000 // len(name))}" for number in range(60)]
    held = zipped(dict.fromkeys((*long_ones, audio(0)), b""))
    began = time.process_time()
    assert names(place, held) == [audio(0)]
    assert time.process_time() - began < 2


def test_a_file_that_is_larger_than_any_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_FILE", 1000)
    with pytest.raises(NotAFile, match="larger than any export that is read here"):
        bodies(place, export(files=1))
    with pytest.raises(NotAnExport, match="larger than any export that is read here"):
        names(place, body(plays(20)), "endsong_0.json")


def test_a_file_that_claims_to_be_smaller_than_it_is_is_damaged(place: Path) -> None:
    whole = body(plays(50))
    held = zipped({audio(0): whole}).replace(
        len(whole).to_bytes(4, "little"), (len(whole) // 2).to_bytes(4, "little")
    )
    with pytest.raises(NotAFile, match="damaged inside the zip"):
        bodies(place, held)


GOOD = export(files=2, rows=3)
STORED = zipfile.ZIP_STORED
NESTED = zipped({"a.zip": zipped({"b.zip": GOOD, "c.json": plays(2)}, STORED)}, STORED)


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6
    )
)
def test_a_zip_with_any_bytes_changed_is_read_or_refused(
    place: Path, changes: list[tuple[int, bytes]]
) -> None:
    for whole in (GOOD, NESTED):
        held = bytearray(whole)
        for at, put in changes:
            held[at : at + len(put)] = put
        should_be_read_or_refused(place, bytes(held))


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"[", b"{"]))
def test_any_bytes_are_read_or_refused(place: Path, held: bytes, head: bytes) -> None:
    should_be_read_or_refused(place, head + held)


def should_be_read_or_refused(place: Path, held: bytes) -> None:
    place.write_bytes(held)
    with suppress(NotAnExport), opened(place, "upload") as found:
        for entry in found.entries:
            with suppress(NotAFile):
                found.body(entry)
