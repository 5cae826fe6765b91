"""The three rules of which rows are the same play, against the plain way to say them; in any order."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.batch import is_extended, starts
from app.history.duplicates import kept_rows
from app.history.formats.spotify import read_json
from app.history.merge import gather
from tests.examples import examples
from tests.history import reference

Row = dict[str, Any]
BEGIN = datetime(2022, 2, 10, 21, tzinfo=UTC)
NOW = datetime(2023, 1, 1, tzinfo=UTC)
# Near one another, a minute or a day apart, and at the limits or a little to either side of them.
_NEAR = st.one_of(st.integers(-95, 95), st.sampled_from([-120, -60, 0, 60, 120]))
_SECONDS = st.one_of(_NEAR, st.tuples(st.sampled_from([-3_600, 3_600, 86_400, 90_000]), _NEAR).map(sum))
_LENGTHS = st.sampled_from([30_000, 91_377])
_TITLES = st.sampled_from(["Song", "SONG", "Other"])


@st.composite
def extended(draw: st.DrawFn) -> Row:
    """A row of extended history; many are offline, and told of minutes to a day later."""
    end = BEGIN + timedelta(seconds=draw(_SECONDS))
    row: Row = {
        "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "ms_played": draw(_LENGTHS),
        "master_metadata_track_name": draw(_TITLES),
        "master_metadata_album_artist_name": "Band",
        "offline": draw(st.sampled_from([True, True, False, None])),
        "platform": draw(st.sampled_from(["ios", None])),
    }
    stopped = draw(st.one_of(st.none(), _NEAR, _SECONDS))
    if stopped is not None:
        at = (
            int(BEGIN.timestamp() + stopped) * 1000 - row["ms_played"] - draw(st.sampled_from([0, 0, 1, 999]))
        )
        row["offline_timestamp"] = at
    return row


@st.composite
def account(draw: st.DrawFn) -> Row:
    """A row of account data."""
    end = BEGIN + timedelta(seconds=draw(_SECONDS))
    return {
        "endTime": f"{end:%Y-%m-%d %H:%M}",
        "msPlayed": draw(_LENGTHS),
        "trackName": draw(_TITLES),
        "artistName": "Band",
    }


def kept(files: Sequence[Sequence[Row]]) -> Counter[tuple[bool, datetime, int]]:
    """The plays that stay: whether of extended history, when they began, for how long."""
    batches = [read_json(json.dumps(rows).encode(), NOW.timestamp()).batch for rows in files]
    rows = gather(len(batches), batches.__getitem__)
    stays, _ = kept_rows(rows)
    began = [
        datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=one) for one in starts(rows.columns).tolist()
    ]
    found = zip(is_extended(rows.columns).tolist(), began, rows.columns["ms"].tolist(), strict=True)
    return Counter(entry for entry, stay in zip(found, stays.tolist(), strict=True) if stay)


def counted_by_hand(rows: Sequence[Row]) -> Counter[tuple[bool, datetime, int]]:
    """The same by the reference."""
    plays = [play for row in rows if isinstance(play := reference.read(row, NOW), reference.Play)]
    return Counter((play.exact, play.start, play.ms) for play in reference.kept(plays))


@settings(max_examples=examples(300))
@given(st.lists(extended(), max_size=12))
def test_plays_of_extended_history_are_told_apart_by_their_start(rows: list[Row]) -> None:
    assert kept([rows]) == counted_by_hand(rows)


@settings(max_examples=examples(300))
@given(st.lists(account(), max_size=12))
def test_plays_of_account_data_are_told_apart_by_their_minute(rows: list[Row]) -> None:
    assert kept([rows]) == counted_by_hand(rows)


@settings(max_examples=examples(500))
@given(st.lists(st.one_of(extended(), account()), max_size=16))
def test_account_data_beside_extended_history_is_matched_one_to_one(rows: list[Row]) -> None:
    assert kept([rows]) == counted_by_hand(rows)


@settings(max_examples=examples(200))
@given(st.lists(st.one_of(extended(), account()), min_size=1, max_size=12), st.data())
def test_it_does_not_matter_in_what_files_and_order_rows_come(rows: list[Row], data: st.DataObject) -> None:
    again = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=6))))
    cut = data.draw(st.integers(0, len(again)))

    assert kept([again[:cut], again[cut:]]) == kept([rows])


def test_plays_thirty_seconds_apart_stay_where_one_between_them_goes() -> None:
    def row(seconds: int, **more: Any) -> Row:
        return {
            "ts": f"{BEGIN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}",
            "ms_played": 5_000,
            "master_metadata_track_name": "Song",
            "master_metadata_album_artist_name": "Band",
            **more,
        }

    found = kept([[row(0, platform="ios", shuffle=True), row(15), row(30, platform="ios")]])

    assert sorted(start for _, start, _ in found) == [BEGIN + timedelta(seconds=at) for at in (-5, 25)]
