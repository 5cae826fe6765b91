"""In whatever pieces an export comes, it is the same history, and the one counted by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.history import entries, reference
from tests.history.fixture import TODAY, Histories, histories, said

NOW = datetime.now(UTC)
KINDS = {"music": reference.MUSIC, "podcasts": reference.PODCAST, "audiobooks": reference.AUDIOBOOK}


@pytest.fixture(scope="module", name="histories")
def own_histories() -> Iterator[Histories]:
    with histories() as made:
        yield made


# Until 2010 Newfoundland's clocks went back from a minute past midnight into the day before, so that a day
# begins twice and no range of days is one stretch of time.
TWICE_BEGUN = {date(2010, 11, 6), date(2010, 11, 7)}


def _plays(rows: list[Any]) -> list[reference.Play]:
    read = (reference.read(row, NOW) for row in rows)
    return reference.kept(row for row in read if isinstance(row, reference.Play))


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[Any], list[list[list[Any]]]]:
    """Entries, and the same in uploads of files, in another order, some of them more than once."""
    rows = draw(st.lists(entries.anything, max_size=25))
    order = draw(
        st.permutations(rows + draw(st.lists(st.sampled_from(rows), max_size=8) if rows else st.just([])))
    )
    uploads: list[list[list[Any]]] = [[[]]]
    for row in order:
        turn = draw(st.integers(0, 9))
        if turn == 0:
            uploads.append([[]])
        elif turn == 1:
            uploads[-1].append([])
        uploads[-1][-1].append(row)
    return rows, uploads


@pytest.mark.slow
@settings(max_examples=examples(120))
@given(
    given_pieces=pieces(),
    imports=st.integers(1, 3),
    zone=st.sampled_from(entries.ZONES),
    threshold=st.sampled_from([0, 30, 61, 240]),
)
def test_any_split_order_and_repetition_gives_the_history_counted_by_hand(
    histories: Histories,
    given_pieces: tuple[list[Any], list[list[list[Any]]]],
    imports: int,
    zone: str,
    threshold: int,
) -> None:
    rows, uploads = given_pieces
    plays = _plays(rows)

    account = histories.history_of(*uploads, imports=imports)

    for name, kind in KINDS.items():
        of = histories.summary(account, zone, threshold, kind=name)
        assert (of is not None) == any(play.kind == kind for play in plays)
        if of is not None:
            assert said(of) == reference.report(plays, ZoneInfo(zone), threshold, TODAY, kind=kind)
    receipts = [file.rows for file in histories.receipts(account)]
    for counts in receipts:
        parts = [counts[name] for name in ("kept", "duplicate", "unreadable", "ignored")]
        assert counts["read"] == sum(parts)
    assert sum(counts["kept"] for counts in receipts) == len(plays)
    assert sum(counts["read"] for counts in receipts) == sum(
        len(file) for upload in uploads for file in upload
    )


@settings(max_examples=examples(40))
@given(rows=st.lists(entries.anything, max_size=20), again=st.data())
def test_a_second_import_of_the_same_adds_nothing(
    histories: Histories, rows: list[Any], again: st.DataObject
) -> None:
    account = histories.history_of([rows])
    before = histories.summary(account, "Asia/Kathmandu")
    single_flight = said(before) if before else None

    histories.bring(account, [again.draw(st.permutations(rows))])

    after = histories.summary(account, "Asia/Kathmandu")
    assert (said(after) if after else None) == single_flight
    assert sum(file.rows["kept"] for file in histories.receipts(account)) == len(_plays(rows))


@pytest.mark.slow
@settings(max_examples=examples(120))
@given(
    rows=st.lists(entries.plays, max_size=30),
    asked=st.lists(
        st.tuples(st.sampled_from(entries.ZONES), st.integers(0, 240), entries.ranges()),
        min_size=1,
        max_size=5,
    ),
)
def test_every_range_threshold_and_time_zone_is_what_the_rows_say(
    histories: Histories, rows: list[Any], asked: list[tuple[str, int, Any]]
) -> None:
    plays = _plays(rows)
    account = histories.history_of([rows])

    for zone, threshold, days in asked:
        if zone == "America/St_Johns" and TWICE_BEGUN.intersection(days):
            continue
        of = histories.summary(account, zone, threshold, days)
        if of is None:
            assert not any(play.kind == reference.MUSIC for play in plays)
            continue
        assert said(of) == reference.report(plays, ZoneInfo(zone), threshold, TODAY, *days)
        whole = histories.summary(account, zone, threshold)
        assert whole is not None
        sittings = reference.sessions(plays, threshold)
        assert whole.rollup.sessions == len(sittings)
        assert whole.rollup.session_seconds == sum(end - start for start, end in sittings)
        assert whole.rollup.longest_session == max((end - start for start, end in sittings), default=0)
