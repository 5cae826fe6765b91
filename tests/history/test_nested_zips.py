"""Zips inside zips: what holds plays is found three deep; what is wrong with others is told."""

import copy
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from app.history import archive, formats, zips
from app.history.archive import opened
from app.history.formats.rows import Contents, Format, NotAFile, Reading
from app.history.zips import NotAnExport, Zips
from tests.history.formats.rows_told import GOLDEN
from tests.history.formats.workbooks import row, sheet, workbook
from tests.history.made import audio, body, encrypted, plays, zipped

PLAYS = body(plays(2))
OTHER_BOOK = workbook({"Sheet1": sheet(row("Song", "Artist"))})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def no_rows(_body: bytes, _reading: Reading) -> Contents:
    raise AssertionError


def found(place: Path, held: bytes, name: str = "upload.zip") -> list[tuple[int, str, str]]:
    """What an upload holds: of each file its place, its name, and its format, or why it is none."""
    place.write_bytes(held)
    result = []
    with opened(place, name) as upload:
        for entry in upload.entries:
            try:
                upload.body(entry)
            except NotAFile as why:
                result.append((entry.place, entry.name, str(why)))
            else:
                result.append((entry.place, entry.name, entry.format.name if entry.format else ""))
    return result


def test_plays_are_found_three_zips_deep(place: Path) -> None:
    deepest = zipped({"x.json": PLAYS, "notes.txt": b""})
    middle = zipped({"Activity/": b"", "Activity/x.json.zip": deepest, "Activity/y.json": PLAYS})
    held = zipped({"Readme.txt": b"", "Media.zip": middle, "__MACOSX/._Media.zip": middle, audio(0): PLAYS})
    # Every entry on the way has a number, those of shadows and folders too.
    assert found(place, held) == [
        (4, "Media.zip/Activity/x.json.zip/x.json", "Spotify"),
        (6, "Media.zip/Activity/y.json", "Spotify"),
        (8, audio(0), "Spotify"),
    ]
    with opened(place, "upload.zip") as upload:
        bodies = [upload.body(entry) for entry in (*reversed(upload.entries), *upload.entries)]
    assert bodies == [PLAYS] * 6


def test_a_fourth_zip_is_not_opened(place: Path) -> None:
    held = PLAYS
    for name in ("x.json", "4.zip", "3.zip", "2.zip"):
        held = zipped({name: held})
    assert found(place, held) == [
        (2, "2.zip/3.zip/4.zip", "This zip lies deeper than 3 zips, one inside the other. Send it by itself.")
    ]


def test_a_zip_that_holds_itself_comes_to_an_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Zips, "_unpacked", lambda _self, _number: place.open("rb"))
    held = zipped({"r.zip": zipped({}), "x.json": PLAYS})
    assert [(at, name) for at, name, _ in found(place, held)] == [
        (2, "r.zip/r.zip/r.zip"),
        (3, "r.zip/r.zip/x.json"),
        (4, "r.zip/x.json"),
        (5, "x.json"),
    ]


@pytest.mark.parametrize(
    "bomb",
    [
        zipped({audio(0): b"[" + b" " * 2**20 + b"]"}),
        zipped({"inner.zip": b"PK\x03\x04" + bytes(2**20)}),
        zipped({f"{number}.zip": zipped({"0": bytes(2**20)}, zipfile.ZIP_STORED) for number in range(3)}),
    ],
    ids=["a file", "a zip", "many zips"],
)
def test_a_bomb_inside_is_refused(place: Path, bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE", 2**20)
    with pytest.raises(NotAnExport, match=r"^This zip unpacks to far more than any export\.$"):
        found(place, zipped({"Media.zip": bomb, audio(0): PLAYS}))


def test_the_files_of_all_zips_are_counted_together(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"{number}.json": PLAYS for number in range(4)})
    held = zipped({"a.zip": inner, "b.zip": inner})
    assert len(found(place, held)) == 8
    for limit, most in (("MOST_ENTRIES", 9), ("MOST_FILES", 7)):
        with monkeypatch.context() as less:
            less.setattr(archive, limit, most)
            with pytest.raises(NotAnExport, match=r"^This zip holds more files than any export\."):
                found(place, held)


def test_an_inner_zip_whose_files_share_bytes_is_refused(place: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as overlapping:
        overlapping.writestr("a.json", PLAYS)
        again = copy.copy(overlapping.infolist()[0])
        again.filename = "b.json"
        overlapping.filelist.append(again)
    with pytest.raises(NotAnExport, match=r"^The files in this zip overlap\."):
        found(place, zipped({"inner.zip": out.getvalue()}))


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        (zipped({"x.json": PLAYS})[:-30], "This zip is damaged or was cut short. Download it again."),
        (b"PK\x03\x04", "This zip is damaged or was cut short. Download it again."),
        (
            encrypted(zipped({"x.json": PLAYS})),
            "This zip is encrypted. Unpack it with its password, then send the files.",
        ),
    ],
    ids=["cut short", "nothing but its beginning", "encrypted"],
)
def test_an_inner_zip_that_cannot_be_read_has_a_receipt_and_harms_no_other(
    place: Path, inner: bytes, why: str
) -> None:
    held = zipped({"a.zip": inner, "b.zip": zipped({"x.json": PLAYS})})
    first, other = found(place, held)
    assert (first, other[1:]) == ((0, "a.zip", why), ("b.zip/x.json", "Spotify"))


def test_a_zip_that_is_encrypted_as_a_whole_is_told_of(place: Path) -> None:
    assert found(place, encrypted(zipped({"Media.ZIP": zipped({"x.json": PLAYS})}))) == [
        (0, "Media.ZIP", "This zip is encrypted. Unpack it with its password, then send the files.")
    ]


def test_a_large_inner_zip_lies_beside_the_upload_without_a_name(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "IN_MEMORY", 100)
    held = zipped({"a.zip": zipped({"x.json": body(plays(90))}), "b.zip": zipped({"y.json": PLAYS})})
    place.write_bytes(held)
    with opened(place, "upload.zip") as upload:
        assert [len(upload.body(entry)) for entry in upload.entries] == [len(body(plays(90))), len(PLAYS)]
        assert list(place.parent.iterdir()) == [place]
    monkeypatch.setattr(zips, "SPARE", 2**62)
    with pytest.raises(OSError, match="no space left"):
        found(place, held)


def test_an_excel_file_goes_to_its_reader_as_a_whole(place: Path) -> None:
    book = (GOLDEN / "deezer.xlsx").read_bytes()
    assert found(place, book, "x") == [(0, "x", "Deezer")]
    inner = zipped({"deezer.xlsx": book, "other.xlsx": OTHER_BOOK, "x.json": PLAYS})
    assert found(place, zipped({"a.zip": zipped({"b.zip": inner})})) == [
        (2, "a.zip/b.zip/deezer.xlsx", "Deezer"),
        (4, "a.zip/b.zip/x.json", "Spotify"),
    ]
    with opened(place, "upload.zip") as upload:
        assert upload.body(upload.entries[0]) == book


def test_an_excel_file_of_something_else_is_nothing(place: Path) -> None:
    with pytest.raises(NotAnExport, match=r"^This file holds no plays in any form that is read here\.$"):
        found(place, OTHER_BOOK, "other.xlsx")
    with pytest.raises(NotAnExport, match=r"It holds other\.xlsx\.$"):
        found(place, zipped({"other.xlsx": OTHER_BOOK}))


def test_of_two_readers_that_know_a_file_the_first_gets_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [Format(name, lambda head: head.text.startswith("a,"), no_rows) for name in ("One", "Other")]
    held = zipped({"x.csv": b"a,b\r\n"})
    for order in (both, both[::-1]):
        monkeypatch.setattr(formats, "FORMATS", tuple(order))
        assert found(place, held) == [(0, "x.csv", order[0].name)]
        assert found(place, b"a,b\r\n", "endsong_0.json") == [(0, "endsong_0.json", order[0].name)]


@pytest.mark.parametrize(
    ("name", "held"),
    [("x.csv", b"name,size\r\na,1\r\n"), ("x.html", b"<!doctype html><p>Hello"), ("x.log", b"#1\n")],
)
def test_a_file_that_holds_no_plays_is_nothing(place: Path, name: str, held: bytes) -> None:
    with pytest.raises(NotAnExport, match=r"^This file holds no plays in any form that is read here\.$"):
        found(place, held, name)
    with pytest.raises(
        NotAnExport, match=rf"^This zip has no plays that can be read here\. It holds {name}\.$"
    ):
        found(place, zipped({name: held}))


def test_a_text_that_begins_as_a_zip_does_is_known_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Format("Table", lambda head: head.text.startswith("PK,"), no_rows)
    monkeypatch.setattr(formats, "FORMATS", (table,))
    assert found(place, b"PK,Record,Song\n", "x.csv") == [(0, "x.csv", "Table")]
