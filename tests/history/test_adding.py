"""A few plays added to a history: the same as if it had been built from all batches."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.history import blobs
from app.history.batch import OPTIONAL, Batch, Source
from app.history.build import add_plays, rebuild
from app.history.parse_export import read_json
from app.history.section import EVERY_COLUMN, Names
from app.history.stored import History, stored_history
from app.store.accounts import add_local_account, delete_account
from app.store.history import (
    MANIFEST,
    Listening,
    files_that_count,
    history_size,
    imports_of,
    keep_listening,
    part,
    part_names,
    stale_mark,
    undo_import,
)
from app.store.import_queue import readable_rows
from tests.history import entries, reference
from tests.history.made import NOON, account_play, play
from tests.history.shelf import TODAY, Shelf, said, shelf

NOW = datetime.now(UTC)
KINDS = {"music": reference.MUSIC, "podcasts": reference.PODCAST, "audiobooks": reference.AUDIOBOOK}
DAY = 86_400


@pytest.fixture(scope="module", name="shelf")
def one_shelf() -> Iterator[Shelf]:
    with shelf() as made:
        yield made


def batch_of(rows: Sequence[Any]) -> Batch:
    """The batch of such entries of an export."""
    return read_json(json.dumps(rows).encode(), NOW.timestamp()).batch


def content(shelf: Shelf, account_id: int) -> dict[str, Any]:
    """All that a history holds, with names in the place of their numbers."""
    stored = stored_history(shelf.store, account_id)
    if stored is None:
        return {}
    found: dict[str, Any] = {"ends": stored.manifest.ends, "rows": stored.manifest.rows}
    for kind, years in stored.manifest.years.items():
        history = stored.history(kind, 30_000)
        assert history is not None
        assert part(shelf.store, account_id, stored.manifest.full_name(blobs.rollup_name(kind, 30_000)))
        found[kind] = {"years": years, "plays": _plays(history), "sums": _sums(history)}
    return found


def _tracks(names: Names) -> list[Any]:
    artists = [*names.artists, None]
    by = [artists[at] for at in names.track_artist.tolist()]
    return list(zip(by, names.tracks, names.track_uris, strict=True))


def _plays(history: History) -> list[Any]:
    names = history.names
    artists = [*names.artists, None]
    albums = [
        (artists[by], album) for by, album in zip(names.album_artist.tolist(), names.albums, strict=True)
    ]
    lists: dict[str, list[Any]] = {
        "track": _tracks(names),
        "album": [*albums, None],
        "country": [*names.countries, None],
        "reason": [*names.reasons, None],
    }
    found = []
    for rows in history.blocks(names=tuple(EVERY_COLUMN)):
        columns = [
            [lists[name][at] for at in rows[name].tolist()] if name in lists else rows[name].tolist()
            for name in EVERY_COLUMN
        ]
        found += list(zip(*columns, strict=True))
    return found


def _sums(history: History) -> dict[str, Any]:
    """The stored roll-up, by name."""
    rollup, names = history.everything, history.names
    of = {
        "track": _tracks(names),
        "first": _tracks(names),
        "album": list(zip(names.album_artist >= 0, names.albums, strict=True)),
        "country": list(range(len(names.countries))),
        "reasons": names.reasons,
    }
    found: dict[str, Any] = {}
    for name, value in vars(rollup).items():
        keys = of.get(name.partition("_")[0])
        if keys is None or not isinstance(value, np.ndarray):
            found[name] = value.tolist() if isinstance(value, np.ndarray) else value
        elif name.startswith("country"):
            found[name] = sorted(zip([names.countries[at] for at in keys], value.tolist(), strict=True))
            found[name] = [one for one in found[name] if one[1]]
        elif name == "reasons":
            found[name] = {key: sum_ for key, sum_ in zip(keys, value.tolist(), strict=True) if sum_}
        else:
            found[name] = sorted(zip(map(str, keys), value.tolist(), strict=True))
    return found


def receipts(shelf: Shelf, account_id: int) -> list[Any]:
    query = (
        "SELECT id, read, kept, duplicate, music, podcasts, audiobooks, first_at, last_at"
        " FROM history_file WHERE account_id = ? ORDER BY id"
    )
    with shelf.store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query, (account_id,))]


def add(shelf: Shelf, account_id: int, batch: Batch) -> bool:
    """Adds plays, by a rebuild where it must be; whether it was none."""
    if add_plays(shelf.store, account_id, batch):
        assert stale_mark(shelf.store, account_id) is None
        return True
    if len(batch):
        assert stale_mark(shelf.store, account_id) is not None
    rebuild(shelf.store, account_id)
    return False


# Few tracks and lengths, close together or weeks apart.
_MOMENTS = st.builds(
    lambda week, minute, second: NOON + week * 7 * DAY + minute * 240 + second,
    st.integers(0, 60),
    st.integers(0, 20),
    st.integers(0, 59),
)
_apart = st.builds(
    lambda end, track, artist, seconds, more: play(
        end, seconds * 1000 + 137, track, artist, **{"platform": None} | more
    ),
    _MOMENTS,
    st.sampled_from(["Rain", "rain", "Snow", "Sun", "Tide", "Wind"]),
    st.sampled_from(["Mira", "MIRA", "Theo", "Nour"]),
    st.sampled_from([20, 31, 200, 240, 4000]),
    st.fixed_dictionaries(
        {},
        optional={
            "conn_country": st.sampled_from(["SE", "JP"]),
            "reason_end": st.sampled_from(["trackdone", "fwdbtn", "odd"]),
            "platform": st.sampled_from(["garmin", "iOS 9.3.5 (iPhone8,1)"]),
            "shuffle": st.sampled_from([True, None]),
            "master_metadata_album_album_name": st.sampled_from(["Tide", "TIDE", None]),
            "spotify_track_uri": st.sampled_from([None, "spotify:track:other"]),
        },
    ),
)
_live = st.lists(st.one_of(_apart, _apart, _apart, entries.tracks, entries.episodes), max_size=4)


@settings(max_examples=60)
@given(
    first=st.lists(st.one_of(_apart, _apart, entries.plays), max_size=25),
    more=st.lists(_live, min_size=1, max_size=5),
    block_rows=st.sampled_from([3, 1 << 17]),
    zone=st.sampled_from(entries.ZONES),
)
def test_added_bit_by_bit_it_is_the_history_built_from_all_and_the_one_counted_by_hand(
    shelf: Shelf, first: list[Any], more: list[list[Any]], block_rows: int, zone: str
) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(blobs, "BLOCK_ROWS", block_rows)
        account_id = shelf.history_of([first])
        for rows in more:
            event("added" if add(shelf, account_id, batch_of(rows)) else "rebuilt")
        found, counted = content(shelf, account_id), receipts(shelf, account_id)
        rebuild(shelf.store, account_id)
    assert found == content(shelf, account_id)
    assert counted == receipts(shelf, account_id)
    read = (reference.read(row, NOW) for row in [*first, *(row for rows in more for row in rows)])
    plays = reference.kept(one for one in read if isinstance(one, reference.Play))
    for name, kind in KINDS.items():
        of = shelf.summary(account_id, zone, kind=name)
        assert (of is not None) == any(one.kind == kind for one in plays)
        if of is not None:
            assert said(of) == reference.report(plays, ZoneInfo(zone), 30, TODAY, kind=kind)


@pytest.mark.parametrize("days_later", [-60, 0, 1, 300, 700])
def test_plays_of_any_time_are_added_without_a_rebuild(shelf: Shelf, days_later: int) -> None:
    rows = [play(NOON + 3600 * at, track=f"Song {at % 7}", artist=f"Band {at % 3}") for at in range(600)]
    account_id = shelf.history_of([rows])
    batch = batch_of(
        [
            play(NOON + DAY * days_later + 1000, track="song 3", artist="Band 0", reason_end="new word"),
            play(NOON + DAY * days_later + 5000, track="New", artist="NEWCOMER", conn_country="FR"),
            {"ts": "2021-03-05T10:00:00Z", "ms_played": 40_000, "episode_name": "One"},
        ]
    )
    assert add(shelf, account_id, batch)
    found = content(shelf, account_id)
    assert len(found["music"]["plays"]) == 602
    assert len(found["podcasts"]["plays"]) == 1
    rebuild(shelf.store, account_id)
    assert content(shelf, account_id) == found


def test_the_same_plays_again_change_nothing(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON + 900 * at) for at in range(9)]])
    before = content(shelf, account_id)
    batch = batch_of([play(NOON + 900 * at) for at in range(5, 9)])
    assert add(shelf, account_id, batch)
    assert content(shelf, account_id) == before
    assert receipts(shelf, account_id)[-1][1:4] == (4, 0, 4)


def test_what_only_new_sources_know_is_stored(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON), play(NOON + 900)]])
    batch = batch_of([play(NOON + 3600), play(NOON + 7200)])
    columns = batch.columns | {
        "source": np.array([Source.LIVE, Source.SCROBBLES], np.int8),
        "start": np.array([(NOON + 3456) * 1000 + 789, 0], np.int64),
        "measured": np.array([0, -1], np.int8),
        "duration": np.array([180_000, -1], np.int32),
    }
    assert add(shelf, account_id, Batch(columns, batch.items, batch.words))
    stored = stored_history(shelf.store, account_id)
    history = stored.history("music", 0) if stored else None
    assert history is not None
    (rows,) = history.blocks(names=("start", "source", "measured", "duration"))
    assert rows["start"][2:].tolist() == [NOON + 3456, NOON + 7200 - 200]
    assert rows["source"].tolist() == [0, 0, 2, 3]
    assert rows["measured"].tolist() == [1, 1, 0, -1]
    assert rows["duration"].tolist() == [-1, -1, 180_000, -1]
    found = content(shelf, account_id)
    rebuild(shelf.store, account_id)
    assert content(shelf, account_id) == found


def test_a_batch_of_an_export_takes_no_room_for_what_it_does_not_know() -> None:
    batch = batch_of([play(NOON), account_play(NOON)])
    usual = {"start": 0, "measured": 1, "duration": -1}
    filled = {name: np.full(2, usual[name], dtype) for name, dtype in OPTIONAL.items()}
    assert Batch(batch.columns | filled, batch.items, batch.words).packed() == batch.packed()
    again = Batch.unpacked(batch.packed())
    assert again.columns["source"].tolist() == [Source.EXTENDED, Source.ACCOUNT]
    assert not OPTIONAL.keys() & again.columns.keys()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ([account_play(NOON)], [play(NOON + 40)]),
        ([play(NOON, platform=None, shuffle=None)], [play(NOON + 10)]),
        ([play(NOON)], [account_play(NOON + 9000)]),
        ([play(NOON)], [play(NOON, track="Another")]),
    ],
    ids=["account data near", "a row that tells more", "account data comes", "one moment and length"],
)
def test_where_a_rule_reaches_further_the_history_is_rebuilt(
    shelf: Shelf, first: list[Any], then: list[Any]
) -> None:
    account_id = shelf.history_of([first])
    assert not add_plays(shelf.store, account_id, batch_of(then))
    assert stale_mark(shelf.store, account_id) is not None
    rebuild(shelf.store, account_id)
    assert stale_mark(shelf.store, account_id) is None


def test_live_plays_share_a_row_and_no_list_shows_their_import(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON)]])
    for hour in range(1, 6):
        assert add(shelf, account_id, batch_of([play(NOON + 3600 * hour)]))
    assert len(files_that_count(shelf.store, account_id)) == 2
    assert readable_rows(shelf.store, account_id) == 6
    assert history_size(shelf.store, account_id) == 1
    (only,) = imports_of(shelf.store, account_id)
    # They stay when the import is taken back, and are a history of their own.
    undo_import(shelf.store, account_id, only.id)
    assert not add(shelf, account_id, batch_of([play(NOON + 7 * 3600)]))
    assert len(content(shelf, account_id)["music"]["plays"]) == 6


def test_the_first_plays_of_an_account_are_a_history(shelf: Shelf) -> None:
    account_id = add_local_account(shelf.store)
    assert not add(shelf, account_id, batch_of([play(NOON)]))
    assert add(shelf, account_id, batch_of([play(NOON + 900)]))
    assert len(content(shelf, account_id)["music"]["plays"]) == 2


def test_readers_of_the_version_before_are_told_and_nothing_of_it_is_left(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON + 900 * at, reason_end=None) for at in range(9)]])
    old = stored_history(shelf.store, account_id)
    assert old is not None
    history = old.history("music", 46_000)
    assert history is not None
    assert history.everything.plays == 9  # a roll-up that is stored when it is asked for
    assert add(shelf, account_id, batch_of([play(NOON + 20_000)]))
    with pytest.raises(blobs.Stale):
        list(history.blocks())
    new = stored_history(shelf.store, account_id)
    assert new is not None
    names = [block.name for block in new.manifest.blocks("music")]
    names += [blobs.names_name("music"), blobs.rollup_name("music", 30_000)]
    assert set(part_names(shelf.store, account_id, "")) == {
        MANIFEST,
        *(new.manifest.full_name(name) for name in names),
    }


def test_a_year_that_is_not_touched_is_not_written_again(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON), play(NOON + 400 * DAY)]])
    old = stored_history(shelf.store, account_id)
    assert add(shelf, account_id, batch_of([play(NOON + 401 * DAY)]))
    new = stored_history(shelf.store, account_id)
    assert old is not None
    assert new is not None
    first, second = (block.name for block in old.manifest.blocks("music"))
    assert new.manifest.full_name(first) == old.manifest.full_name(first)
    assert new.manifest.full_name(second) != old.manifest.full_name(second)


def test_another_threshold_is_counted_when_it_is_looked_at(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON), play(NOON + 900, ms=40_000)]])
    keep_listening(shelf.store, account_id, Listening(threshold_s=60))
    assert add(shelf, account_id, batch_of([play(NOON + 2000)]))
    of = shelf.summary(account_id, "UTC", 60)
    assert of is not None
    assert of.totals.plays == 2


def test_plays_of_an_account_that_is_gone_are_dropped(shelf: Shelf) -> None:
    account_id = shelf.history_of([[play(NOON)]])
    delete_account(shelf.store, account_id)
    assert not add_plays(shelf.store, account_id, batch_of([play(NOON + 900)]))
    assert files_that_count(shelf.store, account_id) == []
