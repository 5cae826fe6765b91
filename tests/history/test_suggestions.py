"""Names that may mean the same: found, the most played first, and nothing else."""

import numpy as np
import pytest

from app.history.batch import Source
from app.history.blobs import HistoryManifest, build
from app.history.formats.rows import Reading, Row, contents
from app.history.recordings import SameRecording
from app.history.section import Names
from app.history.suggestions import (
    EDITION,
    FEATURED,
    MOST,
    RECORDING,
    SPELLING,
    THE,
    Suggestion,
    plain_names,
    shorter_artist,
    shorter_title,
    suggestions,
)
from app.store.history import MANIFEST
from tests.history.made import NOON


def names(tracks: list[tuple[str, str]], albums: list[tuple[str, str]] = ()) -> Names:  # type: ignore[assignment]
    artists = sorted({by for by, _ in [*tracks, *albums] if by})
    number = {by: at for at, by in enumerate(artists)} | {"": -1}
    return Names(
        artists,
        [title for _, title in tracks],
        np.array([number[by] for by, _ in tracks], np.int32),
        [title for _, title in albums],
        np.array([number[by] for by, _ in albums], np.int32),
        [],
        [],
        [None] * len(tracks),
    )


def found(
    tracks: list[tuple[str, str, int]],
    albums: list[tuple[str, str, int]] = (),  # type: ignore[assignment]
    recordings: list[SameRecording] = (),  # type: ignore[assignment]
) -> list[Suggestion]:
    made = names([one[:2] for one in tracks], [one[:2] for one in albums])
    by_artist = np.zeros(len(made.artists), np.int64)
    np.add.at(by_artist, made.track_artist, [plays for *_, plays in tracks])
    track_plays, album_plays = (np.array([one[2] for one in some], np.int64) for some in (tracks, albums))
    return suggestions(made, track_plays, album_plays, by_artist, recordings)


@pytest.mark.parametrize(
    ("title", "bare", "without"),
    [
        ("Jóga", "joga", None),
        ("Don’t", "don't", None),
        ("Let It Be - Remastered 2009", "let it be", EDITION),
        ("Let It Be - 2011 Remaster", "let it be", EDITION),
        ("Let It Be (Remastered)", "let it be", EDITION),
        ("Let It Be [2011 - Remaster]", "let it be", EDITION),
        ("Let It Be - Live / Remastered 2009", "let it be - live / remastered 2009", None),
        ("Let It Be - Live", "let it be - live", None),
        ("Record (20th Anniversary Deluxe Edition)", "record", EDITION),
        ("Record (Live Deluxe)", "record (live deluxe)", None),
        ("Song (feat. Ana) [Remastered]", "song", FEATURED),
        ("Song ft. Ana", "song", FEATURED),
        ("Song (ft. Ana)", "song", FEATURED),
        ("Song [featuring Ana]", "song", FEATURED),
        ("Song - with Ana", "song", FEATURED),
        ("Song (with Ana)", "song", FEATURED),
        ("Dance With Somebody", "dance with somebody", None),
        ("(Deluxe)", "(deluxe)", None),
        ("Left of the Middle", "left of the middle", None),
    ],
)
def test_what_is_left_out_of_a_title(title: str, bare: str, without: str | None) -> None:
    assert shorter_title(*plain_names([title])) == (bare, without)


def test_what_is_left_out_of_an_artist() -> None:
    bare = [shorter_artist(name) for name in plain_names(["The Band", "A feat. B", "The"])]
    assert bare == [("band", THE), ("a", FEATURED), ("the", None)]


def test_the_plain_or_the_most_played_name_stays_and_the_most_plays_come_first() -> None:
    said = found(
        [
            ("Björk", "Jóga", 30),
            ("Björk", "Joga", 4),
            ("Bjork", "Hunter", 9),
            ("Band", "Song", 2),
            ("Band", "Song - Remastered 2011", 50),
            ("The Band", "Other", 60),
            ("The Band", "Song", 0),
        ],
        [("Band", "Record", 5), ("Band", "Record (Deluxe)", 7), ("The Band", "Record", 1)],
    )
    assert said == [
        Suggestion("artist", THE, 52, "Band", None, "The Band", None),
        Suggestion("track", EDITION, 50, "Band", "Song - Remastered 2011", "Band", "Song"),
        Suggestion("artist", SPELLING, 9, "Bjork", None, "Björk", None),
        Suggestion("album", EDITION, 7, "Band", "Record (Deluxe)", "Band", "Record"),
        Suggestion("track", SPELLING, 4, "Björk", "Joga", "Björk", "Jóga"),
    ]


def test_there_are_fifty_at_the_most() -> None:
    tracks = [("Band", f"Song {n}{suffix}", n + 1) for n in range(60) for suffix in ("", " (Remastered)")]
    said = found(tracks)
    assert [one.plays for one in said] == list(range(60, 60 - MOST, -1))


def test_names_of_one_recording_are_told_by_their_code_and_only_while_both_are_there() -> None:
    def row(turn: int, artist: str, title: str, isrc: str | None = None, uri: str | None = None) -> Row:
        start = (NOON + 600 * turn) * 1000
        return Row(start=start, artist=artist, title=title, ms=100_000, isrc=isrc, uri=uri)

    rows = [
        row(0, "Ana", "One", isrc="X1"),
        row(1, "Ana", "One", isrc="X1"),
        row(2, "Ana B.", "One (Live)", isrc="X1"),
        row(3, "Ana", "Two", uri="spotify:track:2"),
        row(4, "Ana", "Zwei", uri="spotify:track:2"),
        row(5, "Ana", "zwei", uri="spotify:track:2"),
        row(6, "Ana", "Three", isrc="X3"),
    ]
    batch = contents(Source.KOITO, rows, Reading(2e9)).batch
    manifest = HistoryManifest.unpacked(dict(build(1, lambda _: batch, 30_000, "v").blobs)[MANIFEST])
    assert [(pair.title, pair.to_title.lower()) for pair in manifest.recordings] == [
        ("Two", "zwei"),
        ("One (Live)", "one"),
    ]
    tracks = [("Ana", "One", 2), ("Ana B.", "One (Live)", 1), ("Ana", "Zwei", 2)]
    assert found(tracks, recordings=manifest.recordings) == [
        Suggestion("track", RECORDING, 1, "Ana B.", "One (Live)", "Ana", "One")
    ]
