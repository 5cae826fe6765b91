"""Ranked lists: weights, ranks and movement, in worked examples and for any list."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.ranking import LONGEST, movement, rank_weight, ranks, share_of_largest, weigh

names = st.sampled_from("abcdefgh")
groups = st.lists(st.lists(names, max_size=4), max_size=LONGEST)


def test_the_first_of_fifty_weighs_fifty_and_the_last_one() -> None:
    assert [rank_weight(rank) for rank in (1, 2, 49, 50)] == [50, 49, 2, 1]


@pytest.mark.parametrize(
    ("rank", "before", "moved"),
    [(1, 4, 3), (4, 1, -3), (7, 7, 0), (50, 1, -49), (1, None, "new"), (50, None, "new")],
)
def test_movement_is_positive_when_risen(rank: int, before: int | None, moved: object) -> None:
    assert movement(rank, before) == moved


def test_of_two_equal_keys_the_better_place_is_the_rank() -> None:
    assert ranks(["a", "b", "a", "c"]) == {"a": 1, "b": 2, "c": 4}
    assert ranks([]) == {}


def test_a_worked_example_of_weights() -> None:
    weights = weigh([["dub", "house"], ["dub"], [], ["jazz", "jazz"], ["house"]])

    assert weights == {"dub": 50 + 49, "house": 50 + 46, "jazz": 47}
    assert list(weights) == ["dub", "house", "jazz"]


def test_of_two_equal_weights_the_one_with_the_better_ranked_item_comes_first() -> None:
    assert list(weigh([["b", "a"], ["z"], ["a"], ["b"], ["a"], []])) == ["a", "b", "z"]
    assert list(weigh([["b", "a"]])) == ["b", "a"]
    assert list(weigh([["z"], ["a"], ["a"]])) == ["a", "z"]


@given(groups)
def test_every_item_adds_its_weight_to_each_of_its_groups_once(given_groups: list[list[str]]) -> None:
    expected = Counter[str]()
    for place, of in enumerate(given_groups):
        expected.update(dict.fromkeys(set(of), 50 - place))

    weights = weigh(given_groups)

    assert weights == dict(expected)
    assert list(weights.values()) == sorted(weights.values(), reverse=True)
    firsts = {name: next(at for at, of in enumerate(given_groups) if name in of) for name in weights}
    for before, after in zip(weights, list(weights)[1:], strict=False):
        assert weights[before] > weights[after] or firsts[before] <= firsts[after]


@given(st.lists(names, max_size=LONGEST), st.lists(names, max_size=LONGEST))
def test_ranks_and_movement_agree(now: list[str], then: list[str]) -> None:
    ranks_now, ranks_then = ranks(now), ranks(then)

    assert ranks_now.keys() == set(now)
    for name, rank in ranks_now.items():
        assert now[rank - 1] == name
        assert name not in now[: rank - 1]
        moved = movement(rank, ranks_then.get(name))
        assert (moved == "new") == (name not in then)
        if moved != "new":
            assert rank + moved == ranks_then[name]
            assert movement(ranks_then[name], rank) == -moved


@given(st.dictionaries(names, st.integers(1, 50)), st.integers(1, 9))
def test_the_share_of_the_largest(weights: dict[str, int], most: int) -> None:
    share = share_of_largest(weights, most)

    if not weights:
        assert share is None
        return
    assert share is not None
    assert min(most, len(weights)) / len(weights) - 1e-12 <= share <= 1
    assert (share == 1) == (most >= len(weights))


def test_a_worked_share() -> None:
    assert share_of_largest({"a": 5, "b": 1, "c": 3, "d": 1}, 2) == 0.8
    assert share_of_largest({"a": 0}, 2) is None
