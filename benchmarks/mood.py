"""The mood page: three ranges compared, in the round trips that one range takes."""

from pathlib import Path

from benchmarks.rounds import in_sequence, visits_to
from benchmarks.table import Figure

COLD_RUNS = 5
PROMISED_TRIPS = 2
ONE_RANGE = 4  # profile, one list, and two of ReccoBeats' batches for its fifty tracks
PROMISED_EXTRA = 3


def mood(folder: Path) -> list[Figure]:
    """The page with nothing kept, then again with everything kept."""
    with visits_to("/mood", folder) as visits:
        took, calls = visits.cold(COLD_RUNS)
        warm = visits.warm()
    trips, extra = max(in_sequence(call) for call in calls), max(map(len, calls)) - ONE_RANGE
    return [
        Figure(
            "cold mood page: round trips in sequence",
            f"{trips} (page {took * 1000:.0f} ms)",
            f"<= {PROMISED_TRIPS}",
            trips <= PROMISED_TRIPS,
        ),
        Figure(
            "cold mood page: calls beyond those of one range",
            str(extra),
            f"<= {PROMISED_EXTRA}",
            extra <= PROMISED_EXTRA,
        ),
        Figure("warm mood page: upstream calls", str(warm), "0", warm == 0),
    ]
