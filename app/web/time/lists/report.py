"""Top artists, tracks and albums by plays: a ranking of a range, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.history.figures import Ranked, Ranking
from app.history.ranks import among, matching, ranks, stretch
from app.web.time.range_with_plays import Kind, Line, RangeWithPlays, lines

ROWS = 50
TOP = 10  # that the page's first sentence is about


@dataclass(frozen=True)
class Order:
    """How a list is asked for. `words` all stand in the name, or in the artist's. Pages count from 1."""

    by_time: bool = False
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class TopList:
    """A page of a ranking. `found`: how many there are that answer to the words; `length`: without them.

    `most`: the largest amount of the whole list, plays or milliseconds, for its bars. `top`: the first ten,
    whatever the words. `plays`, `ms`: of the whole range; `unnamed_plays`: those that the list leaves out.
    `compared`: whether there were plays in the period before.
    """

    kind: Kind
    order: Order
    lines: Sequence[Line]
    found: int
    length: int
    most: int
    top: Sequence[Ranked]
    plays: int
    ms: int
    unnamed_plays: int
    compared: bool

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.found // ROWS))


def top_list(selection: RangeWithPlays, kind: Kind, order: Order) -> TopList:
    """One page of a list. Ranks are those of the whole range, whatever the words."""
    whole = selection.ranking(kind)
    chosen = with_words(selection, kind, order.words)
    numbers = stretch(chosen, (order.page - 1) * ROWS + 1, ROWS, order.by_time)
    place = ranks(whole, numbers, order.by_time)
    before = selection.before()
    shown = lines((whole.ranked(at, place[at]) for at in numbers), kind, before, order.by_time)
    if order.words or order.page > 1:
        top = whole.top(TOP, by_time=order.by_time)
    else:
        top = [line.item for line in shown[:TOP]]
    return TopList(
        kind=kind,
        order=order,
        lines=selection.with_pictures({kind: shown})[kind],
        found=chosen.length,
        length=whole.length,
        most=int((whole.ms if order.by_time else whole.plays).max(initial=0)),
        top=top,
        plays=selection.rollup.plays,
        ms=selection.rollup.ms,
        unnamed_plays=selection.rollup.plays - int(whole.plays.sum()),
        compared=before is not None,
    )


@dataclass(frozen=True)
class WholeList:
    """All of a list, whatever the page. `plays`: of the whole range."""

    lines: Sequence[Line]
    plays: int


def whole_list(selection: RangeWithPlays, kind: Kind, order: Order) -> WholeList:
    """All of a list."""
    whole, before = selection.ranking(kind), selection.before()
    place = _places(whole, order.by_time)
    numbers = stretch(with_words(selection, kind, order.words), 1, None, order.by_time)
    ranked = [whole.ranked(at, place[at]) for at in numbers]
    if before is None:
        return WholeList([Line(item, None) for item in ranked], selection.rollup.plays)
    # Every rank at once: to ask for each of many thousands would take minutes.
    then = _places(before.ranking(kind), order.by_time)
    moved = [Line(item, then[item.number] - item.rank if item.number in then else "new") for item in ranked]
    return WholeList(moved, selection.rollup.plays)


def _places(ranking: Ranking, by_time: bool) -> dict[int, int]:
    return {at: rank for rank, at in enumerate(stretch(ranking, 1, None, by_time), 1)}


def with_words(selection: RangeWithPlays, kind: Kind, words: str) -> Ranking:
    """The ranking of what has all the words in its name or its artist's, with the numbers of the whole."""
    whole, names = selection.ranking(kind), selection.names
    if not words:
        return whole
    if kind is Kind.ARTISTS:
        which = matching(words, names.artists)
    elif kind is Kind.TRACKS:
        which = matching(words, names.tracks, names.track_artist, names.artists)
    else:
        which = matching(words, names.albums, names.album_artist, names.artists)
    return among(whole, which)
