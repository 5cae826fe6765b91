"""The CSRF token of an upload, checked before anything of the upload is written to the disk.

It comes in the header `X-CSRFToken`, in the query as `csrf_token`, or as the form's field `csrf_token`. The
field stands before the files; only in an upload that is small enough to be held in memory may it follow them.
"""

from typing import IO

from flask import Request
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

FIELD = "csrf_token"
LARGEST_IN_MEMORY = 2**20  # bytes
_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
_LARGEST_HEAD = 64 * 1024  # bytes of a body in which the field must be complete
_STEP = 4096


class RereadStream:
    """A stream whose first bytes were read already, and are read once more."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        if not self._head:
            return self._rest.read(size)
        end = len(self._head) if size < 0 else size
        found, self._head = self._head[:end], self._head[end:]
        return found + self._rest.read() if size < 0 else found


def sent_token(request: Request) -> str | None:
    """The token in the header or in the query."""
    sent = (*(request.headers.get(name) for name in _HEADERS), request.args.get(FIELD))
    return next(filter(None, sent), None)


def validate_token(token: str | None) -> None:
    """Raises CSRFError unless it is a token of this session."""
    try:
        validate_csrf(token)
    except ValueError as error:
        raise CSRFError(str(error)) from error


def read_token(stream: IO[bytes], boundary: str) -> tuple[str | None, bytes]:
    """The token field of a multipart body, if it comes before any file; and what was read to find it."""
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=_LARGEST_HEAD)
    head, name, value = b"", "", b""
    while len(head) < _LARGEST_HEAD and (chunk := stream.read(_STEP)):
        head += chunk
        for event in _events(decoder, chunk):
            if isinstance(event, File):
                return None, head
            if isinstance(event, Field):
                name, value = event.name, b""
            elif isinstance(event, Data) and name == FIELD:
                value += event.data
                if not event.more_data:
                    return value.decode(errors="replace"), head
    return None, head


def _events(decoder: MultipartDecoder, chunk: bytes) -> list[Event]:
    """What a further piece of a body completes; nothing more where it makes no sense."""
    found: list[Event] = []
    try:
        decoder.receive_data(chunk)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            found.append(event)
            if isinstance(event, File):
                break
    except ValueError:
        pass  # the form's own parser says what is wrong with it
    return found
