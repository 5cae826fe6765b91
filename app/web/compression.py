"""Answers compressed with gzip, for who takes it: pages each time, static files once.

A page holds a CSRF token and may repeat words of its address, so that its compressed length could tell a
listener on the line about the token. The length is therefore blurred, by a name of random length that
gzip's header carries; and the token's signature is another each second.
"""

import secrets
from functools import lru_cache
from gzip import GzipFile
from io import BytesIO

from flask import Response, request

COMPRESSED = frozenset(
    (
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
    )
)
SMALLEST, LARGEST = 500, 4_000_000  # bytes; less gains nothing, more keeps the processor too long
QUICKLY, THOROUGHLY = 6, 9
LONGEST_NAME = 64


def compress(response: Response) -> None:
    """Compresses the answer in place where that helps. Its ETag, if any, becomes a weak one."""
    is_file = request.endpoint == "static"
    if response.mimetype not in COMPRESSED or "Content-Encoding" in response.headers:
        return
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or (response.is_streamed and not is_file):
        return
    if request.accept_encodings.quality("gzip") <= 0:
        return
    response.direct_passthrough = False
    body = response.get_data()
    if not SMALLEST <= len(body) <= LARGEST:
        return
    response.set_data(_compress_file(body) if is_file else _gzip(body, QUICKLY, _random_name()))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)


@lru_cache(maxsize=128)
def _compress_file(body: bytes) -> bytes:
    return _gzip(body, THOROUGHLY)


def _gzip(body: bytes, level: int, name: str = "") -> bytes:
    packed = BytesIO()
    with GzipFile(name, "wb", level, packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()


def _random_name() -> str:
    return "x" * secrets.randbelow(LONGEST_NAME)
