"""What /history.csv says imports to the same history, whatever its services knew of each play."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.batch import Batch, Source
from app.history.blobs import HistoryManifest, build, unpack_names
from app.history.formats.own_csv import read
from app.history.formats.rows import Reading, Row, contents
from app.history.formats.spotify import read_json
from app.history.live import live_batch
from app.history.section import EVERY_COLUMN, Rows
from app.store.history import MANIFEST
from app.store.sync import LivePlay
from app.web.csv_table import csv_lines
from app.web.time.export.report import HEADER, Cells
from app.web.time.range_with_plays import KINDS
from tests.history.made import account_play, body, play

BEGIN = 1_600_000_000_000  # Unix milliseconds
NOW = 1_700_000_000.0
FLAGS = ("skipped", "shuffle", "offline")
TITLES = ("Rain", "=Snow", "Hail; +1", "Fog", "Mist", "Dew", "Rime")
Line = tuple[object, ...]


def table(batches: Sequence[Batch]) -> list[Line]:
    """The rows of /history.csv of these batches."""
    built = build(len(batches), batches.__getitem__, 30_000, "v")
    blobs = dict(built.blobs)
    manifest = HistoryManifest.unpacked(blobs[MANIFEST])
    lines: list[Line] = []
    for kind in KINDS:
        if kind not in manifest.years:
            continue
        names = unpack_names(blobs[manifest.full_name(f"{kind}/names")])
        bodies = [blobs[manifest.full_name(block.name)] for block in manifest.blocks(kind)]
        lines += Cells(kind, names).rows(Rows.unpacked(bodies, EVERY_COLUMN))
    return lines


def imported(lines: Sequence[Line]) -> list[Line]:
    """The rows of /history.csv once these are all that was imported."""
    found = read(csv_lines([HEADER, *lines]).encode(), Reading(NOW))
    assert (found.read, found.unreadable, found.ignored) == (len(lines), 0, 0)
    return table([found.batch])


@st.composite
def batches(draw: st.DrawFn) -> list[Batch]:
    """Plays one after another of every source; no two of one title are near enough to be the same.

    A live play ends when it is told. It begins after the plays of other sources have ended.
    """
    rows: list[Row] = []
    exported, account, live = [], [], []
    at, before = BEGIN, Source.LIVE
    for number in range(draw(st.integers(1, 14))):
        at += draw(st.integers(70_000, 400_000))
        title, length = TITLES[number % len(TITLES)], draw(st.sampled_from([150_250, 200_000, 300_999]))
        source = draw(st.sampled_from(Source))
        at += 600_000 if source == Source.LIVE != before else 0
        before = source
        flags: dict[str, Any] = {
            name: draw(st.sampled_from([None, True, False])) for name in ("skipped", "shuffle", "offline")
        }
        if source == Source.EXTENDED:
            exported.append(play((at + length) // 1000, length, title, **flags))
        elif source == Source.ACCOUNT:
            account.append(account_play((at + length) // 1000, length, title))
        elif source == Source.LIVE:
            live.append(LivePlay(at, title, None, "Band", title, None, draw(st.sampled_from([None, length]))))
        else:
            ms, duration = draw(st.sampled_from([(None, None), (None, length), (length, None), (0, None)]))
            flags["platform"] = draw(st.sampled_from([None, "web player", "PlayStation"]))
            rows.append(Row(at, "Band", title, ms=ms, duration=duration, source=source, **flags))
    foreign = contents(Source.CSV, rows, Reading(NOW))
    return [read_json(body(exported), NOW).batch, read_json(body(account), NOW).batch, foreign.batch] + [
        live_batch(live)
    ] * bool(live)


@settings(max_examples=25, deadline=None)
@given(batches())
def test_the_table_imports_to_the_same_history(held: list[Batch]) -> None:
    lines = table(held)

    assert imported(lines) == lines
    assert imported(imported(lines)) == lines


def test_live_plays_that_are_still_there_are_not_told_twice() -> None:
    names = [("Band", "Rain", "Record"), ("Band", "Snow", None), ("Band", "Snow", None)]
    plays = [
        LivePlay(BEGIN + 200_350 * at, f"spotify:track:{at}", f"spotify:track:{at}", *named, 199_900)
        for at, named in enumerate(names)
    ]
    lines = table([live_batch(plays)])
    found = read(csv_lines([HEADER, *lines]).encode(), Reading(NOW)).batch

    assert len(lines) == 3
    assert table([live_batch(plays), found]) == table([found, live_batch(plays)]) == lines
    assert table([found, found]) == lines


def test_unknown_time_is_empty_and_an_estimate_says_so() -> None:
    rows = [Row(BEGIN, "Band", "Rain"), Row(BEGIN + 300_000, "Band", "Snow", duration=200_500)]
    lines = table([contents(Source.MALOJA, rows, Reading(NOW)).batch])

    assert [dict(zip(HEADER, line, strict=True)) for line in lines] == [
        dict.fromkeys(HEADER) | row
        for row in (
            {"kind": "music", "started_at": "2020-09-13T12:26:40Z", "artist": "Band", "track": "Rain"}
            | {"source": "maloja"},
            {"kind": "music", "started_at": "2020-09-13T12:31:40Z", "artist": "Band", "track": "Snow"}
            | {"ms_played": 200_500, "estimated": "yes", "source": "maloja"},
        )
    ]


def test_plays_without_a_name_and_other_kinds_come_back() -> None:
    episode = play(BEGIN // 1000) | {"master_metadata_track_name": None, "spotify_track_uri": None}
    nameless = play(BEGIN // 1000) | {"master_metadata_track_name": None}
    rows = [nameless, episode | {"episode_name": "One", "episode_show_name": "Talks"}]
    lines = table([read_json(body(rows), NOW).batch])

    assert [(line[0], line[3]) for line in lines] == [("music", ""), ("podcast", "One")]
    assert imported(lines) == lines


def test_a_skip_of_a_log_is_a_skip_again() -> None:
    log = contents(Source.SCROBBLER_LOG, [Row(BEGIN, "Band", "Rain", duration=1, skipped=True)], Reading(NOW))
    lines = table([log.batch])

    assert lines[0][5:7] == (0, "yes")
    assert imported(lines) == lines
