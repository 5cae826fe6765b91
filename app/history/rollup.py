"""What plays add up to, whatever the time zone: counted once at import for all of them, and anew for a range.

`counts` are over plays of at least the threshold; skips, shuffle, offline and reasons are over every row that
tells of them.
Times are Unix seconds, lengths milliseconds. A slot is a quarter of an hour UTC, to which every time zone of
today keeps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import NO, UNKNOWN, Ints
from app.history.platforms import FAMILIES
from app.history.section import Names, Rows, no_rows
from app.history.sessions import SessionCount

SLOT = 900
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Rollup:
    """Sums over plays. An array's place is the number of a track, album, country, family or reason.

    `slots`: where each slot with plays is, counted from the epoch. `first`: when each track was first played,
    NEVER where not. `session_seconds`: from the first start to the last end of each session.
    `rows`, `track_rows`: rows that tell whether they were skipped. `estimated_plays`, `estimated_ms`: how
    many of the plays, and how much of `ms`, are estimated; `unknown_plays`: of how many it is unknown.
    """

    plays: int
    ms: int
    begins: int
    ends: int
    track_plays: Ints
    track_ms: Ints
    album_plays: Ints
    album_ms: Ints
    first: Ints
    slots: Ints
    slot_plays: Ints
    slot_ms: Ints
    platform_plays: Ints
    platform_ms: Ints
    country_plays: Ints
    country_ms: Ints
    rows: int
    skipped: int
    track_rows: Ints
    track_skipped: Ints
    shuffle_rows: int
    shuffled: int
    offline_rows: int
    offline: int
    reasons: Ints
    sessions: int
    session_seconds: int
    longest_session: int
    longest_session_at: int
    estimated_plays: int = 0
    estimated_ms: int = 0
    unknown_plays: int = 0

    @property
    def track_length(self) -> Ints:
        """About how many rows each track has, whether they count or not."""
        return np.maximum(self.track_rows, self.track_plays)

    def packed(self) -> bytes:
        """As it is stored in the database: of each slot, how many slots after the one before."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        slots = values.pop("slots")
        values["slot_steps"] = np.diff(slots, prepend=slots[:1])
        return msgspec.msgpack.encode({name: _plain(value) for name, value in values.items()})

    @classmethod
    def unpacked(cls, body: bytes) -> "Rollup":
        """What `packed` packed, or an older program did, with the slots themselves."""
        values = {name: _array(value) for name, value in msgspec.msgpack.decode(body).items()}
        if "slots" not in values:
            values["slots"] = np.cumsum(values.pop("slot_steps")) + values["begins"] // SLOT
        return cls(**values)


def roll_up_blocks(blocks: Iterable[Rows], names: Names, threshold_ms: int) -> Rollup:
    """The sums over plays that come in blocks, in order of their start."""
    sessions = SessionCount()
    total: Rollup | None = None
    for rows in blocks:
        block = _roll_up(rows, names, threshold_ms, sessions)
        total = block if total is None else _sum(total, block)
    if total is None:
        return _roll_up(no_rows(), names, threshold_ms, sessions)
    sessions.finish()
    return replace(
        total,
        sessions=sessions.count,
        session_seconds=sessions.seconds,
        longest_session=sessions.longest,
        longest_session_at=sessions.longest_at,
    )


def add_rows(
    total: Rollup, rows: Rows, names: Names, threshold_ms: int, sessions: tuple[SessionCount, SessionCount]
) -> Rollup:
    """The sums with more plays. `sessions`: those around the new plays, before and after."""
    before, after = sessions
    found = _sum(total, _roll_up(rows, names, threshold_ms, SessionCount()))
    longest = max(
        (
            (length, -at)
            for length, at, count in (
                (total.longest_session, total.longest_session_at, total.sessions),
                (after.longest, after.longest_at, after.count),
            )
            if count
        ),
        default=(0, 0),
    )
    return replace(
        found,
        sessions=total.sessions + after.count - before.count,
        session_seconds=total.session_seconds + after.seconds - before.seconds,
        longest_session=longest[0],
        longest_session_at=-longest[1],
    )


def _roll_up(rows: Rows, names: Names, threshold_ms: int, sessions: SessionCount) -> Rollup:
    """The sums over these plays, but for the sessions: those are counted across blocks."""
    counts = rows.count(threshold_ms)
    measured = rows["measured"][counts] if "measured" in rows.columns else np.zeros(0, np.int8)
    estimated = measured == NO
    track, ms, start = rows["track"][counts], rows["ms"][counts], rows["start"][counts].astype(np.int64)
    tracks, albums, countries = len(names.tracks), len(names.albums), len(names.countries)
    first = np.full(tracks, NEVER, np.int64)
    # The last assignment stays: backwards, that is the first play.
    first[track[::-1]] = start[::-1]
    shuffle, offline, telling = rows["shuffle"], rows["offline"], rows["skip"] >= 0
    by_album = _both(rows["album"][counts], ms, albums)
    by_platform = _both(rows["platform"][counts], ms, len(FAMILIES))
    by_country = _both(rows["country"][counts], ms, countries)
    sessions.add(start, ms)
    begins, ends = (int(start[at]) if len(start) else 0 for at in (0, -1))
    start //= SLOT
    base = begins // SLOT
    start -= base
    slot_plays = np.bincount(start)
    slots = np.flatnonzero(slot_plays)
    return Rollup(
        plays=len(start),
        ms=int(ms.sum(dtype=np.int64)),
        begins=begins,
        ends=ends,
        track_plays=np.bincount(track, minlength=tracks),
        track_ms=_sums(track, ms, tracks),
        album_plays=by_album[0],
        album_ms=by_album[1],
        first=first,
        slots=slots + base,
        slot_plays=slot_plays[slots],
        slot_ms=_sums(start, ms, len(slot_plays))[slots],
        platform_plays=by_platform[0],
        platform_ms=by_platform[1],
        country_plays=by_country[0],
        country_ms=by_country[1],
        rows=int(telling.sum()),
        skipped=int((rows["skip"] > 0).sum()),
        track_rows=np.bincount(rows["track"] if telling.all() else rows["track"][telling], minlength=tracks),
        track_skipped=np.bincount(rows["track"][rows["skip"] > 0], minlength=tracks),
        shuffle_rows=int((shuffle >= 0).sum()),
        shuffled=int((shuffle > 0).sum()),
        offline_rows=int((offline >= 0).sum()),
        offline=int((offline > 0).sum()),
        reasons=np.bincount(rows["reason"][rows["reason"] >= 0], minlength=len(names.reasons)),
        sessions=0,
        session_seconds=0,
        longest_session=0,
        longest_session_at=0,
        estimated_plays=int(estimated.sum()),
        estimated_ms=int(ms[estimated].sum(dtype=np.int64)) if len(estimated) else 0,
        unknown_plays=int((measured == UNKNOWN).sum()),
    )


def _sum(first: Rollup, second: Rollup) -> Rollup:
    """Both together, but for the sessions; `second` may have more names than `first`."""
    sums = {
        field.name: _wide(getattr(first, field.name), getattr(second, field.name))
        + getattr(second, field.name)
        for field in fields(Rollup)
        if field.name not in _NOT_SUMS
    }
    slots, slot_plays, slot_ms = _sum_slots(first, second)
    moments = [(part.begins, part.ends) for part in (first, second) if part.plays]
    return Rollup(
        begins=min((begins for begins, _ in moments), default=0),
        ends=max((ends for _, ends in moments), default=0),
        first=np.minimum(_wide(first.first, second.first, NEVER), second.first),
        slots=slots,
        slot_plays=slot_plays,
        slot_ms=slot_ms,
        **sums,
    )


_NOT_SUMS = ("begins", "ends", "first", "slots", "slot_plays", "slot_ms")


def _wide(column: Any, like: Any, fill: int = 0) -> Any:
    """The column in the length of another."""
    if not isinstance(column, np.ndarray) or len(column) == len(like):
        return column
    return np.concatenate([column, np.full(len(like) - len(column), fill, column.dtype)])


def _sum_slots(first: Rollup, second: Rollup) -> tuple[Ints, Ints, Ints]:
    at = np.searchsorted(first.slots, second.slots)
    shared = np.zeros(len(at), bool)
    inside = at < len(first.slots)
    shared[inside] = first.slots[at[inside]] == second.slots[inside]

    fresh = ~shared

    def summed(column: Ints, more: Ints) -> Ints:
        column = _insert(column, at[fresh], more[fresh])
        column[np.searchsorted(slots, second.slots[shared])] += more[shared]
        return column

    slots = _insert(first.slots, at[fresh], second.slots[fresh])
    return slots, summed(first.slot_plays, second.slot_plays), summed(first.slot_ms, second.slot_ms)


def _insert(column: Ints, at: Ints, more: Ints) -> Ints:
    """A copy with more values before these places, in ascending order."""
    # Mostly they follow all others; then there is a much faster way.
    return np.insert(column, at, more) if len(at) and at[0] < len(column) else np.append(column, more)


def per_artist(by_track: Ints, names: Names) -> Ints:
    """Sums by artist out of sums by track; tracks of unknown artists are left out."""
    known = names.track_artist >= 0
    return _sums(names.track_artist[known], by_track[known], len(names.artists))


def first_per_artist(first: Ints, names: Names) -> Ints:
    """When each artist was first played, out of when each track was."""
    known = names.track_artist >= 0
    found = np.full(len(names.artists), NEVER, np.int64)
    np.minimum.at(found, names.track_artist[known], first[known])
    return found


def _both(at: NDArray[Any], ms: NDArray[Any], length: int) -> tuple[Ints, Ints]:
    """Plays and time for each number; what is unknown (-1) is left out."""
    known = at >= 0
    if not known.all():
        at, ms = at[known], ms[known]
    return np.bincount(at, minlength=length), _sums(at, ms, length)


def _sums(at: NDArray[Any], weights: NDArray[Any], length: int) -> Ints:
    # In floating point, exact up to 2**53: far more milliseconds than anybody has.
    sums: Ints = np.bincount(at, weights=weights, minlength=length).astype(np.int64)
    return sums


def _plain(value: Any) -> Any:
    """A value as it is packed; numbers as narrow as they can be, since every page draws them."""
    if not isinstance(value, np.ndarray):
        return value
    low, high = (int(value.min()), int(value.max())) if len(value) else (0, 0)
    narrow = np.promote_types(np.min_scalar_type(low), np.min_scalar_type(high))
    return [str(narrow), value.astype(narrow).tobytes()]


def _array(value: Any) -> Any:
    return np.frombuffer(value[1], value[0]).astype(np.int64) if isinstance(value, list) else value
