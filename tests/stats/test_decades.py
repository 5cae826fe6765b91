"""Decades: release dates of a year, a month or a day, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.music import Album, AudioFeatures, Track
from app.stats.decades import Decade, decades_of, release_year


def out(released: str | None) -> Track:
    return Track("t", "T", album=Album("a", "A", release_date=released))


@pytest.mark.parametrize(
    ("released", "year"),
    [
        ("1981", 1981),
        ("1981-12", 1981),
        ("1981-12-15", 1981),
        ("1860", 1860),
        ("2026-11-20", 2026),
        ("0000", None),
        ("0001-01-01", None),
        ("1859", None),
        ("9999", None),
        ("198", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("-198", None),
        (" 1981", None),
        ("１９８１", None),
        ("19.8", None),
    ],
)
def test_the_year_of_a_release_date(released: str | None, year: int | None) -> None:
    assert release_year(out(released)) == year


def test_a_track_without_album_came_out_nobody_knows_when() -> None:
    assert release_year(Track(None, "Tape")) is None
    assert decades_of([Track(None, "Tape"), out("soon")]) == ()


def test_a_worked_example() -> None:
    tracks = [out("1999-12-31"), out("2000"), out("1990"), out("soon"), out("1984-07")]
    sounds = [
        AudioFeatures("1", "spotify", valence=0.25, energy=1.0),
        None,
        AudioFeatures("3", "spotify", valence=0.75),
        AudioFeatures("4", "spotify", valence=0.0),
        AudioFeatures("5", "spotify", energy=0.0),
    ]

    assert decades_of(tracks, sounds) == (
        Decade(1980, 1, None, 0.0),
        Decade(1990, 2, 0.5, 1.0),
        Decade(2000, 1, None, None),
    )
    assert decades_of(tracks) == (Decade(1980, 1), Decade(1990, 2), Decade(2000, 1))
    assert decades_of([]) == ()


@given(st.lists(st.none() | st.text(max_size=10) | st.integers(1000, 2999).map(str), max_size=60))
def test_every_track_with_a_year_is_in_its_decade(released: list[str | None]) -> None:
    tracks = [out(day) for day in released]
    years = [year for track in tracks if (year := release_year(track)) is not None]
    decades = decades_of(tracks)

    assert sum(decade.count for decade in decades) == len(years)
    assert [decade.decade for decade in decades] == sorted({year - year % 10 for year in years})
    for decade in decades:
        assert decade.count == sum(decade.decade <= year < decade.decade + 10 for year in years)
