"""Some columns of the plays, drawn from the database without the others: much of a page's time is copying."""

from collections.abc import Collection

import msgspec
import numpy as np

from app.history.history import Ledgers
from app.history.parts import rows_name
from app.history.section import ROW_COLUMNS, Rows

# Views into what came from the database, not copies of it.
_PART = msgspec.msgpack.Decoder(dict[str, memoryview])


def columns(of: Ledgers, kind: str, names: Collection[str]) -> Rows:
    """All plays of a kind, in order of their start, with these columns alone."""
    parts = [rows_name(kind, year) for year in of.ledger.years[kind]]
    bodies = [_PART.decode(body) for body in of.parts(parts)]
    return Rows(
        {name: np.frombuffer(b"".join(body[name] for body in bodies), ROW_COLUMNS[name]) for name in names}
    )
