"""How an export comes in: straight to its place on the disk, file by file, never through memory.

It is the only form that may be large. What breaks off on its way leaves nothing behind.
"""

from contextlib import suppress
from typing import IO

from flask import Flask, Request, g, request

from app.pages.faults import InsufficientStorage
from app.pages.visitors import site
from app.reports.history.imports import NoRoom, receiving_file, reserve, room

LARGEST_UPLOAD = 4 * 2**30
LARGEST_WITHOUT_LENGTH = 256 * 2**20
_ADDRESS = "/history/import"


class UploadRequest(Request):
    """A request whose files lie where imports take them from."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.path != _ADDRESS:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        file = receiving_file(site())
        g.setdefault("incoming", []).append(file)
        return file


def register_uploads(app: Flask) -> None:
    """Lets exports in. To be called before anything that reads forms."""
    app.request_class = UploadRequest
    app.before_request(_let_uploads_in)
    app.teardown_request(_forget_what_came_in)


def _let_uploads_in() -> None:
    if request.path != _ADDRESS or request.method != "POST":
        return
    size = request.content_length
    if size is None:
        # A browser says how much it sends. Who does not gets half of what is left, and no more than this.
        size = max(1, min(LARGEST_WITHOUT_LENGTH, room(site()) // 2))
        request.max_content_length = size
    else:
        request.max_content_length = LARGEST_UPLOAD
    if size > LARGEST_UPLOAD:
        return  # refused as such when the form is read
    try:
        g.incoming = [reserve(site(), size)]
    except NoRoom as error:
        raise InsufficientStorage from error


def _forget_what_came_in(_error: BaseException | None) -> None:
    for file in g.pop("incoming", ()):
        with suppress(FileNotFoundError):
            file.close()
