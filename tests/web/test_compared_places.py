"""By how many of their tracks three ranges are compared: like with like, and never too many to ask about."""

from app.music import Track
from app.stats.ranking import LONGEST
from app.web.mood.report import MOST_ASKED, compared_places


def tracks(*numbers: int) -> list[Track]:
    return [Track(id=str(number), name=None) for number in numbers]


def test_lists_that_overlap_are_compared_whole() -> None:
    assert compared_places([tracks(*range(50)), tracks(*range(20, 70)), tracks(*range(40, 90))]) == LONGEST


def test_lists_with_nothing_in_common_are_compared_by_their_first_half() -> None:
    disjoint = [tracks(*range(start, start + 50)) for start in (0, 100, 200)]

    assert compared_places(disjoint) == (MOST_ASKED - 50) // 2


def test_it_is_the_same_in_whatever_order_the_ranges_come() -> None:
    lists = [tracks(*range(50)), tracks(*range(30, 80)), tracks(*range(200, 250))]

    assert len({compared_places(one) for one in (lists, lists[::-1], [lists[1], lists[2], lists[0]])}) == 1


def test_short_lists_and_none_are_compared_whole() -> None:
    assert compared_places([tracks(1), tracks(), tracks(2, 3)]) == LONGEST
    assert compared_places([[], [], []]) == LONGEST
