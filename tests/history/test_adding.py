"""Live plays in a history: the same whether added one by one or built from all, and as counted by hand."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.history import blobs
from app.history.batch import OPTIONAL, USUAL, Batch, Source
from app.history.build import add_plays, rebuild
from app.history.formats.spotify import read_json
from app.history.section import EVERY_COLUMN, Names
from app.history.stored import History, stored_history
from app.store.accounts import add_local_account
from app.store.history import MANIFEST, blob_names, mark_as_stale, read_blobs, stale_mark, undo_import
from app.store.imports import imports_of
from app.store.listening import Listening, keep_listening
from app.store.receipts import file_sums
from app.store.sync import LivePlay, add_live_plays
from tests.history import reference
from tests.history.fixture import TODAY, Histories, histories, said
from tests.history.made import NOON, account_play, play

NOW = datetime.now(UTC)
KINDS = {"music": reference.MUSIC, "podcasts": reference.PODCAST, "audiobooks": reference.AUDIOBOOK}
DAY = 86_400


@pytest.fixture(scope="module", name="histories")
def own_histories() -> Iterator[Histories]:
    with histories() as made:
        yield made


def content(histories: Histories, account_id: int) -> dict[str, Any]:
    """All that a history holds, with names in the place of their numbers."""
    stored = stored_history(histories.store, account_id)
    if stored is None:
        return {}
    found: dict[str, Any] = {"end": stored.manifest.last_end, "rows": stored.manifest.rows}
    for kind, years in stored.manifest.years.items():
        history = stored.history(kind, 30_000)
        assert history is not None
        assert read_blobs(
            histories.store, account_id, stored.manifest.full_name(blobs.rollup_name(kind, 30_000))
        )
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


def receipts(histories: Histories, account_id: int) -> list[Any]:
    query = (
        "SELECT id, read, kept, duplicate, music, podcasts, audiobooks, first_at, last_at"
        " FROM history_file WHERE account_id = ? ORDER BY id"
    )
    with histories.store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query, (account_id,))]


def add(histories: Histories, account_id: int, plays: Sequence[LivePlay]) -> bool:
    """Stores live plays and adds them, by a rebuild where it must be; whether it was none."""
    with histories.store.writing() as connection:
        new = add_live_plays(connection, account_id, plays, None, full_page=False)
        mark = mark_as_stale(connection, account_id) if new else None
    if not new:
        return True
    if mark and add_plays(histories.store, account_id, new, mark):
        assert stale_mark(histories.store, account_id) is None
        return True
    assert stale_mark(histories.store, account_id) is not None
    rebuild(histories.store, account_id)
    assert stale_mark(histories.store, account_id) is None
    return False


def live(
    end: float, track: str = "Song", artist: str = "Band", duration: int = 200_000, uri: str | None = None
) -> LivePlay:
    """A live play that ended at a moment (Unix seconds)."""
    key = uri or f"{artist}/{track}".casefold()
    return LivePlay(round(end * 1000), key, uri, artist, track, "Record", duration)


# Few tracks; exports and live plays tell of the same moments, give or take, or of others.
_MOMENTS = st.builds(lambda day, slot: NOON + day * DAY + slot * 300, st.integers(0, 9), st.integers(0, 5))
_TRACKS = st.sampled_from([("Rain", "Mira"), ("RAIN", "mira"), ("Snow", "Theo"), ("Sun", "Nour")])
_exported = st.builds(
    lambda moment, names, seconds, offset: play(
        moment + offset,
        seconds * 1000 + 137,
        *names,
        platform=None,
        spotify_track_uri=f"spotify:track:{names[0].lower()}",
    ),
    _MOMENTS,
    _TRACKS,
    st.sampled_from([20, 31, 200, 240]),
    st.integers(-20, 20),
)
_live = st.builds(
    lambda moment, names, duration, with_uri: live(
        moment + 0.25, names[0], names[1], duration, f"spotify:track:{names[0].lower()}" if with_uri else None
    ),
    _MOMENTS,
    _TRACKS,
    st.sampled_from([10_000, 180_000, 400_000]),
    st.booleans(),
)


def apart(plays: Sequence[LivePlay]) -> list[LivePlay]:
    """One live play of a moment, as it is for one pair of ears."""
    return list({play.played_at: play for play in plays}.values())


@pytest.mark.slow
@settings(max_examples=60)
@given(
    first=st.lists(_exported, max_size=12),
    arriving=st.lists(_live, max_size=14).map(apart),
    later=st.lists(_exported, max_size=4),
    size=st.integers(1, 6),
    in_order=st.booleans(),
    block_rows=st.sampled_from([3, 1 << 17]),
    threshold=st.sampled_from([0, 30]),
)
def test_whatever_arrives_in_whatever_order_it_is_the_history_counted_by_hand(
    histories: Histories,
    first: list[Any],
    arriving: list[LivePlay],
    later: list[Any],
    size: int,
    in_order: bool,
    block_rows: int,
    threshold: int,
) -> None:
    if in_order:
        arriving.sort(key=lambda one: one.played_at)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(blobs, "BLOCK_ROWS", block_rows)
        account_id = histories.history_of([first])
        for begin in range(0, len(arriving), size):
            event("added" if add(histories, account_id, arriving[begin : begin + size]) else "rebuilt")
        found = content(histories, account_id)
        rebuild(histories.store, account_id)
        assert found == content(histories, account_id)
        if later:
            histories.bring(account_id, [later])
    read = (reference.read(row, NOW) for row in [*first, *later])
    exported = reference.kept(row for row in read if isinstance(row, reference.Play))
    plays = reference.with_live(exported, map(by_hand, arriving))
    of = histories.summary(account_id, "UTC", threshold)
    assert (of is not None) == bool(plays)
    if of is not None:
        assert said(of) == reference.report(plays, ZoneInfo("UTC"), threshold, TODAY)
    replaced = sum(file.replaced for file in histories.receipts(account_id))
    assert replaced == len(arriving) - sum(play.estimated for play in plays)


def by_hand(one: LivePlay) -> reference.Live:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=one.played_at)
    return reference.Live(
        moment, one.artist or "", one.title or "", one.album or "", one.uri, one.duration_ms or 0
    )


def test_plays_that_are_later_than_all_others_are_added_without_a_rebuild(histories: Histories) -> None:
    rows = [play(NOON + 3600 * at, track=f"Song {at % 7}", artist=f"Band {at % 3}") for at in range(600)]
    account_id = histories.history_of([rows])
    new = [live(NOON + 700 * 3600, "song 3", "Band 0"), live(NOON + 701 * 3600, "New", "NEWCOMER")]
    assert add(histories, account_id, new)
    found = content(histories, account_id)
    assert len(found["music"]["plays"]) == 602
    rebuild(histories.store, account_id)
    assert content(histories, account_id) == found


_scrobbled = st.builds(
    lambda moment, names, duration, offset: {
        "start": datetime.fromtimestamp(moment + offset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": names[0],
        "artist": names[1],
        "by_minute": False,
        "source": "lastfm",
        "duration": duration,
    },
    _MOMENTS,
    _TRACKS,
    st.sampled_from([None, 90_000, 400_000]),
    st.integers(-300, 20),
)


@settings(max_examples=12, deadline=None)
@given(
    exported=st.lists(_exported, max_size=5),
    scrobbles=st.lists(_scrobbled, min_size=1, max_size=8),
    arriving=st.lists(_live, max_size=8).map(apart),
)
def test_live_plays_beside_scrobbles_are_those_of_a_rebuild(
    histories: Histories, exported: list[Any], scrobbles: list[Any], arriving: list[LivePlay]
) -> None:
    arriving.sort(key=lambda one: one.played_at)
    account_id = histories.history_of([scrobbles, exported])

    for arrived in arriving:
        event("added" if add(histories, account_id, [arrived]) else "rebuilt")
        found = content(histories, account_id)
        rebuild(histories.store, account_id)
        assert found == content(histories, account_id)


def test_an_export_replaces_live_plays_and_taking_it_back_brings_them_back(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON)]])
    assert add(histories, account_id, [live(NOON + 1000, duration=200_000), live(NOON + 2000, "Other")])
    before = content(histories, account_id)
    histories.bring(account_id, [[play(NOON + 1010, ms=123_000)]])
    of = histories.summary(account_id, "UTC")
    assert of is not None
    assert (of.totals.plays, of.totals.ms, of.totals.ms_estimated) == (3, 523_000, 200_000)
    newest = imports_of(histories.store, account_id)[0]
    assert file_sums(histories.store, newest.id).replaced == 1
    undo_import(histories.store, account_id, newest.id)
    rebuild(histories.store, account_id)
    assert content(histories, account_id) == before


def test_account_data_replaces_a_live_play_by_its_minute(histories: Histories) -> None:
    account_id = histories.history_of([[account_play(NOON + 600)]])
    assert not add(histories, account_id, [live(NOON + 659), live(NOON + 600 + 3600)])
    of = histories.summary(account_id, "UTC")
    assert of is not None
    assert of.totals.plays == 2


def test_what_is_reported_late_replaces_the_live_play_that_account_data_places(histories: Histories) -> None:
    late, account = [play(NOON - 9000, track="First"), play(NOON + 9 * 3600)], [account_play(NOON)]
    for files in ([account, late], [late, account], [late + account]):
        account_id = add_local_account(histories.store)
        add(histories, account_id, [live(NOON + 20), live(NOON + 11 * 3600)])
        for rows in files:
            histories.bring(account_id, [rows])
        of = histories.summary(account_id, "UTC")
        assert of is not None
        assert of.totals.plays == 3
        assert sum(file.replaced for file in histories.receipts(account_id)) == 1


def test_a_track_of_unknown_length_is_a_play_without_length(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON)]])
    for end in (NOON + 900, NOON - 900):  # added, and built anew
        add(histories, account_id, [replace(live(end), duration_ms=None)])
    of = histories.summary(account_id, "UTC")
    assert of is not None
    assert (of.totals.plays, of.totals.ms, of.totals.ms_estimated) == (3, 200_000, 0)


def test_of_repeats_that_account_data_tells_as_one_all_are_plays(histories: Histories) -> None:
    """Two rows of one minute are one play told twice, as far as anybody knows: it replaces one live play."""
    rows = [account_play(NOON, ms=25_000), account_play(NOON, ms=25_000)]
    account_id = histories.history_of([rows[:1]])
    add(histories, account_id, [live(NOON + 15, duration=25_000), live(NOON + 40, duration=25_000)])
    for more in (rows, rows):
        of = histories.summary(account_id, "UTC", 0)
        assert of is not None
        assert (of.totals.plays, of.totals.ms, of.totals.ms_estimated) == (2, 50_000, 25_000)
        histories.bring(account_id, [more])


def test_in_a_session_of_many_days_plays_are_added_without_a_rebuild(histories: Histories) -> None:
    rows = [play(NOON + 1200 * at, track=f"Song {at % 7}") for at in range(20 * 72)]
    account_id = histories.history_of([rows])
    assert add(histories, account_id, [live(NOON + 1200 * 20 * 72)])
    found = content(histories, account_id)
    rebuild(histories.store, account_id)
    assert content(histories, account_id) == found


def test_a_live_play_counts_at_every_threshold_and_is_no_longer_than_the_time_since_the_one_before(
    histories: Histories,
) -> None:
    account_id = add_local_account(histories.store)
    assert not add(histories, account_id, [live(NOON, duration=240_000), live(NOON + 10, "Next")])
    assert add(histories, account_id, [live(NOON + 5000, "Last", duration=180_000)])
    of = histories.summary(account_id, "UTC", 240)
    assert of is not None
    assert (of.totals.plays, of.totals.ms, of.totals.ms_estimated) == (3, 430_000, 430_000)


def test_a_batch_of_an_export_takes_no_room_for_what_it_does_not_know() -> None:
    batch = read_json(json.dumps([play(NOON), account_play(NOON)]).encode(), NOW.timestamp()).batch
    filled = {name: np.full(2, USUAL[name], dtype) for name, dtype in OPTIONAL.items()}
    assert Batch(batch.columns | filled, batch.items, batch.words).packed() == batch.packed()
    again = Batch.unpacked(batch.packed())
    assert again.columns["source"].tolist() == [Source.EXTENDED, Source.ACCOUNT]
    assert not OPTIONAL.keys() & again.columns.keys()


def test_readers_of_the_version_before_are_told_and_nothing_of_it_is_left(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON + 900 * at, reason_end=None) for at in range(9)]])
    old = stored_history(histories.store, account_id)
    assert old is not None
    history = old.history("music", 46_000)
    assert history is not None
    assert history.everything.plays == 9  # a roll-up that is stored when it is asked for
    assert add(histories, account_id, [live(NOON + 20_000)])
    with pytest.raises(blobs.VersionGone):
        list(history.blocks())
    new = stored_history(histories.store, account_id)
    assert new is not None
    names = [block.name for block in new.manifest.blocks("music")]
    names += [blobs.names_name("music"), blobs.rollup_name("music", 30_000)]
    assert set(blob_names(histories.store, account_id, "")) == {
        MANIFEST,
        *(new.manifest.full_name(name) for name in names),
    }


def test_a_year_that_is_not_touched_is_not_written_again(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON), play(NOON + 400 * DAY)]])
    old = stored_history(histories.store, account_id)
    assert add(histories, account_id, [live(NOON + 401 * DAY)])
    new = stored_history(histories.store, account_id)
    assert old is not None
    assert new is not None
    first, second = (block.name for block in old.manifest.blocks("music"))
    assert new.manifest.full_name(first) == old.manifest.full_name(first)
    assert new.manifest.full_name(second) != old.manifest.full_name(second)


def test_another_threshold_is_counted_when_it_is_looked_at(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON), play(NOON + 900, ms=40_000)]])
    keep_listening(histories.store, account_id, Listening(threshold_s=60))
    assert add(histories, account_id, [live(NOON + 2000)])
    of = histories.summary(account_id, "UTC", 60)
    assert of is not None
    assert of.totals.plays == 2


def test_a_history_that_was_stale_before_is_rebuilt(histories: Histories) -> None:
    account_id = histories.history_of([[play(NOON)]])
    with histories.store.writing() as connection:
        mark_as_stale(connection, account_id)
    assert not add(histories, account_id, [live(NOON + 900)])
    assert len(content(histories, account_id)["music"]["plays"]) == 2
