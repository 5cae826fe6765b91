"""Which faults of the database pass by themselves, so that the same is worth another try later."""

import logging
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Wait = Callable[[float], None]  # lets so many seconds pass
LONGEST_WAIT = 60.0

# PostgreSQL's error codes: connection lost, server starting or stopping, session ended, too many connections,
# serialization failure, deadlock, lock or statement timed out.
# Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONNECTION = "08"
_PASSING = (
    "57P01",
    "57P02",
    "57P03",
    "57P05",
    "25P03",
    "53300",
    "40001",
    "40P01",
    "55P03",
    "57014",
)


def is_passing(error: SQLAlchemyError) -> bool:
    """Whether a fault is that of a database which is busy, starting, or out of reach for the moment."""
    if isinstance(error, NoConnectionFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return code in _PASSING or code.startswith(_CONNECTION)
    message = str(error.orig).lower()
    if type(error.orig).__module__.startswith("psycopg"):
        # Without a code it is the client that complains: there is no connection, or no longer.
        return isinstance(error, OperationalError | InterfaceError) and "out of memory" not in message
    return isinstance(error, OperationalError) and ("locked" in message or "busy" in message)


def patiently(do: Callable[[], Result], wait: Wait | None) -> Result:
    """What `do` gives, tried again after 1, 2, 4 … 60 seconds while the database has a passing fault."""
    for earlier in count():
        try:
            return do()
        except SQLAlchemyError as error:
            if wait is None or not is_passing(error):
                raise
            log.warning("the database cannot be used: %s", getattr(error, "orig", None) or error)
        # Out here, where the error no longer holds on to what it has gone through.
        wait(min(2.0 ** min(earlier, 10), LONGEST_WAIT))
    raise AssertionError("without end")
