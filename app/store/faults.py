"""What a database error means for a visitor: full, busy, read-only or not answering."""

import errno
import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Fault(Enum):
    """A fault that passes, or that the owner can mend. Anything else is a fault of the program."""

    FULL = "full"
    BUSY = "busy"
    READ_ONLY = "read-only"
    DOWN = "not answering"


_BY_ERRNO = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EROFS: Fault.READ_ONLY,
    errno.EACCES: Fault.READ_ONLY,
    errno.EPERM: Fault.READ_ONLY,
}
# SQLite says so of the file that its readers share, when there is no room to make it.
_NO_ROOM_FOR_SHARED_MEMORY = sqlite3.SQLITE_IOERR_SHMSIZE
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_IOERR: Fault.DOWN,
    sqlite3.SQLITE_CANTOPEN: Fault.DOWN,
    sqlite3.SQLITE_NOTADB: Fault.DOWN,
    sqlite3.SQLITE_CORRUPT: Fault.DOWN,
}
# Source: PostgreSQL's documentation, appendix A. A deadlock's victim may try again.
_BY_SQLSTATE = {
    "53100": Fault.FULL,
    "40001": Fault.BUSY,
    "40P01": Fault.BUSY,
    "55P03": Fault.BUSY,
    "25006": Fault.READ_ONLY,
}


def fault_of(error: BaseException | None) -> Fault | None:
    """What an error says about the database or the disk; `None` for any other error."""
    if isinstance(error, OSError) and error.errno is not None:
        return _BY_ERRNO.get(error.errno)
    if isinstance(error, PoolTimeout):
        return Fault.BUSY
    if not isinstance(error, DBAPIError):
        return None
    return _fault_of_driver(error)


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room left, on a disk or in the database."""
    return fault_of(error) is Fault.FULL


def _fault_of_driver(error: DBAPIError) -> Fault | None:
    driver = error.orig
    code = getattr(driver, "sqlite_errorcode", None)
    if code == _NO_ROOM_FOR_SHARED_MEMORY:
        return Fault.FULL
    if code is not None and (fault := _BY_SQLITE.get(code & 0xFF)):
        return fault
    message = str(driver).lower()
    if "no such table" in message:
        return Fault.DOWN  # the file was deleted, and SQLite made an empty one
    if "is full" in message or "no space" in message:
        return Fault.FULL
    if code is not None:
        return None
    if fault := _BY_SQLSTATE.get(getattr(driver, "sqlstate", None) or ""):
        return fault
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return Fault.DOWN if lost else None
