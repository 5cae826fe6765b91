"""The chain: our own cache first, then each provider in turn for what is still missing.

A provider that fails or is too slow costs coverage, never the page. What comes in after the deadline is
kept all the same, for the next visit.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from app.audio_features import cache
from app.audio_features.providers import Closed, Provider
from app.concurrency import Pool
from app.deadline import Deadline
from app.music import AudioFeatures
from app.spotify.errors import NotAsked, SpotifyError
from app.store.engine import Store
from app.store.locks import single_flight

log = logging.getLogger(__name__)

LATE_SECONDS = 10.0  # how long a late answer may still come, to be kept for the next visit
DOWN_SECONDS = 30.0  # how long a provider that was too slow is left alone


@dataclass(frozen=True)
class _Lookup:
    """What one provider said: features by track id, the tracks it answered about, and those it failed to."""

    found: dict[str, AudioFeatures]
    answered: set[str]
    failed: set[str]


def look_up(
    store: Store,
    pool: Pool,
    providers: Sequence[Provider],
    track_ids: Sequence[str],
    deadline: Deadline,
    place: Callable[[Deadline], AbstractContextManager[Deadline]] = nullcontext,
) -> dict[str, AudioFeatures]:
    """Audio features by track id, as many as can be had by the deadline.

    `place`: where a request waits (`app.bulkhead`); without one left, what is kept has to do.
    """
    kept = cache.read(store, track_ids)
    if not kept.missing or all(provider.down.until() is not None for provider in providers):
        return kept.found

    def all_kept() -> dict[str, AudioFeatures] | None:
        now = cache.read(store, track_ids)
        return None if now.missing else now.found

    digest = hashlib.sha256(",".join(sorted(kept.missing)).encode()).hexdigest()
    try:
        with place(deadline) as waiting:

            def ask() -> dict[str, AudioFeatures]:
                return kept.found | _ask_in_turn(store, pool, providers, kept.missing, deadline, waiting)

            return single_flight(store, f"audio features:{digest}", all_kept, ask, waiting)
    except (TimeoutError, NotAsked):
        return cache.read(store, track_ids).found


def _ask_in_turn(
    store: Store,
    pool: Pool,
    providers: Sequence[Provider],
    missing: Sequence[str],
    deadline: Deadline,
    waiting: Deadline,
) -> dict[str, AudioFeatures]:
    """What the providers know. `waiting` ends at the deadline, or before: that is no provider's fault."""
    found: dict[str, AudioFeatures] = {}
    answered: set[str] = set()
    failed: set[str] = set()
    for provider in providers:
        left = [track_id for track_id in missing if track_id not in found]
        if not left:
            break
        lookup = _ask(store, pool, provider, left, deadline, waiting)
        found |= lookup.found
        answered |= lookup.answered
        failed |= lookup.failed
    # Unknown for a week is only what somebody answered about without knowing it, while nobody failed.
    if unknown := answered - failed - found.keys():
        cache.keep_unknown(store, unknown)
    return found


def _ask(
    store: Store,
    pool: Pool,
    provider: Provider,
    track_ids: Sequence[str],
    deadline: Deadline,
    waiting: Deadline,
) -> _Lookup:
    # With no time left it is not asked at all: a slow provider before it must not make it look slow too.
    if waiting.passed or provider.down.until() is not None:
        return _Lookup({}, set(), set(track_ids))
    batches = [
        tuple(track_ids[start : start + provider.batch]) for start in range(0, len(track_ids), provider.batch)
    ]
    outcomes = pool.gather(
        {batch: partial(_ask_and_keep, store, provider, batch) for batch in batches}, waiting
    )
    lookup = _Lookup({}, set(), set())
    for batch, outcome in outcomes.items():
        if isinstance(outcome, dict):
            lookup.found.update(outcome)
            lookup.answered.update(batch)
        elif isinstance(outcome, SpotifyError | TimeoutError):
            why = outcome.in_a_line() if isinstance(outcome, SpotifyError) else "too slow"
            log.warning("no audio features from %s for %d tracks: %s", provider.name, len(batch), why)
            lookup.failed.update(batch)
        elif not isinstance(outcome, Closed):
            raise outcome
    if deadline.passed and any(isinstance(outcome, TimeoutError) for outcome in outcomes.values()):
        provider.down.begin(time.time() + DOWN_SECONDS, "too slow")
    return lookup


def _ask_and_keep(store: Store, provider: Provider, track_ids: Sequence[str]) -> dict[str, AudioFeatures]:
    found = provider.ask(track_ids, Deadline(LATE_SECONDS))
    cache.keep(store, found.values())
    return found
