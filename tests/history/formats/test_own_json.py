"""Plays of any source, written and read again, are the same plays."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.batch import PlayKind, Source
from app.history.formats.own_json import read, written
from app.history.formats.rows import Reading, Row, contents
from tests.history.formats.rows_told import NOW, recognised, told

NAMES = st.none() | st.sampled_from(["Rain", "Ólafur", 'a "b"\n', "=1+1", "\ud800", "x" * 600])
LENGTHS = st.none() | st.integers(0, 86_400_000)
FLAGS = st.none() | st.booleans()
ROWS = st.builds(
    Row,
    start=st.integers(1_100_000_000_000, 1_700_000_000_000),
    artist=NAMES,
    title=NAMES,
    album=NAMES,
    album_artist=NAMES,
    uri=NAMES,
    isrc=NAMES,
    ms=LENGTHS,
    estimated=st.booleans(),
    duration=LENGTHS,
    by_minute=st.booleans(),
    skipped=FLAGS,
    shuffle=FLAGS,
    offline=FLAGS,
    reason_end=NAMES,
    platform=NAMES,
    country=NAMES,
    kind=st.sampled_from(PlayKind),
    source=st.sampled_from([source for source in Source if source > Source.LIVE]),
)
READING = Reading(NOW.timestamp())


@settings(max_examples=40, deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_rows_are_read_as_they_were_written(rows: list[Row]) -> None:
    first = contents(Source.CSV, rows, READING, nameless=True).batch
    body = written(first)
    second = read(body, READING)

    assert (second.unreadable, second.ignored) == (0, 0)
    assert told(second.batch) == told(first)
    for name in ("end", "ms", "richness"):
        assert second.batch.columns[name].tolist() == first.columns[name].tolist()
    assert written(second.batch) == body


def test_a_written_file_is_recognised() -> None:
    row = Row(1_700_000_000_000, "Mira", "Rain", source=Source.KOITO)
    found = recognised(written(contents(Source.CSV, [row], READING).batch))

    assert found is not None
    assert found.name == "Liner Notes"
