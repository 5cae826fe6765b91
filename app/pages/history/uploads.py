"""How an export comes in: straight to its place on the disk, file by file, never through memory.

It is the only form that may be large. What breaks off on its way leaves nothing behind.
"""

from contextlib import suppress
from typing import IO

from flask import Flask, Request, g, request

from app.pages.faults import InsufficientStorage
from app.pages.visitors import site
from app.reports.history.imports import has_room, receiving_file

LARGEST_UPLOAD = 4 * 2**30
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
    request.max_content_length = LARGEST_UPLOAD
    size = request.content_length or 0
    # What is too large anyway is refused as such.
    if size <= LARGEST_UPLOAD and not has_room(site(), size):
        raise InsufficientStorage


def _forget_what_came_in(_error: BaseException | None) -> None:
    for file in g.pop("incoming", ()):
        with suppress(FileNotFoundError):
            file.close()
