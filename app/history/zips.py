"""Zips inside zips, opened one in the other in bounded memory.

A zip inside another lies in a file without a name while it is read, in the folder of the outermost.
"""

import errno
import io
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from app.history.uploads import SPARE, room

LARGEST_DIRECTORY = 4 * 2**20  # a zip's table of contents, which is read as a whole
IN_MEMORY = 4 * 2**20  # of a zip inside another; a larger one lies on the disk
_LOCAL_HEADER = 30  # bytes of the fixed part that precedes an entry's name and data
# What zipfile raises on the way through a file that is no good; struct and lzma have errors of their own.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
Place = tuple[int, ...]  # in each zip, from the outermost on, the number of an entry


class NotAnExport(Exception):
    """The upload as a whole cannot be used; the message is a sentence for the reader."""


class NoPlays(NotAnExport):
    """The upload is sound, and no file with plays."""


class Damaged(Exception):
    """A zip, or what is packed in it, cannot be read."""


@contextmanager
def reading() -> Iterator[None]:
    """Raises Damaged for whatever comes of reading what is no good; not for what the disk does wrong."""
    try:
        yield
    except _BROKEN as error:
        raise Damaged from error
    except OSError as error:
        # What bzip2 cannot read has no number, and a place before the beginning is an invalid one.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise Damaged from error


class Zips:
    """The zips of an upload: the outermost, and of those inside it the one that was asked for last, with all
    that it lies in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place: Place = ()
        self._open: list[tuple[zipfile.ZipFile, IO[bytes]]] = []

    def opened(self, place: Place) -> zipfile.ZipFile:
        """The zip at a place; at () the upload itself. Raises Damaged, NotAnExport."""
        if not self._open:
            self._add(self._path.open("rb"))
        while self._place != place[: len(self._place)]:
            self._close_last()
            self._place = self._place[:-1]
        for number in place[len(self._place) :]:
            self._add(self._unpacked(number))
            self._place += (number,)
        return self._open[-1][0]

    def close(self) -> None:
        """Closes them all."""
        while self._open:
            self._close_last()

    def _close_last(self) -> None:
        archive, file = self._open.pop()
        archive.close()
        file.close()

    def _add(self, file: IO[bytes]) -> None:
        try:
            self._open.append((_archive(file), file))
        except BaseException:
            file.close()
            raise

    def _unpacked(self, number: int) -> IO[bytes]:
        archive = self._open[-1][0]
        inside = archive.infolist()[number]
        folder = self._path.parent
        if inside.file_size > IN_MEMORY and room(folder) - inside.file_size < SPARE:
            raise OSError(errno.ENOSPC, "no space left for a zip inside another")
        file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY, dir=str(folder))  # noqa: SIM115
        try:
            with reading(), archive.open(inside) as packed:
                shutil.copyfileobj(packed, file, 2**20)
        except BaseException:
            file.close()
            raise
        return file


class _Frugal(io.BufferedIOBase):
    """A file that nobody reads much of at once, while `frugal`: a zip may claim any table of contents."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.frugal = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.frugal:
            size = LARGEST_DIRECTORY if size is None or size < 0 else size
            if size > LARGEST_DIRECTORY:
                raise zipfile.BadZipFile
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Raises Damaged, NotAnExport."""
    frugal = _Frugal(file)
    with reading():
        archive = zipfile.ZipFile(frugal)
    frugal.frugal = False
    _refuse_overlaps(archive.infolist())
    return archive


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Refuses entries that share bytes, as in a small zip that holds endlessly much. Raises NotAnExport."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in pairwise(ordered):
        if following.header_offset < entry.header_offset + _LOCAL_HEADER + entry.compress_size:
            raise NotAnExport("The files in this zip overlap. Send the zip as it came.")
