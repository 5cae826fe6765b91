"""The saved tracks of one reading: rows in, and counted, sorted, searched and paged out.

`StoredLibrary` names a reading: an account and the reading's number. Sums and counts are the database's
work, so that a library of any size takes no memory here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, case, func, literal, or_, select, tuple_

from app.store.engine import Store
from app.store.tables import saved_track

CHUNK = 1000
_T = saved_track.c


@dataclass(frozen=True)
class StoredLibrary:
    """One reading of one account's library."""

    store: Store
    account_id: int
    reading: int

    @property
    def _mine(self) -> ColumnElement[bool]:
        return (_T.account_id == self.account_id) & (_T.reading == self.reading)


@dataclass(frozen=True)
class Credit:
    """An artist as a kept track credits it."""

    id: str | None
    name: str | None


@dataclass(frozen=True)
class Saved:
    """A saved track as it is kept. `added_at`: Unix seconds, `None` where unknown."""

    id: str | None
    name: str | None
    artists: tuple[Credit, ...]
    album: str | None
    url: str | None
    image: str | None
    added_at: float | None
    duration_ms: int | None
    explicit: bool
    local: bool
    removed: bool


@dataclass(frozen=True)
class Count:
    """How many tracks share something: a month ("2026-11"), a decade (1980), an artist's name."""

    what: str | int
    count: int


@dataclass(frozen=True)
class Totals:
    """Over all tracks of a reading. `dated`: how many have a release year."""

    tracks: int = 0
    duration_ms: int = 0
    explicit: int = 0
    local: int = 0
    removed: int = 0
    dated: int = 0


_DECODE = msgspec.json.Decoder(tuple[Credit, ...]).decode
_SHOWN = [
    _T.track_id,
    _T.name,
    _T.artists,
    _T.album,
    _T.url,
    _T.image,
    _T.added_at,
    _T.place,
    _T.duration_ms,
    _T.explicit,
    _T.local,
    _T.removed,
]
_SEARCHED = (_T.name_key, _T.artist_key, _T.album_key)
SORTS = {
    "added": (_T.added_at, _T.place),
    "title": (_T.name_key, _T.artist_key),
    "artist": (_T.artist_key, _T.album_key, _T.name_key),
    "album": (_T.album_key, _T.name_key),
    "duration": (_T.duration_ms, _T.name_key),
}


def row_of(saved: Saved, release_date: str | None, place: int) -> dict[str, Any]:
    """A saved track as a row. `place`: the greater, the newer."""
    added = datetime.fromtimestamp(saved.added_at, UTC) if saved.added_at else None
    first = saved.artists[0].name if saved.artists else None
    return {
        "key": _key(saved, place),
        "place": place,
        "track_id": saved.id,
        "name": saved.name,
        "artists": msgspec.json.encode(saved.artists),
        "artist": first,
        "album": saved.album,
        "url": saved.url,
        "image": saved.image,
        "added_at": saved.added_at or 0.0,
        "added_month": f"{added:%Y-%m}" if added else None,
        "year": _year(release_date),
        "duration_ms": saved.duration_ms,
        "explicit": saved.explicit,
        "local": saved.local,
        "removed": saved.removed,
        "name_key": folded(saved.name),
        "artist_key": folded(", ".join(artist.name or "" for artist in saved.artists)),
        "album_key": folded(saved.album),
    }


def folded(text: str | None) -> str:
    """Text as it is sorted and searched by."""
    return (text or "").casefold().replace("\x00", "")


def totals(library: StoredLibrary) -> Totals:
    """Sums over the whole library."""
    query = select(
        func.count(),
        func.coalesce(func.sum(_T.duration_ms), 0),
        *(
            func.coalesce(func.sum(case((flag, 1), else_=0)), 0)
            for flag in (_T.explicit, _T.local, _T.removed)
        ),
        func.count(_T.year),
    ).where(library._mine)
    with library.store.reading() as connection:
        return Totals(*map(int, connection.execute(query).one()))


def added_by_month(library: StoredLibrary) -> list[Count]:
    """How many tracks were added in each month (UTC) that has any, oldest first."""
    return _counts(library, _T.added_month, _T.added_month)


def decades(library: StoredLibrary) -> list[Count]:
    """How many tracks were released in each decade that has any, oldest first; undated ones left out."""
    decade = _T.year - _T.year % 10
    return _counts(library, decade, decade)


def artists(library: StoredLibrary, most: int | None = None) -> list[Count]:
    """First-named artists by how many tracks are saved, most first, then by name."""
    return _counts(library, _T.artist, func.count().desc(), _by_code_point(library, _T.artist), most=most)


def newest(library: StoredLibrary) -> Saved | None:
    """The track that was saved last."""
    return _one(library, _T.added_at.desc(), _T.place.desc())


def oldest(library: StoredLibrary) -> Saved | None:
    """The track that was saved first."""
    return _one(library, _T.added_at, _T.place)


def page(
    library: StoredLibrary,
    words: str,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
    month: str | None = None,
) -> tuple[list[Saved], int]:
    """A stretch of the table: tracks whose title, artists or album hold all `words`; and how many do.

    `month`: only those that were added in it ("2026-11", UTC).
    """
    matching = library._mine
    if month is not None:
        matching &= _T.added_month == month
    for word in folded(words).split():
        matching &= or_(*(column.contains(word, autoescape=True) for column in _SEARCHED))
    by = [_plainly(library, column) for column in SORTS[sort]]
    order = [column.desc() if descending else column for column in by]
    with library.store.reading() as connection:
        found = connection.scalar(select(func.count()).where(matching)) or 0
        query = select(*_SHOWN).where(matching).order_by(*order, _T.place.desc())
        rows = connection.execute(query.offset(offset).limit(limit)).all()
    return [_saved(row) for row in rows], found


def everything(library: StoredLibrary) -> Iterator[Saved]:
    """Every track, newest first, drawn from the database a thousand at a time."""
    query = select(*_SHOWN).where(library._mine).order_by(_T.added_at.desc(), _T.place.desc()).limit(CHUNK)
    rows = _rows(library, query)
    while rows:
        yield from map(_saved, rows)
        last = rows[-1]
        further = tuple_(_T.added_at, _T.place) < tuple_(literal(last.added_at), literal(last.place))
        rows = _rows(library, query.where(further)) if len(rows) == CHUNK else []


def which_are_saved(
    library: StoredLibrary, track_ids: Sequence[str], titles: Sequence[tuple[str, str]]
) -> set[object]:
    """Which of these are in the library: track ids, and pairs of title and first artist (case-folded).

    A recording is often there as another release, with another id.
    """
    by_title = select(_T.name_key, _T.artist).where(
        library._mine, _T.name_key.in_([title for title, _ in titles])
    )
    by_id = select(_T.track_id).where(library._mine, _T.track_id.in_(track_ids))
    with library.store.reading() as connection:
        found: set[object] = set(connection.scalars(by_id))
        found |= {(row.name_key, folded(row.artist)) for row in connection.execute(by_title)}
    return found


def _counts(library: StoredLibrary, column: Any, *order: Any, most: int | None = None) -> list[Count]:
    query = select(column.label("what"), func.count().label("count")).where(
        library._mine, column.is_not(None)
    )
    with library.store.reading() as connection:
        rows = connection.execute(query.group_by(column).order_by(*order).limit(most)).all()
    return [Count(row.what, row[1]) for row in rows]


def _one(library: StoredLibrary, *order: Any) -> Saved | None:
    query = select(*_SHOWN).where(library._mine, _T.added_at > 0).order_by(*order).limit(1)
    rows = _rows(library, query)
    return _saved(rows[0]) if rows else None


def _rows(library: StoredLibrary, query: Select[Any]) -> Sequence[Row[Any]]:
    with library.store.reading() as connection:
        return connection.execute(query).all()


def _saved(row: Row[Any]) -> Saved:
    return Saved(
        id=row.track_id,
        name=row.name,
        artists=_DECODE(row.artists),
        album=row.album,
        url=row.url,
        image=row.image,
        added_at=row.added_at or None,
        duration_ms=row.duration_ms,
        explicit=row.explicit,
        local=row.local,
        removed=row.removed,
    )


def _plainly(library: StoredLibrary, column: Any) -> Any:
    """What a column is sorted by: text by its code points; unknown lengths count as 0."""
    if column.type.python_type is str:
        return _by_code_point(library, column)
    return func.coalesce(column, 0)


def _by_code_point(library: StoredLibrary, column: Any) -> Any:
    """Text that either database sorts alike."""
    return column.collate("C") if library.store.engine.dialect.name == "postgresql" else column


def _key(saved: Saved, place: int) -> str:
    """What tells a track from the others: its id, or what a local file says of itself, or its place."""
    if saved.id:
        return saved.id[:250]
    if not saved.name:
        return f"gone:{saved.added_at or 0:.0f}:{place}"
    words = "\0".join((saved.name, *(artist.name or "" for artist in saved.artists), saved.album or ""))
    return f"local:{sha256(f'{words}{saved.duration_ms}'.encode('utf-8', 'replace')).hexdigest()}"


def _year(release_date: str | None) -> int | None:
    year = (release_date or "")[:4]
    return int(year) if len(year) == 4 and year.isascii() and year.isdigit() and int(year) > 999 else None
