"""Answers of Spotify that are fetched once and kept in the database, for `app.answers` and `app.catalogue`.

Of several requests that miss the same answer at once, in whichever process, one fetches it and the others
wait for it. Errors are never kept. Times are Unix seconds.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from app.site import Site
from app.spotify.errors import NoAnswer, SpotifyError
from app.store.answers import AccountAnswers, CatalogueAnswers
from app.store.locks import single_flight
from app.visit import Browsing, Visit

Cache = AccountAnswers | CatalogueAnswers


@dataclass(frozen=True)
class Query:
    """One call: the key of its answer in the cache, the answer's type, and the call, given a client.

    `path`: what it asks for, where that is looked at before.
    """

    key: str
    type: Any
    fetch: Callable[[Any], Any]
    path: str = ""


@dataclass(frozen=True)
class Cached:
    """An answer that is kept. `fetched_at`: Unix seconds."""

    value: Any
    fetched_at: float
    fresh: bool


def fetch_cached(
    site: Site,
    request: Visit | Browsing,
    client: Any,
    cache: Cache,
    queries: Mapping[str, Query],
    held_back: Callable[[Mapping[str, Query]], Mapping[str, SpotifyError]],
) -> tuple[dict[str, Cached], dict[str, SpotifyError]]:
    """The answers, and the errors that kept them from being fresh, each by the query's name.

    What is not fresh is fetched side by side. Where that fails, a kept answer stands beside the error.
    `held_back` is called with what is to be fetched, and returns why some of that need not be tried; it may
    refuse all by raising.
    """
    by_key = read_cached(cache, queries.values())
    found = {name: by_key[query.key] for name, query in queries.items() if query.key in by_key}
    due = {name: query for name, query in queries.items() if name not in found or not found[name].fresh}
    if not due:
        return found, {}
    held = dict(held_back(due))
    calls = {
        name: partial(_fetch_once, site, request, client, cache, query)
        for name, query in due.items()
        if name not in held
    }
    values, errors = split_outcomes(request.service.bulkhead.gather(site.pool, calls, request.deadline))
    now = time.time()
    return found | {name: Cached(value, now, True) for name, value in values.items()}, held | errors


def read_cached(cache: Cache, queries: Iterable[Query]) -> dict[str, Cached]:
    """The answers that are kept, fresh or not, by key; nothing is fetched."""
    types = {query.key: query.type for query in queries}
    rows, now, cached = cache.read(types), time.time(), {}
    for row in rows:
        try:
            value = msgspec.json.decode(row.body, type=types[row.key])
        except ValueError:  # msgspec's own errors, and text that is not UTF-8
            continue  # kept by another version of the site, in another shape
        cached[row.key] = Cached(value, row.fetched_at, row.fresh_until > now)
    return cached


def write_cached(cache: Cache, values: Mapping[str, Any]) -> None:
    """Keeps answers by key."""
    cache.write({key: msgspec.json.encode(value) for key, value in values.items()})


def split_outcomes(outcomes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, SpotifyError]]:
    """The values and the errors among what calls returned or raised, by name. Raises any other error."""
    values: dict[str, Any] = {}
    errors: dict[str, SpotifyError] = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, TimeoutError):
            errors[name] = NoAnswer(f"spotify {name}", "not in time")
        elif isinstance(outcome, SpotifyError):
            errors[name] = outcome
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            values[name] = outcome
    return values, errors


def _fetch_once(site: Site, request: Visit | Browsing, client: Any, cache: Cache, query: Query) -> Any:
    def cached() -> Any:
        found = read_cached(cache, [query]).get(query.key)
        return found.value if found is not None and found.fresh else None

    def fetch() -> Any:
        value = query.fetch(client)
        write_cached(cache, {query.key: value})
        return value

    return single_flight(site.store, f"{cache.name}:{query.key}", cached, fetch, request.deadline)
