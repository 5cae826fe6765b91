"""A person's own ranks of an artist or track, as their pages print them."""

from dataclasses import dataclass

from app.web.charts.shared import Fact
from app.web.format import UNKNOWN, age, iso
from app.web.item.report import Ranks


@dataclass(frozen=True)
class RanksView:
    """The rank in each range whose list is known. `age`: how old the lists are."""

    facts: tuple[Fact, ...]
    age: str
    as_of_iso: str


def ranks_view(ranks: Ranks | None, nouns: str, now: float) -> RanksView | None:
    """The ranks in words; `nouns` is what is ranked, `now` is in Unix seconds."""
    if ranks is None:
        return None
    facts = tuple(
        Fact(one.label, str(place), f"among your top {nouns}")
        if place
        else Fact(one.label, UNKNOWN, f"not among your top {nouns}")
        for one, place in ranks.places.items()
    )
    return RanksView(facts, age(ranks.as_of, now), iso(ranks.as_of))
