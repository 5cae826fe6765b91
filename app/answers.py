"""Spotify's answers about one person, kept for their account: fresh for an hour, then the last known ones.

An account is only ever found through its own session, so that nobody is served another's answers.
Times are Unix seconds.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.account_writes import kept_for_an_account
from app.cached_fetch import Cached, Query, fetch_cached, read_cached, split_outcomes, write_cached
from app.deadline import Deadline
from app.music import Artist, Profile, TimeRange, Track
from app.site import Site
from app.spotify.client import SpotifyClient
from app.spotify.errors import (
    AppRefused,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    OwnerNeedsPremium,
    RateLimited,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.spotify.oauth import RECENT_SCOPE
from app.store.accounts import DeletedSince, find_or_add_account
from app.store.answers import AccountAnswers
from app.store.engine import Store
from app.store.locks import single_flight
from app.visit import Visit

log = logging.getLogger(__name__)

# About this person or this app, and only they can mend it: an old report would hide what to do.
# The first of these that occurs is the one to tell.
PERSONAL = (LoginEnded, Unauthorized, AppRefused, UserNotRegistered, OwnerNeedsPremium, InsufficientScope)

PROFILE = Query("profile", Profile, SpotifyClient.profile, "/me")


def top_artists(time_range: TimeRange) -> Query:
    """The top artists of one range."""
    return Query(
        f"top_artists:{time_range.value}",
        tuple[Artist, ...],
        lambda client: client.top_artists(time_range),
        "/me/top/artists",
    )


def top_tracks(time_range: TimeRange) -> Query:
    """The top tracks of one range."""
    return Query(
        f"top_tracks:{time_range.value}",
        tuple[Track, ...],
        lambda client: client.top_tracks(time_range),
        "/me/top/tracks",
    )


@dataclass(frozen=True)
class Answers:
    """What was asked for, by key, and whose it is.

    `as_of`: when the oldest was fetched. `trouble`: why some of it is not fresh.
    """

    values: Mapping[str, Any]
    account_id: int
    as_of: float
    trouble: SpotifyError | None = None


class _Cache(AccountAnswers):
    """As AccountAnswers; an account that was deleted meanwhile ends the login."""

    def write(self, bodies: Mapping[str, bytes]) -> None:
        with kept_for_an_account():
            super().write(bodies)


def fetch(site: Site, visit: Visit, queries: Sequence[Query]) -> Answers:
    """The answers, from the cache where fresh, else from Spotify, side by side.

    Where Spotify fails, the last known ones stand in, with `trouble` saying why; raises SpotifyError where
    there are none, or where the person must do something first.
    """
    failed: dict[str, SpotifyError] = {}
    account_id = visit.account_id
    if account_id is None:
        with visit.service.bulkhead.place(visit.deadline) as deadline:
            account_id, failed = _find_account(site, visit, queries, deadline)
    cache = _Cache(site.store, account_id)
    due = {query.key: query for query in queries if query.key not in failed}
    held_back = partial(_held_back, visit)
    cached, errors = fetch_cached(site, visit, visit.client, cache, due, held_back)
    errors = failed | errors
    if failed:
        cached |= read_cached(cache, [query for query in queries if query.key in failed])
    _raise_grave(errors, missing=[query.key for query in queries if query.key not in cached])
    trouble = next(iter(errors.values()), None)
    if trouble is not None:
        log.warning("the last known report stands in: %s", trouble.in_a_line())
    return Answers(
        values={key: answer.value for key, answer in cached.items()},
        account_id=account_id,
        as_of=min(answer.fetched_at for answer in cached.values()),
        trouble=trouble,
    )


def last_known(store: Store, account_id: int, queries: Sequence[Query]) -> dict[str, Cached]:
    """The answers that are kept, fresh or not, by key; nothing is fetched."""
    return read_cached(AccountAnswers(store, account_id), queries)


def expire(store: Store, account_id: int) -> None:
    """Makes every answer of the account due, without forgetting it."""
    AccountAnswers(store, account_id).expire()


def account_of(site: Site, visit: Visit) -> int:
    """The visitor's account; asks Spotify where the session does not know it yet. Raises SpotifyError."""
    return visit.account_id or fetch(site, visit, [PROFILE]).account_id


def _find_account(
    site: Site, visit: Visit, queries: Sequence[Query], deadline: Deadline
) -> tuple[int, dict[str, SpotifyError]]:
    """The account of a session's first visit, and what else went wrong.

    The profile is fetched together with all that is asked for; then the session is bound to the account.
    """
    errors: dict[str, SpotifyError] = {}

    def account_of_session() -> int | None:
        session = site.sessions.read(visit.session_id_hash)
        if session is None:
            raise LoginEnded("session", "logged out meanwhile")
        return session.account_id

    def ask() -> int:
        calls = {query.key: partial(query.fetch, visit.client) for query in (PROFILE, *queries)}
        values, failed = split_outcomes(site.pool.gather(calls, deadline))
        errors.update(failed)
        _raise_grave(errors, missing=[PROFILE.key] if PROFILE.key in errors else [])
        profile: Profile = values[PROFILE.key]
        person = (visit.service.name, profile.id, profile.account_id)
        try:
            account_id = find_or_add_account(
                site.store, *person, site.sessions.marks(*person), visit.login.authorized_at
            )
        except DeletedSince as error:
            raise LoginEnded("account", "deleted after this login was given") from error
        write_cached(_Cache(site.store, account_id), values)
        with kept_for_an_account():
            site.sessions.bind(visit.session_id_hash, account_id)
            site.sync_tokens.take_over(account_id, lambda: visit.login.values, RECENT_SCOPE)
        log.info("login: account %d", account_id)
        return account_id

    try:
        account_id = single_flight(
            site.store, f"meet:{visit.session_id_hash}", account_of_session, ask, deadline
        )
    except TimeoutError as error:
        raise NoAnswer("spotify GET /me", "another request is still waiting for it") from error
    return account_id, errors


def _held_back(visit: Visit, queries: Mapping[str, Query]) -> dict[str, SpotifyError]:
    """Why some queries would be held back: taking a lock for an answer only to learn it costs writes."""
    errors: dict[str, SpotifyError] = {}
    for name, query in queries.items():
        try:
            visit.service.api.raise_if_limited("GET", query.path)
        except SpotifyError as error:
            errors[name] = error
    return errors


def _raise_grave(errors: Mapping[str, SpotifyError], missing: Sequence[str]) -> None:
    """Raises what the person must mend, or what leaves a part `missing`; a rate limit before the rest."""
    for kind in PERSONAL:
        for error in errors.values():
            if isinstance(error, kind):
                raise error
    grave = [errors[key] for key in missing]
    if grave:
        raise next((error for error in grave if isinstance(error, RateLimited)), grave[0])
