"""`run.py import`: an export from the terminal, into the right account; every trouble is a sentence."""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.command_line import main
from app.config import Config, read_config
from app.store.accounts import add_local_account, find_or_add_account
from app.store.engine import Store
from app.store.imports import imports_of, uploads_of
from app.store.listening import Listening, keep_listening
from app.store.migrate import migrate
from app.terminal import Terminal
from app.terminal.words import clean
from app.web.time.range_query import preset_query
from app.web.time.range_with_plays import range_with_plays
from tests.history.formats.rows_told import GOLDEN
from tests.history.formats.workbooks import row, sheet, workbook
from tests.history_more import play, zipped
from tests.jobs import imports_held

ROWS = [play("2024-05-01 10:00"), play("2024-05-02 10:00", "Ebb", ts="never")]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return read_config({"SECRET_KEY": "a secret key for tests only"}, instance=tmp_path / "instance")


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    store = Store(config.database_url)
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "my_spotify_data.zip"
    path.write_bytes(zipped(ROWS, [play("2024-05-03 10:00")]))
    return str(path)


def bring(config: Config, *paths: str, account: int | None = None) -> int:
    terminal = Terminal(config)
    try:
        return terminal.import_files(paths, account)
    finally:
        terminal.close()


def plays(store: Store, account_id: int) -> int:
    of = range_with_plays(store, account_id, preset_query(ZoneInfo("UTC"), date(2026, 1, 1), 30_000))
    return of.totals.plays if of else 0


def test_it_goes_into_the_only_account_there_is(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = find_or_add_account(store, "spotify", "mira", None)
    assert bring(config, export) == 0
    out = capsys.readouterr().out
    assert "2 of 2 files, 3 rows" in out
    assert "Imported 2 of 2 files: 3 read = 2 kept + 0 duplicate + 1 unreadable + 0 ignored." in out
    assert "  Streaming_History_Audio_0.json  Spotify: 2 read = 1 kept" in out
    assert plays(store, account_id) == 2
    assert list((config.instance / "uploads").iterdir()) == []


def test_several_files_and_a_private_account(
    config: Config, store: Store, export: str, tmp_path: Path
) -> None:
    account_id = add_local_account(store)
    single = tmp_path / "StreamingHistory0.json"
    single.write_text('[{"endTime":"2023-01-01 10:00","artistName":"A","trackName":"B","msPlayed":40000}]')
    assert bring(config, export, str(single)) == 0
    assert plays(store, account_id) == 3


def test_without_an_account_it_says_how_to_get_one(
    config: Config, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(config, export) == 1
    assert "Log in once on the site, or open your export there" in capsys.readouterr().err
    assert not (config.instance / "uploads").exists()


def test_with_several_accounts_it_asks_which(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = find_or_add_account(store, "spotify", "mira\x1b[31m", None)
    two = add_local_account(store)
    assert bring(config, export) == 1
    err = capsys.readouterr().err
    assert "--account NUMBER" in err
    assert f"{one:5}  mira [31m at spotify" in err
    assert f"{two:5}  private to one browser" in err
    assert bring(config, export, account=two) == 0
    assert (plays(store, one), plays(store, two)) == (0, 2)


def test_there_is_no_such_account(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    find_or_add_account(store, "spotify", "mira", None)
    assert bring(config, export, account=99) == 1
    assert "There is no account 99." in capsys.readouterr().err


def test_the_demos_listeners_are_no_place_for_it(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = find_or_add_account(store, "demo", "mira", None)
    assert bring(config, export) == 1
    assert bring(config, export, account=number) == 1
    assert "There is no account" in capsys.readouterr().err


def test_there_is_no_such_file(config: Config, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    account_id = add_local_account(store)
    assert bring(config, "/nowhere/at all.zip") == 1
    assert "There is no file /nowhere/at all.zip." in capsys.readouterr().err
    assert imports_of(store, account_id) == []


def test_a_file_that_cannot_be_read_is_a_sentence(
    config: Config, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_local_account(store)
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    assert bring(config, str(path)) == 1
    captured = capsys.readouterr()
    assert "holiday.jpg  This file holds no plays in any form that is read here." in captured.out
    assert "None of these files could be read." in captured.err


def test_while_another_process_is_at_it_it_waits(
    config: Config, store: Store, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = add_local_account(store)
    waited = []
    with ExitStack() as another:
        another.enter_context(imports_held(store, account_id))

        def look_again(_seconds: float) -> None:
            waited.append(1)
            another.close()

        monkeypatch.setattr("app.terminal.imports.time.sleep", look_again)
        assert bring(config, export) == 0
    assert waited == [1]
    assert plays(store, account_id) == 2


def test_the_command_line(
    tmp_path: Path,
    export: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)  # given back after the test: the command sets one of its own
    url = f"sqlite:///{tmp_path / 'cli.sqlite3'}"
    store = Store(url)
    migrate(store)
    account_id = add_local_account(store)
    for name in list(os.environ):
        if name.startswith(("SPOTIFY_", "DEMO", "TRUSTED")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a secret key for tests only")
    monkeypatch.setattr("app.start.ENV_FILE", tmp_path / ".env")
    assert main(["import", export, "--account", str(account_id)]) == 0
    assert "Imported 2 of 2 files" in capsys.readouterr().out
    store.close()
    with pytest.raises(SystemExit):
        main(["import"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people keep their exports: zips and files of several years, among other things."""
    folder = tmp_path / "exports"
    (folder / "2023" / "deep").mkdir(parents=True)
    (folder / "__MACOSX").mkdir()
    (folder / "b.zip").write_bytes(zipped([play("2024-05-01 10:00")]))
    (folder / "2023" / "deep" / "A.ZIP").write_bytes(zipped([play("2023-05-01 10:00")]))
    (folder / "2023" / "2014.json").write_text(json.dumps([play("2014-05-01 10:00")]))
    (folder / "2023" / "endsong_0.json").write_text(json.dumps([play("2023-06-01 10:00")]))
    (folder / "2023" / "Userdata.json").write_text('{"username": "mira"}')
    (folder / "2023" / "package.json").write_text("[1]")
    (folder / "2023" / "._endsong_0.json").write_bytes(b"\x00\x05")
    (folder / "__MACOSX" / "endsong_1.json").write_bytes(b"\x00\x05")
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8")
    os.mkfifo(folder / "endsong_9.json")
    (folder / "2023" / "again").symlink_to(folder)
    return folder


def test_a_folder_is_walked(
    config: Config, store: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add_local_account(store)
    assert bring(config, str(folder)) == 0
    out = capsys.readouterr().out
    assert "Imported 4 of 4 files: 4 read = 4 kept" in out
    assert plays(store, account_id) == 4
    number = imports_of(store, account_id)[0].id
    taken = [upload.name for upload in uploads_of(store, number)]
    assert taken == ["b.zip", "2014.json", "endsong_0.json", "A.ZIP"]


def test_a_zone_is_kept_with_the_import_or_is_the_listeners_own(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add_local_account(store)
    terminal = Terminal(config)
    assert terminal.import_files([export], None, "Mars/Base") == 1
    assert "There is no time zone Mars/Base." in capsys.readouterr().err
    terminal.import_files([export], None)
    keep_listening(store, account_id, Listening("Europe/Berlin"))
    terminal.import_files([export], None)
    terminal.import_files([export], None, "Asia/Tokyo")
    terminal.close()
    assert [one.zone for one in imports_of(store, account_id)] == ["Asia/Tokyo", "Europe/Berlin", None]


def test_a_folder_is_searched_for_files_of_every_format(
    config: Config, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add_local_account(store)
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for name in ("maloja.json", "lastfm_to_csv.csv", "deezer.xlsx", "pano.jsonl", "scrobbler.log"):
        shutil.copy(GOLDEN / name, folder / f"x{Path(name).suffix}" if name != "maloja.json" else folder)
    (folder / "table.csv").write_text("name,size\nholiday,3\n")
    (folder / "page.html").write_text("<!doctype html><p>Hello")
    (folder / "book.xlsx").write_bytes(workbook({"Sheet1": sheet(row("Song", "Artist"))}))
    (folder / "notes.txt").write_text("Buy milk")
    assert bring(config, str(folder)) == 0
    taken = uploads_of(store, imports_of(store, account_id)[0].id)
    assert [upload.name for upload in taken] == ["maloja.json", "x.csv", "x.jsonl", "x.log", "x.xlsx"]
    assert "  x.xlsx       Deezer: " in capsys.readouterr().out


def test_a_folder_and_a_file_in_it_are_taken_once(config: Config, store: Store, folder: Path) -> None:
    account_id = add_local_account(store)
    assert bring(config, str(folder / "b.zip"), str(folder)) == 0
    assert len(uploads_of(store, imports_of(store, account_id)[0].id)) == 4


def test_a_folder_without_an_export_is_a_sentence(
    config: Config, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add_local_account(store)
    empty = tmp_path / "nothing here"
    empty.mkdir()
    (empty / "Userdata.json").write_text("{}")
    assert bring(config, str(empty)) == 1
    err = capsys.readouterr().err
    assert f"There is no zip and no file with plays in the folder {clean(str(empty))}." in err
    assert imports_of(store, account_id) == []


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [{"artistName": "A", "trackName": "B", "time": "2018-03-06 07:29:33"}] * 2,
            "Nothing was kept: of 2 rows, 2 ignored (account data of 2018, which does not say how long "
            "anything was played). Ask Spotify for your “Extended streaming history”",
        ),
        (
            [{"a": 1}, 7, play("2024-05-01 10:00", ts="never")],
            "Nothing was kept: of 3 rows, 2 unreadable (not an object; not a time), 1 ignored (neither a "
            "play of extended history nor of account data).",
        ),
        ([], "Nothing was kept: there are no plays in what you sent. The import page tells"),
    ],
)
def test_an_import_of_which_nothing_is_kept_says_why(
    config: Config,
    store: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[object],
    sentence: str,
) -> None:
    add_local_account(store)
    path = tmp_path / "StreamingHistory.json"
    path.write_text(json.dumps(rows))
    assert bring(config, str(path)) == 1
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert "Imported" not in captured.out
    assert "See it on the site" not in captured.out


def test_an_import_of_what_is_there_already_says_so(
    config: Config, store: Store, export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add_local_account(store)
    plain = [play("2024-05-01 10:00"), play("2024-05-02 10:00", "Ebb")]
    Path(export).write_bytes(zipped(plain))
    assert bring(config, export) == 0
    capsys.readouterr()
    assert bring(config, export) == 1
    err = capsys.readouterr().err
    assert err == (
        "Nothing new was kept: all 2 rows are there already, from another import. "
        "There is nothing left to do.\n"
    )
    assert plays(store, account_id) == 2
