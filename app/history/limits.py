"""What an import, an account and the worker's process may take of this machine."""

import logging
import resource
from dataclasses import dataclass

log = logging.getLogger(__name__)

MEMORY = 3 * 2**29  # bytes of address space for the whole worker: 1.5 GiB
CPU_SECONDS = 600  # for one import; a second more for each megabyte of its upload


class TooManyRows(Exception):
    """An import holds more than it may; the message is a sentence for the reader."""


@dataclass(frozen=True)
class RowLimits:
    """The most rows of one import, read or not, and the most readable rows of one account."""

    per_import: int = 5_000_000
    per_account: int = 10_000_000


class RowCount:
    """The rows of an import so far, counted while it is read.

    `read`: entries of any kind; `kept`: the account's readable rows, those of earlier imports included.
    """

    def __init__(self, limits: RowLimits, read: int, kept: int) -> None:
        self._limits = limits
        self._read = read
        self._kept = kept

    def check(self, entries: int) -> None:
        """Raises TooManyRows if so many more entries are too many for an import."""
        if self._read + entries > self._limits.per_import:
            raise TooManyRows(
                f"This import has more than {self._limits.per_import:,} rows, the most that this site takes "
                "in one import. Nothing of it was kept. Send fewer files at a time."
            )

    def add(self, read: int, kept: int) -> None:
        """Counts a file's entries and its readable rows. Raises TooManyRows."""
        self.check(read)
        self._read += read
        self._kept += kept
        if self._kept > self._limits.per_account:
            raise TooManyRows(too_many_for_an_account(self._limits))


def too_many_for_an_account(limits: RowLimits) -> str:
    """Why an import fails that would make an account too large."""
    return (
        f"With this import your history would have more than {limits.per_account:,} rows, the most that "
        "this site keeps for one account. Nothing of it was kept. Undo an older import, then send it again."
    )


def limit_memory() -> None:
    """Limits this process's memory for good: what takes more fails with a MemoryError."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError) as error:  # macOS has no such limit
        log.warning("the memory of the import worker is not limited: %s", error)


def limit_cpu(upload_bytes: int) -> None:
    """Lets the kernel end this process if the import of such an upload takes absurdly long."""
    seconds = CPU_SECONDS + upload_bytes // 2**20
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard)
    )
