"""Room for uploads: what one process has promised, no other gives away."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from app.history.uploads import incoming_file, remove_orphans, reserve, room


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A disk with 350 bytes free."""
    disk = SimpleNamespace(free=350)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: disk)
    return disk


@pytest.mark.usefixtures("disk")
def test_of_six_uploads_at_once_as_many_come_in_as_there_is_room_for(tmp_path: Path) -> None:
    def ask(_turn: int) -> IO[bytes] | None:
        return reserve(tmp_path, 100, spare=50)

    with ThreadPoolExecutor(6) as threads:
        promised = [one for one in threads.map(ask, range(6)) if one is not None]
    assert len(promised) == 3
    promised[0].close()
    last = reserve(tmp_path, 100, spare=50)
    assert last is not None
    for one in (*promised[1:], last):
        one.close()
    assert list(tmp_path.iterdir()) == []


def test_what_has_come_in_is_not_counted_twice(tmp_path: Path, disk: SimpleNamespace) -> None:
    with incoming_file(tmp_path) as incoming:
        promise = reserve(tmp_path, 200, spare=0)
        assert promise is not None
        assert room(tmp_path) == 150
        incoming.write(b"x" * 120)
        incoming.flush()
        disk.free -= 120
        assert room(tmp_path) == 150
        promise.close()
    assert room(tmp_path) == 230


@pytest.mark.usefixtures("disk")
def test_what_a_killed_process_had_promised_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "incoming-abc-300.reserved").touch()
    assert room(tmp_path) == 350
    remove_orphans(tmp_path, set)
    assert list(tmp_path.iterdir()) == []
