"""Keys: order, ties, names, the circle of fifths."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.music import AudioFeatures
from app.stats.keys import (
    CIRCLE_OF_FIFTHS,
    PITCH_CLASSES,
    RELATIVE_MINOR,
    KeySignature,
    key_name,
    keys_of,
    modes_of,
    most_common_key,
)

UNKNOWN = AudioFeatures("t", "spotify")
tracks = st.none() | st.builds(
    AudioFeatures,
    track_id=st.just("t"),
    source=st.just("spotify"),
    key=st.none() | st.integers(0, 11),
    mode=st.none() | st.integers(0, 1),
)


def in_keys(*pairs: tuple[int | None, int | None]) -> list[AudioFeatures]:
    return [replace(UNKNOWN, key=key, mode=mode) for key, mode in pairs]


def test_a_worked_example() -> None:
    found = keys_of([None, *in_keys((9, 0), (0, 1), (9, 0), (9, 1), (4, None), (None, 1))])

    assert found == (
        KeySignature(9, 0, "A minor", 2),
        KeySignature(0, 1, "C major", 1),
        KeySignature(9, 1, "A major", 1),
    )
    assert modes_of(in_keys((9, 0), (0, 1), (None, 1), (3, None))) == {"major": 2, "minor": 1}


def test_ties_stay_in_the_order_of_the_ranks() -> None:
    found = keys_of(in_keys((11, 1), (0, 0), (5, 1), (5, 1), (0, 0)))

    assert [(entry.key, entry.mode) for entry in found] == [(0, 0), (5, 1), (11, 1)]


def test_nothing_known_has_no_key() -> None:
    assert keys_of([None, UNKNOWN]) == ()
    assert most_common_key([]) is None
    assert modes_of([None, UNKNOWN]) == {"major": 0, "minor": 0}


@given(st.lists(tracks, max_size=60))
def test_every_track_whose_key_is_known_counts_once(given_tracks: list[AudioFeatures | None]) -> None:
    pairs = [
        (track.key, track.mode)
        for track in given_tracks
        if track and track.key is not None and track.mode is not None
    ]
    found = keys_of(given_tracks)

    assert {(entry.key, entry.mode): entry.count for entry in found} == Counter(pairs)
    assert all(entry.name == key_name(entry.key, entry.mode) for entry in found)
    order = [(-entry.count, pairs.index((entry.key, entry.mode))) for entry in found]
    assert order == sorted(order)
    assert most_common_key(given_tracks) == (found[0] if found else None)


@given(st.lists(tracks, max_size=60))
def test_modes_count_each_track_whose_mode_is_known(given_tracks: list[AudioFeatures | None]) -> None:
    known = [track.mode for track in given_tracks if track and track.mode is not None]

    assert modes_of(given_tracks) == {"major": known.count(1), "minor": known.count(0)}


def test_the_circle_of_fifths_goes_round_all_twelve() -> None:
    named = [PITCH_CLASSES[key] for key in CIRCLE_OF_FIFTHS]

    assert named == ["C", "G", "D", "A", "E", "B", "F♯", "C♯", "G♯", "D♯", "A♯", "F"]
    assert PITCH_CLASSES[(CIRCLE_OF_FIFTHS[0] + RELATIVE_MINOR) % 12] == "A"
    assert PITCH_CLASSES[(CIRCLE_OF_FIFTHS[1] + RELATIVE_MINOR) % 12] == "E"
