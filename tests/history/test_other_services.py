"""Plays that several services tell: one play each, whatever comes first."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.batch import Batch, Source
from app.history.blobs import HistoryManifest, build, unpack_names
from app.history.formats.rows import Reading, Row, contents
from app.history.formats.spotify import read_json
from app.history.live import live_batch
from app.history.section import EVERY_COLUMN, Rows
from app.store.history import MANIFEST
from app.store.sync import LivePlay
from tests.history.made import body, play

NOON = 1_600_000_000  # Unix seconds
NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
MINUTE = 60


class Kept(NamedTuple):
    """A play of a history: Unix seconds, milliseconds; `measured` as in a batch."""

    start: int
    ms: int
    title: str
    source: Source
    measured: int


def scrobbles(source: Source, *rows: Row) -> Batch:
    """What a file of a service holds."""
    found = contents(source, rows, Reading(now=NOW))
    assert (found.unreadable, found.ignored) == (0, 0)
    return found.batch


def scrobble(seconds: float, title: str = "Title", artist: str = "Artist", **more: Any) -> Row:
    """A play that began so many seconds after NOON."""
    return Row(round((NOON + seconds) * 1000), artist, title, **more)


def extended(seconds: int, ms: int = 200_000, **more: Any) -> Batch:
    """Spotify's row of a play that began so many seconds after NOON."""
    row = play(NOON + seconds + ms // 1000, ms=ms, track="Title", artist="Artist", **more)
    return read_json(body([row]), NOW).batch


def live(ended: int, duration: int = 200, title: str = "Title") -> Batch:
    """A live play that ended so many seconds after NOON."""
    return live_batch([LivePlay((NOON + ended) * 1000, title, None, "Artist", title, None, duration * 1000)])


def history(*batches: Batch) -> list[Kept]:
    """The plays that the batches make."""
    return kept_of(batches)[0]


def kept_of(batches: Sequence[Batch]) -> tuple[list[Kept], list[int], list[int]]:
    """The plays; of each batch how many rows are kept, and how many told again."""
    built = build(len(batches), batches.__getitem__, 30_000, "v")
    blobs = dict(built.blobs)
    manifest = HistoryManifest.unpacked(blobs[MANIFEST])
    names = unpack_names(blobs[manifest.full_name("music/names")])
    bodies = [blobs[manifest.full_name(block.name)] for block in manifest.blocks("music")]
    rows = Rows.unpacked(bodies, tuple(EVERY_COLUMN))
    columns = (rows[name].tolist() for name in ("start", "ms", "track", "source", "measured"))
    plays = [
        Kept(start - NOON, ms, names.tracks[track], Source(source), measured)
        for start, ms, track, source, measured in zip(*columns, strict=True)
    ]
    return plays, built.kept, built.duplicate


def test_a_scrobble_of_a_spotify_play_is_that_play() -> None:
    plays, kept, told_again = kept_of([scrobbles(Source.LASTFM, scrobble(119)), extended(0)])

    assert plays == [Kept(0, 200_000, "Title", Source.EXTENDED, 1)]
    assert (kept, told_again) == ([0, 1], [1, 0])


def test_two_minutes_apart_are_the_same_and_a_moment_more_are_not() -> None:
    assert len(history(scrobbles(Source.LASTFM, scrobble(120)), extended(0))) == 1
    assert len(history(scrobbles(Source.LASTFM, scrobble(120.001)), extended(0))) == 2


def test_names_are_the_same_whatever_their_case_width_and_spaces() -> None:
    fullwidth = scrobble(5, title=" ＴＩＴＬＥ", artist="ARTIST ")

    assert len(history(scrobbles(Source.LASTFM, fullwidth), extended(0))) == 1
    assert len(history(scrobbles(Source.LASTFM, scrobble(5, title="Title 2")), extended(0))) == 2


def test_the_albums_artist_will_do_as_well() -> None:
    on_compilation = scrobble(5, artist="Guest", album_artist="Artist")

    assert len(history(scrobbles(Source.PANO, on_compilation), extended(0))) == 1
    assert len(history(scrobbles(Source.PANO, scrobble(5, artist="Guest")), extended(0))) == 2


def test_repeats_are_paired_one_to_one_the_nearest_first() -> None:
    told = scrobbles(Source.LASTFM, scrobble(90), scrobble(100))
    other = scrobbles(Source.LISTENBRAINZ, scrobble(0, ms=50_000), scrobble(95, ms=60_000))

    # 95 is as near to 90 as to 100: the earlier is taken. What is left, 0 and 100, is one play too.
    assert [(play.start, play.source) for play in history(told, other)] == [
        (0, Source.LISTENBRAINZ),
        (95, Source.LISTENBRAINZ),
    ]


def test_two_rows_of_one_service_are_never_one_play() -> None:
    twice = scrobbles(Source.LASTFM, scrobble(0), scrobble(20))

    assert [play.start for play in history(twice)] == [0, 20]
    assert len(history(twice, extended(0))) == 2


def test_three_services_tell_one_play() -> None:
    found = history(
        scrobbles(Source.LASTFM, scrobble(1)),
        scrobbles(Source.MALOJA, scrobble(2, ms=100_000)),
        scrobbles(Source.KOITO, scrobble(3, duration=240_000)),
    )

    assert found == [Kept(2, 100_000, "Title", Source.MALOJA, 1)]


def test_the_richer_row_stays() -> None:
    bare, long = scrobble(0), scrobble(10, duration=300_000)

    assert history(scrobbles(Source.LASTFM, bare), scrobbles(Source.KOITO, long)) == [
        Kept(10, 300_000, "Title", Source.KOITO, 0)
    ]
    assert history(scrobbles(Source.KOITO, long), live(200)) == [Kept(0, 200_000, "Title", Source.LIVE, 0)]


def test_what_one_service_tells_twice_is_a_duplicate() -> None:
    plays, kept, told_again = kept_of(
        [
            scrobbles(Source.LASTFM, scrobble(0), scrobble(0.9, album="Album"), scrobble(0, artist="Other")),
            scrobbles(Source.LASTFM, scrobble(0)),
        ]
    )

    assert [(play.start, play.title) for play in plays] == [(0, "Title"), (0, "Title")]
    assert (kept, told_again) == ([2, 0], [1, 1])


def test_a_stamp_of_minutes_is_any_second_of_that_minute() -> None:
    minute = NOON // 60 * 60 - NOON
    rough = scrobbles(
        Source.LASTFM, scrobble(minute, by_minute=True), scrobble(minute, "Two", by_minute=True)
    )

    exact = scrobbles(Source.LASTFM, scrobble(minute + 59), scrobble(minute + 60, "Two"))
    assert sorted((play.start - minute, play.title) for play in history(rough, exact)) == [
        (0, "Two"),
        (59, "Title"),
        (60, "Two"),
    ]
    # The minute ends two minutes before the other begins.
    later = scrobbles(Source.MALOJA, scrobble(minute + 179, ms=1000), scrobble(minute + 181, "Two", ms=1000))
    assert len(history(rough, later)) == 3


def test_account_data_knows_minutes_only() -> None:
    entry = {"endTime": "2020-09-13 12:30", "artistName": "Artist", "trackName": "Title", "msPlayed": 60_000}
    account = read_json(body([entry]), NOW).batch  # ended from 12:30:00 on, so began from 12:29:00 on

    began = int(datetime(2020, 9, 13, 12, 29, tzinfo=UTC).timestamp()) - NOON
    assert len(history(account, scrobbles(Source.LASTFM, scrobble(began + 59 + 120)))) == 1
    assert len(history(account, scrobbles(Source.LASTFM, scrobble(began + 60 + 120)))) == 2
    assert len(history(account, scrobbles(Source.LASTFM, scrobble(began - 121)))) == 2


def test_a_scrobble_lasts_as_long_as_its_track_at_most_until_the_next_play() -> None:
    found = history(
        scrobbles(
            Source.LASTFM,
            scrobble(0, "One", duration=200_000),
            scrobble(150, "Two"),
            scrobble(400, "Three", duration=200_000),
        )
    )

    assert [(play.title, play.ms, play.measured) for play in found] == [
        ("One", 150_000, 0),
        ("Two", 0, -1),
        ("Three", 200_000, 0),
    ]


def test_a_live_play_begins_when_the_scrobble_before_it_ends() -> None:
    found = history(scrobbles(Source.LASTFM, scrobble(0, "One", duration=200_000)), live(250, title="Two"))

    assert [(play.title, play.start, play.ms) for play in found] == [
        ("One", 0, 200_000),
        ("Two", 200, 50_000),
    ]


def test_a_live_play_that_nothing_ends_before_cuts_the_scrobble_short() -> None:
    found = history(scrobbles(Source.LASTFM, scrobble(0, "One", duration=400_000)), live(250, title="Two"))

    assert [(play.title, play.start, play.ms) for play in found] == [("One", 0, 50_000), ("Two", 50, 200_000)]


def test_a_skipped_row_of_a_player_is_no_play_but_a_skip() -> None:
    row = scrobble(0, skipped=True, duration=200_000)

    assert history(scrobbles(Source.SCROBBLER_LOG, row)) == [Kept(0, 0, "Title", Source.SCROBBLER_LOG, 1)]


TITLES = ("One", "Two")
SERVICES = (Source.LASTFM, Source.LISTENBRAINZ, Source.DEEZER)


@st.composite
def told(draw: st.DrawFn) -> list[tuple[Source, Row]]:
    """Rows of some services, near one another."""
    return [
        (
            draw(st.sampled_from(SERVICES)),
            scrobble(
                draw(st.integers(0, 40)) * 10,
                draw(st.sampled_from(TITLES)),
                album=draw(st.sampled_from([None, "Album"])),
                ms=draw(st.sampled_from([None, 30_000, 60_000])),
                duration=draw(st.sampled_from([None, 100_000])),
                by_minute=draw(st.booleans()),
            ),
        )
        for _ in range(draw(st.integers(0, 12)))
    ]


def test_many_services_tell_many_plays_and_each_is_one() -> None:
    services = (Source.LASTFM, Source.KOITO, Source.SCROBBLER_LOG, Source.CSV, Source.PANO, Source.MALOJA)
    seconds = range(0, 20_000, 1000)
    batches = [
        scrobbles(source, *(scrobble(second + 0.25 * late, f"Title {second}") for second in seconds))
        for late, source in enumerate(services)
    ]

    assert len(history(*batches)) == len(seconds)


@settings(max_examples=60)
@given(rows=told(), seed=st.integers(0, 999))
def test_any_order_of_rows_and_files_gives_the_same_history(
    rows: list[tuple[Source, Row]], seed: int
) -> None:
    rng = random.Random(seed)
    shuffled = rng.sample(rows + rows[:2], len(rows) + len(rows[:2]))
    spotify = [extended(100), extended(300, ms=90_000), live(420, title="One")]

    whole = [scrobbles(source, *(row for of, row in rows if of is source)) for source in SERVICES]
    pieces = [scrobbles(source, row) for source, row in shuffled]
    assert history(*spotify, *whole) == history(*pieces, *rng.sample(spotify, 3))


@settings(max_examples=60)
@given(rows=told())
def test_no_play_is_told_twice_and_none_is_lost(rows: list[tuple[Source, Row]]) -> None:
    batches = [scrobbles(source, *(row for of, row in rows if of is source)) for source in SERVICES]
    plays, kept, told_again = kept_of([*batches, extended(0)])

    assert sum(kept) + sum(told_again) == len(rows) + 1
    assert sum(kept) == len(plays)
    for title in TITLES:
        of_title = [play for play in plays if play.title == title]
        services = {source: sum(1 for play in of_title if play.source is source) for source in SERVICES}
        seconds = {
            source: len({row.start // 1000 for of, row in rows if of is source and row.title == title})
            for source in SERVICES
        }
        # What a service tells to the second is never one play.
        assert len(of_title) >= max(
            len(
                {
                    row.start // 1000
                    for of, row in rows
                    if of is source and row.title == title and not row.by_minute
                }
            )
            for source in SERVICES
        )
        assert all(services[source] <= seconds[source] for source in SERVICES)
