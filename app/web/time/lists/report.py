"""`/history/artists`, `/history/tracks`, `/history/albums`: a ranking of a range, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.history.figures import Ranked, Ranking
from app.history.ranks import among, matching, ranks, stretch
from app.web.time.compared import Kind, Line, earlier, lines, ranking_of
from app.web.time.summary import Summary

ROWS = 50


@dataclass(frozen=True)
class Order:
    """How a list is asked for. `words` all stand in the name, or in the artist's. Pages count from 1."""

    by_time: bool = False
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class TopList:
    """A page of a ranking. `found`: how many there are that answer to the words; `length`: without them.

    `most`: the largest amount of the whole list, plays or milliseconds, for its bars.
    """

    kind: Kind
    order: Order
    lines: Sequence[Line]
    found: int
    length: int
    most: int
    before: Summary | None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.found // ROWS))


def top_list(summary: Summary, kind: Kind, order: Order) -> TopList:
    """One page of a list. Ranks are those of the whole range, whatever the words."""
    whole = ranking_of(summary, kind)
    chosen = _chosen(summary, kind, whole, order.words)
    first = (order.page - 1) * ROWS + 1
    numbers = stretch(chosen, first, ROWS, order.by_time)
    before = earlier(summary)
    return TopList(
        kind,
        order,
        lines(_ranked(whole, numbers, order.by_time), kind, before, order.by_time),
        chosen.length,
        whole.length,
        int((whole.ms if order.by_time else whole.plays).max(initial=0)),
        before,
    )


def whole_list(summary: Summary, kind: Kind, order: Order) -> Sequence[Line]:
    """All of a list, whatever the page."""
    whole = ranking_of(summary, kind)
    chosen = _chosen(summary, kind, whole, order.words)
    place = {at: rank for rank, at in enumerate(stretch(whole, 1, None, order.by_time), 1)}
    ranked = [whole.ranked(at, place[at]) for at in stretch(chosen, 1, None, order.by_time)]
    before = earlier(summary)
    if before is None:
        return [Line(one, None) for one in ranked]
    earlier_order = stretch(ranking_of(before, kind), 1, None, order.by_time)
    then = {at: rank for rank, at in enumerate(earlier_order, 1)}
    return [Line(one, then[one.number] - one.rank if one.number in then else "new") for one in ranked]


def _ranked(whole: Ranking, numbers: Sequence[int], by_time: bool) -> list[Ranked]:
    place = ranks(whole, numbers, by_time)
    return [whole.ranked(at, place[at]) for at in numbers]


def _chosen(summary: Summary, kind: Kind, whole: Ranking, words: str) -> Ranking:
    if not words:
        return whole
    names = summary.names
    if kind is Kind.ARTISTS:
        which = matching(words, names.artists)
    elif kind is Kind.TRACKS:
        which = matching(words, names.tracks, names.track_artist, names.artists)
    else:
        which = matching(words, names.albums, names.album_artist, names.artists)
    return among(whole, which)
