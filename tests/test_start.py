"""The start: how `.env` is read, and the sentences that tell what stops it."""

import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app import start
from app.config import Config, ConfigError, read_config
from app.start import CannotOpen, opening, read_env_file
from app.store.migrate import NewerDatabase

SETTINGS = "SPOTIFY_CLIENT_ID=abc\nDEMO=0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def env_fault(file: Path) -> str:
    """What is wrong with the file."""
    with pytest.raises(ConfigError) as caught:
        read_env_file(file)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    "raw",
    [
        SETTINGS.encode(),
        SETTINGS.encode("utf-8-sig"),
        SETTINGS.encode("utf-16"),
        b"\xff\xfe" + SETTINGS.encode("utf-16-le"),
        b"\xfe\xff" + SETTINGS.encode("utf-16-be"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16", "UTF-16 little-endian", "UTF-16 big-endian"],
)
def test_utf_8_and_utf_16_are_read(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)

    assert read_env_file(file) == SETTINGS


def test_no_file_is_no_settings(file: Path) -> None:
    assert read_env_file(file) == ""


@pytest.mark.parametrize(
    "raw",
    [
        "NAME=caf\xe9".encode("latin-1"),
        SETTINGS.encode("utf-16-le"),
        b"\xff\xfeodd",
        SETTINGS.encode("utf-32"),
        b"NAME=a\0b",
    ],
    ids=["Latin-1", "UTF-16 without mark", "half a character", "UTF-32", "NUL"],
)
def test_another_encoding_is_refused_with_the_remedy(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)

    assert env_fault(file) == f"{file} is not written in UTF-8: save it as UTF-8."


def test_a_folder_is_refused(file: Path) -> None:
    file.mkdir()

    assert env_fault(file) == f"{file} is a folder: the settings belong into a file of that name."


def test_a_file_that_may_not_be_read_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    said = "cannot be read (Permission denied): make it readable for this user, or remove it."
    assert env_fault(file) == f"{file} {said}"


def test_the_environment_wins_over_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f"PORT=7001\nHOST=0.0.0.0\nINSTANCE={tmp_path}\n", "utf-16")
    monkeypatch.setattr(os, "environ", {"PORT": "7002"})
    monkeypatch.setattr(start, "ENV_FILE", file)

    config = start.configuration()

    assert (config.port, config.host, config.instance) == (7002, "0.0.0.0", tmp_path)  # noqa: S104 - not bound


def refusal(config: Config, error: Exception) -> str:
    """How a fault while the database is opened is told."""
    with pytest.raises(CannotOpen) as caught, opening(config):
        raise error
    return str(caught.value)


def database_error(text: str) -> OperationalError:
    return OperationalError("statement", {}, sqlite3.OperationalError(text))


def test_a_folder_that_cannot_be_written_is_named_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    default = read_config({}, tmp_path)
    elsewhere = read_config({"DATABASE_URL": "sqlite:////srv/notes/a.sqlite3"}, tmp_path)
    unable = database_error("unable to open database file")
    title = "Liner Notes cannot open its database: unable to open database file\n"

    remedy = "writable for this user, with what is in it, or set"
    assert refusal(default, unable) == f"{title}Make {tmp_path} {remedy} INSTANCE to another place."
    assert refusal(elsewhere, unable) == f"{title}Make /srv/notes {remedy} DATABASE_URL to another place."


@pytest.mark.parametrize("error", [database_error("database or disk is full"), OSError(28, "No space left")])
def test_a_full_disk_is_named(tmp_path: Path, error: Exception) -> None:
    said = f"The disk is full: make room in {tmp_path}, or set INSTANCE to another place."

    assert refusal(read_config({}, tmp_path), error).endswith(f"\n{said}")


def test_a_file_that_is_no_database_is_not_told_to_be_made_writable(tmp_path: Path) -> None:
    config = read_config({"DATABASE_URL": "sqlite:////srv/notes/letter.txt"}, tmp_path)

    assert refusal(config, sqlite3.DatabaseError("file is not a database")) == (
        "Liner Notes cannot open its database: file is not a database\n"
        "Set DATABASE_URL to another file, or move /srv/notes/letter.txt away, and one is made."
    )


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:hunter2@db.example.org/notes"

    said = refusal(read_config({"DATABASE_URL": url}, tmp_path), database_error("no answer\nand advice"))

    assert said == (
        "Liner Notes cannot open its database: no answer\n"
        "Check DATABASE_URL, and that the database runs and may be written."
    )


def test_the_demos_database_is_no_exception(tmp_path: Path) -> None:
    said = refusal(
        read_config({}, tmp_path), sqlite3.OperationalError("attempt to write a readonly database")
    )

    assert "readonly database\nMake" in said


def test_a_newer_database_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(read_config({}, tmp_path), NewerDatabase()) == (
        "This database was made by a newer Liner Notes. Update the program, or use another database."
    )
