"""An import of several formats: who is read first, what readers are told, what receipts say."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app.history import formats, import_job
from app.history.batch import Batch, Source
from app.history.formats.rows import Contents, Format, NotAFile, Reading, Row, contents
from app.history.import_job import work
from app.history.uploads import Uploads
from app.store.accounts import add_local_account
from app.store.engine import Store
from app.store.imports import DONE, FAILED, find_import
from app.store.receipts import FileRow, batch_of, files_of, keep_file
from tests.history.formats.rows_told import GOLDEN, NOW, expected_of, golden_files
from tests.history.made import audio, plays, zipped

NAMES, PLAYS = b"names\nSong=Band", b"plays\n2021-03-04T12:00:00 Song"
told: list[str] = []


def read_names(body: bytes, reading: Reading) -> Contents:
    """A file that tells whose a title is, and holds no play."""
    told.append("names")
    if b"=" not in body:
        raise NotAFile("No names.")
    title, artist = body.decode().splitlines()[1].split("=")
    reading.apple.by_title[title] = {artist}
    reading.check(2)
    return contents(Source.APPLE, [], reading)


def read_plays(body: bytes, reading: Reading) -> Contents:
    """A file of titles alone, on a clock without a zone."""
    told.append("plays")

    def rows() -> Iterator[Row]:
        for line in body.decode().splitlines()[1:]:
            at, title = line.split()
            start = datetime.fromisoformat(at).replace(tzinfo=reading.zone or ZoneInfo("UTC"))
            artist = next(iter(reading.apple.by_title.get(title, ())), None)
            yield Row(int(start.timestamp() * 1000), artist, title, ms=60_000)

    return contents(Source.APPLE, rows(), reading)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more formats than there are."""
    more = (
        Format("Plays", lambda head: head.text.startswith("plays"), read_plays),
        Format("Names", lambda head: head.text.startswith("names"), read_names, first=True),
    )
    monkeypatch.setattr(formats, "FORMATS", (*more, *formats.FORMATS))
    told.clear()


class Imports:
    """One account, and a worker for its imports."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.account_id = add_local_account(store)

    def queue(self, *uploads: tuple[str, bytes], zone: str | None = None) -> int:
        paths = []
        for number, (name, held) in enumerate(uploads):
            path = self.folder / f"sent {number}"
            path.write_bytes(held)
            paths.append((name, path))
        return Uploads(self.store, self.folder / "uploads").queue(self.account_id, paths, zone)

    def do(self) -> None:
        work(self.store, self.folder / "uploads")

    def bring(self, *uploads: tuple[str, bytes], zone: str | None = None) -> list[FileRow]:
        number = self.queue(*uploads, zone=zone)
        self.do()
        return files_of(self.store, number)

    def batch(self, file: FileRow) -> Batch:
        packed = batch_of(self.store, file.id)
        assert packed is not None
        return Batch.unpacked(packed)


@pytest.fixture
def imports(store: Store, tmp_path: Path) -> Imports:
    return Imports(store, tmp_path)


def test_files_that_tell_what_others_lack_are_read_before_them_over_all_uploads(imports: Imports) -> None:
    held = zipped({"a.csv": PLAYS, audio(0): plays(3)})
    nested = zipped({"inner.zip": zipped({"n": NAMES})})
    first, spotify, names = imports.bring(("a.zip", held), ("b.zip", nested))
    assert told == ["names", "plays"]
    assert [(file.name, file.format) for file in (first, spotify, names)] == [
        ("a.csv", "Plays"),
        (audio(0), "Spotify"),
        ("inner.zip/n", "Names"),
    ]
    assert [item.by for item in imports.batch(first).items] == ["Band"]
    assert [file.rows["kept"] for file in (first, spotify, names)] == [1, 3, 0]


class Dies(BaseException):
    """The end of a worker."""


def test_after_a_restart_they_are_read_again_and_keep_their_receipt(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Names in an upload that is read to its end, and in the one that the worker died at.
    number = imports.queue(("n.txt", NAMES), ("a.zip", zipped({"n": NAMES, "a.csv": PLAYS, "b.csv": PLAYS})))
    kept: list[Any] = []

    def die(*args: Any, **more: Any) -> bool:
        kept.append(more["format"])
        if len(kept) == 3:
            raise Dies
        return keep_file(*args, **more)

    with monkeypatch.context() as mortal:
        mortal.setattr(import_job, "keep_file", die)
        with pytest.raises(Dies):
            imports.do()
    assert (kept, told) == (["Names", "Names", "Plays"], ["names", "names", "plays"])
    before = files_of(imports.store, number)[:2]
    told.clear()
    imports.do()
    files = files_of(imports.store, number)
    assert (files[:2], [file.state for file in files]) == (before, [DONE] * 4)
    assert told == ["names", "names", "plays", "plays"]
    assert [[item.by for item in imports.batch(file).items] for file in files[2:]] == [["Band"]] * 2


def test_one_upload_with_files_of_every_format_is_imported_in_one_go(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    paths = golden_files()
    # Apple's lie in a zip in a zip, as they come; none has a name that tells anything.
    apple = {f"{at}": path.read_bytes() for at, path in enumerate(paths) if path.name.startswith("apple")}
    others = {f"{at}": path.read_bytes() for at, path in enumerate(paths) if f"{at}" not in apple}
    held = zipped({**others, "Media.zip": zipped({"Activity.zip": zipped(apple)}), audio(0): plays(2)})
    with time_machine.travel(NOW):
        files = {file.name.rpartition("/")[2]: file for file in imports.bring(("all of it.zip", held))}

    assert files.pop(audio(0).rpartition("/")[2]).format == "Spotify"
    assert len(files) == len(paths)
    for at, path in enumerate(paths):
        file, expected = files[f"{at}"], expected_of(path)
        assert (file.format, file.state, file.note) == (expected["format"], DONE, None), path
        assert file.rows["kept"] + file.rows["duplicate"] == len(expected["rows"]), path
        assert file.rows["unreadable"] == sum(expected.get("unreadable", {}).values()), path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_known_in_any_encoding(
    imports: Imports, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.undo()
    text = (GOLDEN / "lastfm_ghan.csv").read_bytes().decode("utf-8-sig")
    (file,) = imports.bring(("x.csv", text.encode(encoding)))
    assert (file.format, file.rows["read"], file.rows["kept"]) == ("Last.fm, from ghan.nl (CSV)", 9, 3)


def test_the_page_that_takeout_makes_says_to_choose_json(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    page = b'<html><head><title>My Activity History</title></head><body>Watched <a href="https://music.youtube.com/watch?v=x">Song</a></body></html>'
    (file,) = imports.bring(("Takeout.zip", zipped({"watch-history.html": page})))
    assert (file.format, file.state) == ("YouTube Music", FAILED)
    assert "JSON" in (file.note or "")


def test_of_a_folder_what_holds_no_plays_is_not_told_of(imports: Imports) -> None:
    folder = (("Me/a.csv", PLAYS), ("Me/Payments.json", b"{}"), ("Me/b.csv", b"a,b"), ("Me/c.csv", b""))
    files = imports.bring(*folder, ("Me/d.zip", b"PK\x03\x04"), ("e.csv", b""))
    assert [(file.name, file.note) for file in files] == [
        ("Me/a.csv", None),
        ("Me/d.zip", "This zip is damaged or was cut short. Download it again."),
        ("e.csv", "This file is empty."),
    ]


def test_readers_are_told_the_zone_of_the_import(imports: Imports) -> None:
    (in_utc,) = imports.bring(("a.csv", PLAYS))
    (in_berlin,) = imports.bring(("a.csv", PLAYS), zone="Europe/Berlin")
    assert in_utc.first_at is not None
    assert in_berlin.first_at is not None
    assert in_utc.first_at - in_berlin.first_at == 3600


def test_a_receipt_says_which_format_it_was_also_where_it_could_not_be_read(imports: Imports) -> None:
    broken = (("n.txt", b"names"), (audio(0), b"[{"), ("x.json", b"[7]"), ("x.csv", b"a,b"))
    number = imports.queue(*broken, ("y", PLAYS))
    imports.do()
    found = find_import(imports.store, number)
    assert found is not None
    assert found.state == DONE
    assert [(file.name, file.format, file.state, file.note) for file in files_of(imports.store, number)] == [
        ("n.txt", "Names", FAILED, "No names."),
        (audio(0), "Spotify", FAILED, "This is not JSON, or it was cut short."),
        ("x.json", None, DONE, None),
        ("x.csv", None, FAILED, "This file holds no plays in any form that is read here."),
        ("y", "Plays", DONE, None),
    ]
