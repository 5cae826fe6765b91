"""What real exports hold, and what it comes to: offline stretches, two kinds of data, lost names."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from alembic import command
from sqlalchemy import select, update

from app.history.formats.spotify import read_json
from app.history.import_job import work
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.store.history import stale_mark
from app.store.migrate import alembic_config, migrate
from app.store.receipts import files_of
from app.store.tables import history_file
from app.web.time.range_query import preset_query
from app.web.time.range_with_plays import RangeWithPlays, range_with_plays
from tests.history.fixture import Histories, histories, said
from tests.history.made import queue

Row = dict[str, Any]


@pytest.fixture(scope="module", name="histories")
def own_histories() -> Iterator[Histories]:
    with histories() as made:
        yield made


def extended(ts: str, ms: int = 200_000, track: str | None = "Song A", **more: Any) -> Row:
    """A row of extended history as it was in 2022."""
    return {
        "ts": ts,
        "platform": "ios",
        "ms_played": ms,
        "conn_country": "DE",
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": "Artist A",
        "master_metadata_album_album_name": "Album A",
        "spotify_track_uri": "spotify:track:0000000000000000000001",
        "episode_name": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": None,
        "incognito_mode": False,
        **more,
    }


def account(end: str, track: str = "Song A", artist: str = "Artist A", ms: int = 200_000) -> Row:
    """A row of account data."""
    return {"endTime": end, "artistName": artist, "trackName": track, "msPlayed": ms}


def milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


def music(histories: Histories, *files: Sequence[Row], kind: str = "music") -> RangeWithPlays:
    """All time of a new account that imports these files."""
    found = histories.summary(histories.history_of(files), "UTC", kind=kind)
    assert found is not None
    return found


FLIGHT = [
    extended(
        f"2022-01-09T15:41:5{number}Z",
        track=f"Song {number}",
        offline=True,
        offline_timestamp=milliseconds("2022-01-08 06:20") + number * 200_000,
    )
    for number in range(5)
]


def test_offline_plays_are_on_the_day_on_which_they_were_heard(histories: Histories) -> None:
    of = music(histories, FLIGHT)

    assert [(day.day, day.plays) for day in of.daily] == [(date(2022, 1, 8), 5)]
    assert of.clock[5] == [0] * 6 + [5] + [0] * 17
    assert (of.rollup.sessions, of.rollup.session_seconds) == (1, 1000)


def test_a_flight_over_new_year_is_in_the_year_in_which_it_began(histories: Histories) -> None:
    row = extended(
        "2022-01-03T10:00:00Z", offline=True, offline_timestamp=milliseconds("2021-12-31 20:00") // 1000
    )
    account_id = histories.history_of([[row, extended("2022-01-02T10:00:00Z", track="Song B")]])

    old_year = histories.summary(account_id, "UTC", days=(date(2021, 12, 1), date(2021, 12, 31)))
    new_year = histories.summary(account_id, "UTC", days=(date(2022, 1, 1), date(2022, 1, 31)))

    assert old_year is not None
    assert new_year is not None
    assert [track.name for track in old_year.tracks.top(9)] == ["Song A"]
    assert [track.name for track in new_year.tracks.top(9)] == ["Song B"]


@pytest.mark.parametrize(
    ("said_to_be", "day"),
    [
        (milliseconds("2022-01-08 06:20"), 8),
        (float(milliseconds("2022-01-08 06:20")), 8),
        (milliseconds("2022-01-08 06:20") // 1000, 8),
        (milliseconds("2022-01-08 06:20") / 1000 + 0.25, 8),
        (milliseconds("2022-01-10 12:00:00"), 10),
        (milliseconds("2022-01-10 11:59:59"), 10),
        (milliseconds("2022-01-10 12:00:00") + 1, 10),
        (milliseconds("2022-01-11 12:00:00"), 10),
        (milliseconds("2005-12-31 23:59:59"), 10),
        (None, 10),
        (0, 10),
        (-1_641_622_800, 10),
        ("1641622800000", 10),
        (True, 10),
        ([], 10),
        ({"a": 1}, 10),
        (float("nan"), 10),
        (float("inf"), 10),
        (10**30, 10),
    ],
)
def test_only_a_time_of_the_play_is_its_start(histories: Histories, said_to_be: object, day: int) -> None:
    row = extended("2022-01-10T12:00:00Z", offline=True, offline_timestamp=said_to_be)

    (found,) = music(histories, [row]).daily

    assert (found.day.day, found.plays) == (day, 1)


@pytest.mark.parametrize("moment", ["2006-01-01 00:00:00", "2022-01-10 12:00:00"])
def test_the_limits_are_times_of_the_play(moment: str) -> None:
    row = extended("2022-01-10T12:00:00Z", offline_timestamp=milliseconds(moment))

    batch = read_json(json.dumps([row]).encode(), 1.8e9).batch

    assert batch.columns["offline_at"].tolist() == [milliseconds(moment)]


@pytest.mark.parametrize("offline", [False, None])
def test_a_play_that_was_not_offline_ends_at_its_ts(histories: Histories, offline: bool | None) -> None:
    row = extended(
        "2022-01-10T12:00:00Z", offline=offline, offline_timestamp=milliseconds("2022-01-08 06:20")
    )

    assert [day.day.day for day in music(histories, [row]).daily] == [10]


def test_the_same_song_twice_in_one_offline_stretch_is_two_plays(histories: Histories) -> None:
    rows = [
        extended("2022-01-09T15:41:50Z", 251_000, offline=True, offline_timestamp=at)
        for at in (1_641_622_800_000, 1_641_627_742_000)
    ]

    assert music(histories, rows, rows[::-1]).totals.plays == 2


@pytest.mark.parametrize(("apart", "plays"), [(29_999, 1), (30_000, 2)])
def test_offline_plays_that_start_less_than_thirty_seconds_apart_are_one(
    histories: Histories, apart: int, plays: int
) -> None:
    begin = milliseconds("2022-01-08 06:20")
    rows = [
        extended("2022-01-09T15:41:50Z", offline=True, offline_timestamp=begin),
        extended("2022-01-09T17:00:00Z", offline=True, offline_timestamp=begin + apart),
    ]

    assert music(histories, rows).totals.plays == plays


def test_account_data_beside_extended_history_counts_once(histories: Histories) -> None:
    theirs = [account("2022-02-10 21:04", ms=91_377), account("2022-02-11 08:59", "Song B", ms=190_123)]
    ours = [
        extended("2022-02-10T21:13:40Z", 91_377, offline_timestamp=1_644_526_970_000),
        extended("2022-02-11T09:00:12Z", 190_123, "Song B"),
    ]

    assert music(histories, theirs, ours).totals.plays == 2
    assert music(histories, ours, theirs).totals.plays == 2


COVERED = [extended("2022-01-01T00:00:00Z", track="First"), extended("2022-12-31T00:00:00Z", track="Last")]


@pytest.mark.parametrize(
    ("end", "ts", "plays"),
    [
        ("2022-05-01 10:00", "2022-05-01T10:00:59Z", 1),
        ("2022-05-01 10:00", "2022-05-01T10:00:00Z", 1),
        ("2022-05-01 10:00", "2022-05-01T09:59:59Z", 2),
        ("2022-05-01 10:00", "2022-05-02T10:00:00Z", 1),
        ("2022-05-01 10:00", "2022-05-02T10:00:01Z", 2),
        ("2021-12-31 23:00", "2022-01-01T02:00:00Z", 2),
        ("2021-12-31 23:59", "2022-01-01T02:00:00Z", 2),
        ("2022-01-01 00:00", "2022-01-01T02:00:00Z", 1),
    ],
)
def test_account_data_has_a_partner_up_to_a_day_later(
    histories: Histories, end: str, ts: str, plays: int
) -> None:
    files = [[account(end)], [extended(ts), *COVERED]]

    assert music(histories, *files).totals.plays == 2 + plays


@pytest.mark.parametrize(
    ("stopped", "plays"),
    [("09:57:59", 2), ("09:58:00", 1), ("10:00:30", 1), ("10:02:00", 1), ("10:02:01", 2)],
)
def test_or_one_that_stopped_within_two_minutes(histories: Histories, stopped: str, plays: int) -> None:
    at = milliseconds(f"2022-05-01 {stopped}") - 200_000
    late = extended("2022-05-04T10:00:00Z", offline_timestamp=at)

    assert music(histories, [account("2022-05-01 10:00")], [late, *COVERED]).totals.plays == 2 + plays


def test_each_row_of_extended_history_is_the_partner_of_one(histories: Histories) -> None:
    theirs = [account("2022-05-01 10:00"), account("2022-05-01 11:00"), account("2022-05-01 12:00")]
    ours = [extended("2022-05-01T12:00:30Z"), extended("2022-05-01T13:30:00Z")]

    assert music(histories, theirs, [*ours, *COVERED]).totals.plays == 2 + 3


def test_audiobooks_of_account_data_are_audiobooks(histories: Histories) -> None:
    rows = [
        {
            "endTime": f"2024-04-29 15:{minute}",
            "audiobookName": "A Book",
            "chapterName": chapter,
            "authorName": "An Author",
            "msPlayed": ms,
        }
        for minute, chapter, ms in ((33, "Track 4", 445_712), (20, "Track 3", 42_124))
    ]

    of = music(histories, rows, kind="audiobooks")

    assert said(of)["top_artists"] == [{"rank": 1, "name": "A Book", "plays": 2, "ms_played": 487_836}]
    assert sorted(track.name for track in of.tracks.top(9)) == ["Track 3", "Track 4"]


GONE = [
    account("2024-01-01 15:29", "Unknown Track", "Unknown Artist", 218_146),
    account("2024-01-02 15:39", "Unknown Track", "Unknown Artist", 182_146),
]


@pytest.mark.parametrize(
    "gone",
    [
        GONE,
        [extended("2024-01-01T15:29:00Z", 218_146, None), extended("2024-01-02T15:39:00Z", 182_146, None)],
        [extended("2024-01-01T15:29:00Z", 218_146, ""), extended("2024-01-02T15:39:00Z", 182_146, " \t")],
    ],
    ids=["account data", "only an address", "empty"],
)
def test_plays_with_unknown_names_count_and_are_in_no_ranking(histories: Histories, gone: list[Row]) -> None:
    nobody = {"master_metadata_album_artist_name": None, "master_metadata_album_album_name": ""}
    of = music(histories, [row | nobody if "ts" in row else row for row in gone])

    report = said(of)
    assert report["totals"] == {
        "plays": 2,
        "ms_played": 400_292,
        "ms_estimated": 0,
        "plays_without_time": 0,
        "tracks": 0,
        "artists": 0,
        "albums": 0,
        "days": 2,
    }
    assert report["top_artists"] == report["top_tracks"] == report["top_albums"] == report["discovery"] == []
    assert [(day["date"], day["plays"]) for day in report["daily"]] == [("2024-01-01", 1), ("2024-01-02", 1)]
    assert of.longest_streak.days == 2
    assert sum(map(sum, of.clock)) == 2


def test_a_known_name_beside_an_unknown_one_counts(histories: Histories) -> None:
    of = music(
        histories,
        [
            account("2024-01-01 10:00", "Unknown Track", "A Real Band"),
            account("2024-01-01 11:00", "A Real Song", "Unknown Artist"),
        ],
    )

    assert [artist.name for artist in of.artists.top(9)] == ["A Real Band"]
    assert [track.name for track in of.tracks.top(9)] == ["A Real Song", "Unknown Track"]


def test_an_artist_called_so_in_extended_history_is_one(histories: Histories) -> None:
    row = extended("2022-05-01T10:00:00Z", master_metadata_album_artist_name="Unknown Artist")

    assert [artist.name for artist in music(histories, [row]).artists.top(9)] == ["Unknown Artist"]


def test_numbers_that_went_through_pandas_are_read() -> None:
    row = extended("2020-04-12T13:51:20Z") | {
        "ms_played": 217_653.0,
        "shuffle": 0.0,
        "skipped": None,
        "offline": 1.0,
        "offline_timestamp": 1_586_367_553_238.0,
        "incognito_mode": "True",
        "episode_name": float("nan"),
    }

    found = read_json(json.dumps([row, account("2020-04-12 13:00") | {"msPlayed": 5000.0}]).encode(), 1.8e9)

    columns = {name: column.tolist() for name, column in found.batch.columns.items()}
    assert (found.read, columns["ms"]) == (2, [217_653, 5_000])
    assert (columns["shuffle"], columns["skipped"], columns["offline"]) == ([0, -1], [-1, -1], [1, -1])
    assert (columns["incognito"], columns["offline_at"]) == ([1, -1], [1_586_367_553_238, 0])


def test_a_row_of_a_podcast_with_empty_names_of_a_track_is_a_podcast(histories: Histories) -> None:
    empty = dict.fromkeys(
        ("master_metadata_track_name", "master_metadata_album_artist_name", "spotify_track_uri"), ""
    )
    row = extended("2022-05-01T10:00:00Z") | empty | {"episode_name": "One", "episode_show_name": "Talks"}

    assert [track.name for track in music(histories, [row], kind="podcasts").tracks.top(9)] == ["One"]


def test_account_data_of_2018_is_ignored_with_its_reason() -> None:
    rows = [{"artistName": "Artist A", "trackName": "Song A", "time": "2018-03-06 07:29:33"}] * 2

    found = read_json(json.dumps(rows).encode(), 1.8e9)

    assert (found.read, found.ignored) == (2, 2)
    assert found.ignored_why == {"account data of 2018, which does not say how long anything was played": 2}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("one\ttwo", "one two"),
        ("A\nB", "A B"),
        ("A\r\nB", "A B"),
        ("A\u2028B\x0bC", "A B C"),
        ("a\x00b\x07c\x9fd", "abcd"),
        ("\u200bSong\ufeff", "Song"),
        (" \u200e\tSong\u00a0\u2060\n ", "Song"),
        ("\x00 Song \x1b", "Song"),
        ("👩\u200d🎤 می\u200cخواهم", "👩\u200d🎤 می\u200cخواهم"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("\u200b \t", None),
        (" " * 600 + "Song", "Song"),
    ],
)
def test_names_are_on_one_line_with_nothing_unseen_around_them(written: str, kept: str | None) -> None:
    rows = [extended("2022-05-01T10:00:00Z", track=written)]

    assert read_json(json.dumps(rows).encode(), 1.8e9).batch.items[0].title == kept


def as_an_older_program_kept_it(store: Store) -> None:
    """Takes out of the kept rows what is new, and gives names back what is cleaned from them today."""
    with store.writing() as connection:
        for number, body in connection.execute(select(history_file.c.id, history_file.c.batch)).all():
            columns, items, words = msgspec.msgpack.decode(body)
            del columns["offline_at"]
            for item in items:
                item[1:3] = (
                    ("Unknown Artist", "Unknown Track") if item[2] is None else (item[1], f" {item[2]} ")
                )
            packed = msgspec.msgpack.encode([columns, items, words])
            connection.execute(update(history_file).where(history_file.c.id == number).values(batch=packed))


def test_a_history_of_an_older_program_is_made_anew_and_joins_the_same_export(
    unmigrated_url: str, tmp_path: Path
) -> None:
    store = Store(unmigrated_url)
    migrate(store)
    mira = find_or_add_account(store, "spotify", "mira", None)
    nobody = find_or_add_account(store, "spotify", "theo", None)
    rows = [*FLIGHT, FLIGHT[0] | {"offline_timestamp": milliseconds("2022-01-08 08:00")}]
    files = {"endsong_0.json": rows, "StreamingHistory0.json": [*GONE, account("2024-01-03 10:00", "Song")]}

    def bring() -> dict[str, int]:
        uploads = [(name, json.dumps(held).encode()) for name, held in files.items()]
        number = queue(store, mira, tmp_path / "uploads", *uploads)
        work(store, tmp_path / "uploads")
        found = files_of(store, number)
        return {name: sum(entry.rows[name] for entry in found) for name in ("read", "kept", "duplicate")}

    def totals() -> tuple[int, int, int]:
        of = range_with_plays(store, mira, preset_query(ZoneInfo("UTC"), date(2026, 1, 1), 30_000))
        assert of is not None
        return of.totals.plays, of.totals.tracks, of.totals.days

    assert bring() == {"read": 9, "kept": 9, "duplicate": 0}
    assert totals() == (9, 6, 4)
    as_an_older_program_kept_it(store)
    with store.writing() as connection:
        command.downgrade(alembic_config(connection), "0004")
    migrate(store)
    assert stale_mark(store, mira) is not None
    assert stale_mark(store, nobody) is None

    work(store, tmp_path / "uploads")

    # Two of one second were one, and all of them on the day on which the phone came online.
    assert stale_mark(store, mira) is None
    assert totals() == (8, 6, 4)
    assert bring() == {"read": 9, "kept": 6, "duplicate": 3}
    assert totals() == (9, 6, 4)
    store.close()
