"""How an export comes in: straight to its place on the disk, file by file, never through memory.

It is the only form that may be large. What breaks off on its way leaves nothing behind.
"""

from contextlib import suppress
from io import BytesIO
from typing import IO, cast

from flask import Flask, Request, g, request
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

from app.web.auth import may_import, site
from app.web.errors import LOG_IN, Declined, ErrorPage
from app.web.faults import InsufficientStorage
from app.web.imports.report import NoRoom, receiving_file, reserve, room
from app.web.imports.upload_token import (
    FIELD,
    LARGEST_IN_MEMORY,
    RereadStream,
    read_token,
    sent_token,
    validate_token,
)
from app.web.limits import limit_uploads

LARGEST_UPLOAD = 4 * 2**30
LARGEST_WITHOUT_LENGTH = 256 * 2**20
_ADDRESS = "/history/import"


_MEMBERS_ONLY = ErrorPage(
    403,
    "Log in to import",
    "On this site only people who are logged in may import. Nothing of this upload was kept.",
    action=LOG_IN,
)


class UploadRequest(Request):
    """A request whose files lie where imports take them from, once its token is known to be good."""

    token_is_valid = False
    _reread: RereadStream | None = None

    def token_before_files(self) -> str | None:
        """The token field of a multipart body, if it comes before any file."""
        if self.mimetype != "multipart/form-data":
            return None
        stream = self._get_stream_for_parsing()
        token, head = read_token(stream, self.mimetype_params.get("boundary", ""))
        self._reread = RereadStream(head, stream)
        return token

    def make_form_data_parser(self) -> FormDataParser:
        """The parser of the form; of an upload, one that tells a broken body from an empty one."""
        parser = super().make_form_data_parser()
        parser.silent = self.path != _ADDRESS
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except ValueError as error:
            raise BadRequest from error

    def _get_stream_for_parsing(self) -> IO[bytes]:
        if self._reread is not None:
            return cast(IO[bytes], self._reread)
        return super()._get_stream_for_parsing()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.path != _ADDRESS:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        if not self.token_is_valid:
            return BytesIO()
        file = receiving_file(site())
        g.setdefault("incoming", []).append(file)
        return file


def register_uploads(app: Flask) -> None:
    """Lets exports in. To be called before anything that reads forms."""
    app.request_class = UploadRequest
    app.before_request(_let_uploads_in)
    app.teardown_request(_forget_what_came_in)


def _let_uploads_in() -> None:
    if request.endpoint != "history.import_files":
        return
    upload = cast(UploadRequest, request)
    if not may_import():
        raise Declined(_MEMBERS_ONLY)
    size = request.content_length
    if size is None:
        # A browser says how much it sends. Who does not gets half of what is left, and no more than this.
        size = max(1, min(LARGEST_WITHOUT_LENGTH, room(site()) // 2))
    if upload.mimetype == "multipart/form-data":  # other forms are read into memory
        # Before the token is looked for, which may be in the body: what is open then keeps its limit.
        upload.max_content_length = LARGEST_UPLOAD if request.content_length is not None else size
    _check_token(upload)
    limit_uploads()
    if size > LARGEST_UPLOAD:
        return  # refused as such when the form is read
    try:
        g.incoming = [reserve(site(), size)]
    except NoRoom as error:
        raise InsufficientStorage from error


def _check_token(upload: UploadRequest) -> None:
    """Raises CSRFError unless the upload has a good token."""
    token = sent_token(upload) or upload.token_before_files()
    if token is None and upload.content_length is not None and upload.content_length <= LARGEST_IN_MEMORY:
        token = upload.form.get(FIELD)
    validate_token(token)
    upload.token_is_valid = True


def _forget_what_came_in(_error: BaseException | None) -> None:
    for file in g.pop("incoming", ()):
        with suppress(FileNotFoundError):
            file.close()
