"""Variety: how many artists a list of tracks is really spread over, without asking how popular they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from app.music import Track
from app.stats.ranking import share_of_largest, weigh

TOP_FIVE = 5


@dataclass(frozen=True)
class Variety:
    """How varied a list of top tracks is.

    `artists`: how many different first artists. `top_five_share`: the share of weight of the five heaviest
    (0-1). `effective_artists`: see `effective_number`. The last two are `None` without tracks.
    """

    artists: int
    top_five_share: float | None
    effective_artists: float | None


def variety_of(tracks: Sequence[Track]) -> Variety:
    """The variety of `tracks`, best-ranked first: each counts 51 minus its rank, to its first artist.

    A track without any artist counts to nobody.
    """
    weights = weigh([_first_artist(track) for track in tracks])
    return Variety(
        artists=len(weights),
        top_five_share=share_of_largest(weights, TOP_FIVE),
        effective_artists=effective_number(weights.values()),
    )


def effective_number(weights: Iterable[float]) -> float | None:
    """How many equally weighted artists would be as varied: exp(H) with H = -sum(p ln p), p a weight's share.

    This is the Hill number of order 1, the exponential of Shannon's entropy (M. O. Hill, "Diversity and
    Evenness", Ecology 54, 1973). Between 1 and the number of artists; `None` without any weight.
    """
    known = [weight for weight in weights if weight > 0]
    total = sum(known)
    if not total:
        return None
    return exp(-sum(weight / total * log(weight / total) for weight in known))


def _first_artist(track: Track) -> list[str]:
    """What tells a track's first artist from others: the id, or the name of one without; none has none."""
    return [first.id or f"name:{(first.name or '').casefold()}" for first in track.artists[:1]]
