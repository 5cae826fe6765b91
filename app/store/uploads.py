"""Uploads in PostgreSQL, in chunks: a worker may be on another machine than the site that received them.

Written and read a chunk at a time, so that an upload of any size takes no memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, delete, func, insert, select

from app.store.engine import Store
from app.store.imports import UNDER_WAY
from app.store.tables import history_import, history_upload, history_upload_chunk

CHUNK = 2**20  # bytes
_C = history_upload_chunk.c


def write_chunks(connection: Connection, uploads: Iterable[tuple[str, IO[bytes] | Path]]) -> None:
    """Keeps uploads, each as the name that it is stored by and where it is."""
    for stored_as, file in uploads:
        if isinstance(file, Path):
            with file.open("rb") as opened:
                _write(connection, stored_as, opened)
        else:
            file.seek(0)
            _write(connection, stored_as, file)


def _write(connection: Connection, stored_as: str, file: IO[bytes]) -> None:
    for place in count():
        body = file.read(CHUNK)
        if not body and place:  # an empty upload is one chunk
            return
        connection.execute(insert(history_upload_chunk).values(stored_as=stored_as, place=place, body=body))


def read_chunks(store: Store, stored_as: str) -> Iterator[bytes]:
    """An upload, chunk by chunk; nothing where it is gone."""
    for place in count():
        query = select(_C.body).where(_C.stored_as == stored_as, _C.place == place)
        with store.reading() as connection:
            body: bytes | None = connection.scalar(query)
        if body is None:
            return
        yield body


def size_of_chunks(store: Store, stored_as: str) -> int:
    """How many bytes an upload has, to within a chunk."""
    query = select(func.count()).where(_C.stored_as == stored_as)
    with store.reading() as connection:
        return CHUNK * (connection.scalar(query) or 0)


def drop_chunks(store: Store, stored_as: Sequence[str]) -> None:
    """Deletes uploads."""
    if stored_as:
        with store.writing() as connection:
            connection.execute(delete(history_upload_chunk).where(_C.stored_as.in_(stored_as)))


def drop_unused_chunks(store: Store) -> None:
    """Deletes uploads that belong to no import under way."""
    in_use = (
        select(history_upload.c.stored_as)
        .join(history_import, history_import.c.id == history_upload.c.import_id)
        .where(history_import.c.state.in_(UNDER_WAY))
    )
    with store.writing() as connection:
        connection.execute(delete(history_upload_chunk).where(_C.stored_as.not_in(in_use)))
