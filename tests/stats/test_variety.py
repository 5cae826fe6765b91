"""Variety: how many artists a list is really spread over."""

from math import e, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.music import ArtistName, Track
from app.stats.variety import Variety, effective_number, variety_of

weights = st.lists(st.floats(0.001, 1000), min_size=1, max_size=60)


def by(*artists: ArtistName) -> Track:
    return Track("t", "T", artists)


def named(*names: str) -> list[Track]:
    """A track by each of these artists, the id the same as the name."""
    return [by(ArtistName(name, name)) for name in names]


def test_equal_weights_are_as_many_as_they_are() -> None:
    assert [effective_number([7] * n) for n in (1, 2, 3, 50)] == pytest.approx([1, 2, 3, 50])


def test_a_worked_effective_number() -> None:
    # 1/2, 1/4, 1/4: the entropy is 1.5 bits, so 2 to the power of 1.5.
    assert effective_number([2, 1, 1]) == pytest.approx(2**1.5)
    assert effective_number([1, e - 1]) == pytest.approx(e / (e - 1) ** ((e - 1) / e))


@pytest.mark.parametrize("nothing", [[], [0], [0, 0.0]])
def test_without_weight_there_is_no_number(nothing: list[float]) -> None:
    assert effective_number(nothing) is None


@given(weights)
def test_it_lies_between_one_and_how_many_there_are(of: list[float]) -> None:
    number = effective_number(of)

    assert number is not None
    assert 1 - 1e-9 <= number <= len(of) + 1e-9


@given(weights, st.floats(0.01, 100))
def test_neither_order_nor_scale_nor_nothing_changes_it(of: list[float], scale: float) -> None:
    number = effective_number(of)

    assert effective_number([one * scale for one in reversed(of)] + [0]) == pytest.approx(number)


@given(weights)
def test_the_same_again_under_other_names_is_twice_as_varied(of: list[float]) -> None:
    number = effective_number(of)

    assert number is not None
    assert effective_number(of * 2) == pytest.approx(2 * number)


def test_a_worked_example() -> None:
    variety = variety_of(named("a", "b", "a"))

    assert (variety.artists, variety.top_five_share) == (2, 1.0)
    assert variety.effective_artists == pytest.approx(exp(-(2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3))))


def test_the_share_of_the_top_five() -> None:
    variety = variety_of(named(*"abcdefgh"))

    assert variety.artists == 8
    assert variety.top_five_share == pytest.approx((50 + 49 + 48 + 47 + 46) / (50 * 8 - 28))


def test_fifty_tracks_by_fifty_artists() -> None:
    variety = variety_of(named(*map(str, range(50))))

    assert variety.artists == 50
    assert variety.top_five_share == pytest.approx(240 / 1275)
    assert variety.effective_artists is not None
    assert 35 < variety.effective_artists < 50  # the ranks weigh, so that it is fewer than fifty


def test_only_the_first_artist_counts() -> None:
    ada, bo = ArtistName("a", "Ada"), ArtistName("b", "Bo")

    assert variety_of([by(ada, bo), by(ada), by(bo, ada)]).artists == 2


def test_one_artist_is_one() -> None:
    assert variety_of(named(*"aaaa")) == Variety(1, 1.0, 1.0)


def test_who_has_no_id_is_known_by_name_and_no_artist_is_nobody() -> None:
    local = [by(ArtistName(None, "Abuela")), by(ArtistName(None, "ABUELA")), by(ArtistName(None, "Ada"))]

    assert variety_of(local).artists == 2
    assert variety_of([by(), by(), by(ArtistName("a", None))]).artists == 1
    assert variety_of([by(), by()]) == Variety(0, None, None)
    assert variety_of([by(ArtistName("a", "One name")), by(ArtistName("b", "One name"))]).artists == 2


def test_nothing_has_no_variety() -> None:
    assert variety_of([]) == Variety(0, None, None)
