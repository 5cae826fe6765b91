"""The log: one format for the site, its workers and the web server. Times are UTC.

An event is one line: control characters, line ends and terminal escapes in a message are shown as escapes,
so that a name from outside can neither forge a line nor steer a terminal. A traceback follows its event on
lines that are indented, as no event's line is.
"""

import logging
import time
from typing import Any

_INDENT = "    "


class LineFormatter(logging.Formatter):
    """`2026-11-26T00:03:28Z INFO app.imports: message`."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        """The event's line."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - likewise
        """The traceback, indented."""
        return "\n".join(_INDENT + escape(line) for line in super().formatException(ei).split("\n"))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - likewise
        """Where the event was logged, indented likewise."""
        return "\n".join(_INDENT + escape(line) for line in stack_info.split("\n"))


def escape(text: str) -> str:
    """`text` on one line, with everything that does not print as an escape such as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )


def set_up_logging(level: int = logging.INFO) -> None:
    """Sends this process's log to stderr, unless whoever runs it has set it up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
