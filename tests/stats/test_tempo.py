"""Tempo: bands that cover every tempo once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.music import AudioFeatures
from app.stats.tempo import tempo_bands

UNKNOWN = AudioFeatures("t", "spotify")


def at(*tempos: float | None) -> list[AudioFeatures]:
    return [replace(UNKNOWN, tempo=tempo) for tempo in tempos]


@pytest.mark.parametrize(
    ("tempo", "name"),
    [
        (1.0, "slow"),
        (75.999, "slow"),
        (76.0, "walking"),
        (107.9, "walking"),
        (108.0, "moderate"),
        (120.0, "fast"),
        (155.99, "fast"),
        (156.0, "very fast"),
        (1000.0, "very fast"),
    ],
)
def test_a_band_begins_with_its_own_number(tempo: float, name: str) -> None:
    assert [band.name for band in tempo_bands(at(tempo)) if band.count] == [name]


@given(st.lists(st.none() | st.floats(0, 1000), max_size=60))
def test_every_known_tempo_is_in_one_band(tempos: list[float | None]) -> None:
    bands = tempo_bands([None, *at(*tempos)])

    assert sum(band.count for band in bands) == sum(tempo is not None for tempo in tempos)


def test_the_bands_follow_each_other_and_the_last_has_no_end() -> None:
    bands = tempo_bands([])

    assert bands[0].start == 0
    assert [band.end for band in bands] == [*(band.start for band in bands[1:]), None]
    assert len({band.name for band in bands}) == len(bands)
    assert sum(band.count for band in bands) == 0
