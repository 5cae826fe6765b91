"""Answers compressed, with Brotli or gzip as the browser takes them: pages each time, static files once.

A page holds a CSRF token and may repeat words of its address, so that its compressed length could tell a
listener on the line about the token. Pages are therefore blurred, by a comment of random length at their end;
and the token's signature is another each second.
"""

import secrets
from functools import lru_cache
from gzip import compress as gzip

from flask import Response, request

try:
    import brotli
except ImportError:  # Brotli is a compiled package; pages are a quarter larger without it
    brotli = None

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
ENCODINGS = ("br", "gzip") if brotli else ("gzip",)
LONGEST_BLUR = 32  # bytes of randomness


def compress(response: Response) -> None:
    """Compresses the answer in place where that helps. Its ETag, if any, becomes a weak one."""
    is_file = request.endpoint == "static"
    if response.mimetype not in COMPRESSED or "Content-Encoding" in response.headers:
        return
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or (response.is_streamed and not is_file):
        return
    encoding = next((name for name in ENCODINGS if request.accept_encodings.quality(name) > 0), None)
    if encoding is None:
        return
    response.direct_passthrough = False
    body = response.get_data()
    if not SMALLEST <= len(body) <= LARGEST:
        return
    if response.mimetype == "text/html":
        body += f"<!--{secrets.token_hex(secrets.randbelow(LONGEST_BLUR))}-->".encode()
    response.set_data(_thoroughly(body, encoding) if is_file else _quickly(body, encoding))
    response.headers["Content-Encoding"] = encoding
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)


def _quickly(body: bytes, encoding: str) -> bytes:
    return brotli.compress(body, quality=5) if encoding == "br" else gzip(body, 9, mtime=0)


@lru_cache(maxsize=128)
def _thoroughly(body: bytes, encoding: str) -> bytes:
    return brotli.compress(body, quality=11) if encoding == "br" else gzip(body, 9, mtime=0)
