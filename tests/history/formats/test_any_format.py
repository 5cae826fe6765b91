"""Files that are damaged in many places are read or refused, by whichever format takes them for its own."""

import random
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.formats import FORMATS, format_of
from app.history.formats.rows import Format, Head, Reading
from app.history.sniffing import HEAD, head_text
from tests.history.formats.refusals import read_or_refused
from tests.history.formats.rows_told import NOW, golden_files, recognised

BODIES = [path.read_bytes() for path in golden_files()]
READINGS = [
    Reading(NOW.timestamp()),
    Reading(NOW.timestamp(), zone=ZoneInfo("Pacific/Apia"), day_first=True),
]
ODD = (b"", b"\0", b'"', b"\r", b"\xff", b"\xef\xbb\xbf", b"9" * 400, b"-1", b"null", b"[{", b"}]", b"\t,;\n")


def mutated(body: bytes, seed: int, times: int) -> bytes:
    """The file after so many changes: pieces that are replaced, dropped, told again, or from another file."""
    chance = random.Random(seed)
    changes: tuple[Callable[[bytes, bytes, bytes], bytes], ...] = (
        lambda before, _piece, after: before + chance.choice(ODD) + after,
        lambda before, _piece, after: before + after,
        lambda before, piece, after: before + piece + piece + after,
        lambda before, piece, after: after + piece + before,
        lambda before, _piece, after: before + _piece_of(chance.choice(BODIES), chance) + after,
    )
    for _ in range(times):
        begin, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
        end = min(end, begin + chance.choice([1, 8, 200]))
        body = chance.choice(changes)(body[:begin], body[begin:end], body[end:])
    if chance.random() < 0.1:
        return body.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-16-be", "utf-8-sig"]))
    return body


def _piece_of(body: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(body) + 1)
    return body[begin : begin + chance.choice([8, 200])]


def try_all(whole: bytes, seed: int, times: int, other: Format) -> None:
    """Reads it as what it was, as what it is taken for now, and as what it is not."""
    body = mutated(whole, seed, times)
    taken_for = format_of(Head(head_text(body[:HEAD])))
    for reader in filter(None, {recognised(whole), taken_for, other}):
        for reading in READINGS:
            read_or_refused(reader, body, reading)


WHOLE, SEEDS, TIMES = st.sampled_from(BODIES), st.integers(0, 2**32), st.integers(1, 8)


@settings(max_examples=100, deadline=None)
@given(WHOLE, SEEDS, TIMES, st.sampled_from(FORMATS))
def test_what_is_damaged_in_many_places_is_read_or_refused(
    whole: bytes, seed: int, times: int, other: Format
) -> None:
    try_all(whole, seed, times, other)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(WHOLE, SEEDS, TIMES, st.sampled_from(FORMATS))
def test_so_is_much_more_of_it(whole: bytes, seed: int, times: int, other: Format) -> None:
    try_all(whole, seed, times, other)
