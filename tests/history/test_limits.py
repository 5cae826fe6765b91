"""The limits of the worker's process, in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT
from app.history.limits import MEMORY, RowCount, RowLimits, TooManyRows

MORE_MEMORY_THAN_THERE_IS = """
import sys, resource
from pathlib import Path
from app.history import import_job

def work(*_args, **_more):
    print(resource.getrlimit(resource.RLIMIT_AS), flush=True)
    bytearray(2**31)

import_job.ImportJob.work = work
sys.exit(import_job.main())
"""
WITHOUT_END = """
from app.history import limits
limits.CPU_SECONDS = 1
limits.limit_cpu(0)
while True:
    pass
"""


def run(program: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def test_the_whole_worker_has_a_limit_of_memory(tmp_path: Path) -> None:
    over = run(
        MORE_MEMORY_THAN_THERE_IS,
        HISTORY_DATABASE_URL=f"sqlite:///{tmp_path / 'test.sqlite3'}",
        HISTORY_UPLOADS=str(tmp_path),
        OPENBLAS_NUM_THREADS="1",
    )
    assert over.stdout == f"{(MEMORY, MEMORY)}\n"
    assert over.stderr.rstrip().endswith("MemoryError")


def test_a_worker_that_never_ends_is_ended() -> None:
    assert run(WITHOUT_END, OPENBLAS_NUM_THREADS="1").returncode < 0


def test_rows_are_counted_against_both_limits() -> None:
    count = RowCount(RowLimits(per_import=10, per_account=20), read=0, kept=12)
    count.add(5, 5)
    count.add(5, 3)
    with pytest.raises(TooManyRows, match="more than 10 rows"):
        count.add(1, 0)
    with pytest.raises(TooManyRows, match="more than 20 rows"):
        RowCount(RowLimits(per_import=10, per_account=20), read=0, kept=20).add(1, 1)
