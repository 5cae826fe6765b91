"""What a list of the history prints."""

from dataclasses import dataclass

from app.web.format import TextSpan, counted, date_span, hours, number, stripped
from app.web.time.compared import Kind, ranking_of
from app.web.time.frame import Choice
from app.web.time.links import Links
from app.web.time.lists.report import ROWS, TopList
from app.web.time.rows import NOUNS, Row, row
from app.web.time.summary import Summary


@dataclass(frozen=True)
class Page:
    """A link of the pager; `href` is `None` where there is no such page."""

    label: str
    href: str | None


@dataclass(frozen=True)
class ListView:
    """A page of a list. `hidden`: what its search carries along; `everything`: it without words.

    `unknown`: how many plays it leaves out, in words.
    """

    kind: str
    title: str
    noun: str
    lead: tuple[TextSpan, ...]
    by: tuple[Choice, ...]
    rows: tuple[Row, ...]
    covers: str
    compared: str
    unknown: str
    words: str
    action: str
    hidden: tuple[tuple[str, str], ...]
    everything: str
    all_time: str
    page: int
    pages: int
    previous: Page
    next: Page
    json: str
    csv: str


def list_view(of: Summary, found: TopList, links: Links) -> ListView:
    """A page of a list in words and bars."""
    kind, order = found.kind, found.order
    endpoint = f"history.{kind.value}"
    asked = {"by": "time" if order.by_time else None, "q": order.words or None}

    def page(nth: int, label: str) -> Page:
        there = 1 <= nth <= found.pages
        return Page(label, links.to(endpoint, **asked, page=nth if nth > 1 else None) if there else None)

    return ListView(
        kind=kind.value,
        title=f"Top {kind.value}",
        noun=NOUNS[kind],
        lead=_lead(of, found),
        by=(
            Choice("By plays", links.to(endpoint, q=order.words or None), not order.by_time),
            Choice("By time", links.to(endpoint, q=order.words or None, by="time"), order.by_time),
        ),
        rows=tuple(row(one, kind, links, found.most, of.rollup.plays, order.by_time) for one in found.lines),
        covers=_covers(found),
        compared=_compared(of, found),
        unknown=_unknown(of, kind),
        words=order.words,
        action=links.bare(endpoint),
        hidden=links.hidden(by=asked["by"]),
        everything=links.to(endpoint, by=asked["by"]),
        all_time=links.all_time(endpoint, by=asked["by"], q=asked["q"]),
        page=order.page,
        pages=found.pages,
        previous=page(order.page - 1, "Previous"),
        next=page(order.page + 1, "Next"),
        json=links.to(
            "history.list_json", kind=kind.value, **asked, page=order.page if order.page > 1 else None
        ),
        csv=links.to("history.list_csv", kind=kind.value, **asked),
    )


def _lead(of: Summary, found: TopList) -> tuple[TextSpan, ...]:
    """How much the first ones take of everything."""
    whole = ranking_of(of, found.kind)
    if not whole.length:
        return ()
    by_time = found.order.by_time
    top = whole.top(10, by_time=by_time)
    first = stripped(top[0].name)
    all_of = of.rollup.ms if by_time else of.rollup.plays
    amount = hours(top[0].ms) if by_time else counted(top[0].plays, "play")
    opening: tuple[TextSpan, ...] = (
        TextSpan(first, is_name=True) if first else TextSpan(f"An unnamed {NOUNS[found.kind]}"),
        TextSpan(f" comes first, with {amount}."),
    )
    if whole.length <= len(top):
        return opening
    share = sum(one.ms if by_time else one.plays for one in top) / max(all_of, 1)
    what = "listening time" if by_time else "plays"
    nouns = f"{NOUNS[found.kind]}s"
    return (
        *opening,
        TextSpan(f" The first ten of {number(whole.length)} {nouns} take {share:.0%} of your {what}."),
    )


def _unknown(of: Summary, kind: Kind) -> str:
    plays = of.rollup.plays - int(ranking_of(of, kind).plays.sum())
    if not plays:
        return ""
    noun = "title" if kind is Kind.TRACKS else NOUNS[kind]
    return (
        f"Left out here, but not of totals, hours and days: {counted(plays, 'play')} whose {noun} is unknown."
    )


def _covers(found: TopList) -> str:
    first = (found.order.page - 1) * ROWS + 1
    last = first + len(found.lines) - 1
    if not found.lines:
        return ""
    span = f"{number(first)} to {number(last)} of " if found.pages > 1 else ""
    return f"{span}{counted(found.found, NOUNS[found.kind])}"


def _compared(of: Summary, found: TopList) -> str:
    then = of.asked.before()
    if then is None or then.first is None or then.last is None:
        return ""
    span = date_span((then.first, then.last))
    if found.before is None:
        return f"Nothing was played in the period before, {span}, so there are no arrows."
    return f"Arrows compare with the period before, {span}."
