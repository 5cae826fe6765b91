"""Whose turn it is, where the file system of the uploads has locks and where it has none."""

import errno
import fcntl
import tempfile
from pathlib import Path

import pytest
from app.history.worker_lock import worker_is_running, worker_lock


@pytest.fixture(params=["with locks", "without locks"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    real = fcntl.flock

    def flock(held: int, how: int) -> None:
        if Path(f"/proc/self/fd/{held}").readlink().parent == uploads:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        real(held, how)

    if request.param == "without locks":
        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        monkeypatch.setattr(fcntl, "flock", flock)
    return uploads


def test_one_is_at_work_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    assert not worker_is_running(folder)
    with worker_lock(folder) as mine, worker_lock(folder) as too:
        assert (mine, too) == (True, False)
        assert worker_is_running(folder)
    assert not worker_is_running(folder)
    with worker_lock(folder) as mine:
        assert mine
