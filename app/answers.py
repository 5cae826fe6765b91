"""Spotify's answers, kept for each account: fresh for an hour, and after that as the last known ones.

Every row belongs to one account, and an account is only ever found through its own session, so that no one
can be served another's. Of several requests that miss at once, one asks and the others wait for it.
Times are Unix seconds.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select, update

from app.account_writes import kept_for_an_account
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
from app.store.accounts import DeletedSince, find_or_add_account, lock_account
from app.store.engine import Store, upsert
from app.store.locks import single_flight
from app.store.sweep import ANSWERS_KEPT
from app.store.tables import answer
from app.visit import Visit

log = logging.getLogger(__name__)

FRESH_SECONDS = 3600.0

# Made once, since every page reads it.
_KEPT = select(answer.c.key, answer.c.body, answer.c.fetched_at, answer.c.fresh_until).where(
    answer.c.account_id == bindparam("account"),
    answer.c.key.in_(bindparam("keys", expanding=True)),
    answer.c.fetched_at > bindparam("oldest"),
)

# About this person or this app, and only they can mend it: an old report would hide what to do.
# The first of these that occurs is the one to tell.
PERSONAL = (LoginEnded, Unauthorized, AppRefused, UserNotRegistered, OwnerNeedsPremium, InsufficientScope)


@dataclass(frozen=True)
class Want:
    """One answer: its key among an account's answers, its type, and the call that fetches it."""

    key: str
    type: Any
    fetch: Callable[[SpotifyClient], Any]


PROFILE = Want("profile", Profile, SpotifyClient.profile)


def top_artists(time_range: TimeRange) -> Want:
    """The top artists of one range."""
    return Want(
        f"top_artists:{time_range.value}", tuple[Artist, ...], lambda client: client.top_artists(time_range)
    )


def top_tracks(time_range: TimeRange) -> Want:
    """The top tracks of one range."""
    return Want(
        f"top_tracks:{time_range.value}", tuple[Track, ...], lambda client: client.top_tracks(time_range)
    )


@dataclass(frozen=True)
class Answers:
    """What was wanted, by key, and whose it is.

    `as_of`: when the oldest was fetched. `trouble`: why some of it is not fresh.
    """

    values: Mapping[str, Any]
    account_id: int
    as_of: float
    trouble: SpotifyError | None = None


@dataclass(frozen=True)
class Kept:
    """An answer as it is kept. `fetched_at`: Unix seconds."""

    value: Any
    fetched_at: float
    fresh: bool


@dataclass
class _Outcome:
    """What came of asking: values by key, and errors by key."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, SpotifyError] = field(default_factory=dict)


def fetch(site: Site, visit: Visit, wants: Sequence[Want]) -> Answers:
    """The wanted answers, from the cache where fresh, else from Spotify, side by side.

    Where Spotify fails, the last known ones stand in, with `trouble` saying why; raises SpotifyError where
    there are none, or where the person must do something first.
    """
    errors: dict[str, SpotifyError] = {}
    account_id = visit.account_id
    if account_id is None:
        with visit.service.bulkhead.place(visit.deadline) as deadline:
            account_id, errors = _meet(site, visit, wants, deadline)
    kept = last_known(site.store, account_id, wants)
    due = [want for want in wants if want.key not in errors and not _is_fresh(kept.get(want.key))]
    if due:
        outcome = _ask_for(site, visit, account_id, due)
        now = time.time()
        kept |= {key: Kept(value, now, True) for key, value in outcome.values.items()}
        errors |= outcome.errors
    _raise_what_cannot_wait(errors, missing=[want.key for want in wants if want.key not in kept])
    trouble = next(iter(errors.values()), None)
    if trouble is not None:
        log.warning("the last known report stands in: %s", trouble.in_a_line())
    return Answers(
        values={key: one.value for key, one in kept.items()},
        account_id=account_id,
        as_of=min(one.fetched_at for one in kept.values()),
        trouble=trouble,
    )


def expire(store: Store, account_id: int) -> None:
    """Makes every answer of the account due, without forgetting it."""
    with store.writing() as connection:
        connection.execute(update(answer).where(answer.c.account_id == account_id).values(fresh_until=0.0))


def _meet(
    site: Site, visit: Visit, wants: Sequence[Want], deadline: Deadline
) -> tuple[int, dict[str, SpotifyError]]:
    """The first visit of a session: asks who it is together with all that is wanted; binds the account."""
    errors: dict[str, SpotifyError] = {}

    def account_of_session() -> int | None:
        session = site.sessions.read(visit.session_id_hash)
        if session is None:
            raise LoginEnded("session", "logged out meanwhile")
        return session.account_id

    def ask() -> int:
        every = {want.key: want for want in (PROFILE, *wants)}
        calls = {key: partial(want.fetch, visit.client) for key, want in every.items()}
        outcome = _outcome(site.pool.gather(calls, deadline))
        errors.update(outcome.errors)
        _raise_what_cannot_wait(errors, missing=[PROFILE.key] if PROFILE.key in errors else [])
        profile: Profile = outcome.values[PROFILE.key]
        person = (visit.service.name, profile.id, profile.account_id)
        try:
            account_id = find_or_add_account(
                site.store, *person, site.sessions.marks(*person), visit.login.authorized_at
            )
        except DeletedSince as error:
            raise LoginEnded("account", "deleted after this login was given") from error
        _keep(site.store, account_id, outcome.values)
        with kept_for_an_account():
            site.sessions.bind(visit.session_id_hash, account_id)
        log.info("login: account %d", account_id)
        return account_id

    try:
        account_id = single_flight(
            site.store, f"meet:{visit.session_id_hash}", account_of_session, ask, deadline
        )
    except TimeoutError as error:
        raise NoAnswer("spotify GET /me", "another request is still waiting for it") from error
    return account_id, errors


def _ask_for(site: Site, visit: Visit, account_id: int, due: Sequence[Want]) -> _Outcome:
    """What came of asking for what is due."""
    try:
        # Looked at first: taking a lease for each answer only to be held back costs writes.
        visit.service.api.raise_if_limited("GET", "/me")
    except SpotifyError as error:
        return _Outcome(errors=dict.fromkeys((want.key for want in due), error))
    calls = {want.key: partial(_fetch_once, site, visit, account_id, want) for want in due}
    return _outcome(visit.service.bulkhead.gather(site.pool, calls, visit.deadline))


def _fetch_once(site: Site, visit: Visit, account_id: int, want: Want) -> Any:
    def fresh() -> Any:
        kept = last_known(site.store, account_id, [want]).get(want.key)
        return kept.value if _is_fresh(kept) and kept is not None else None

    def ask() -> Any:
        value = want.fetch(visit.client)
        _keep(site.store, account_id, {want.key: value})
        return value

    return single_flight(site.store, f"answer:{account_id}:{want.key}", fresh, ask, visit.deadline)


def _outcome(results: Mapping[str, Any]) -> _Outcome:
    outcome = _Outcome()
    for key, result in results.items():
        if isinstance(result, TimeoutError):
            outcome.errors[key] = NoAnswer(f"spotify {key}", "not in time")
        elif isinstance(result, SpotifyError):
            outcome.errors[key] = result
        elif isinstance(result, Exception):
            raise result
        else:
            outcome.values[key] = result
    return outcome


def _raise_what_cannot_wait(errors: Mapping[str, SpotifyError], missing: Sequence[str]) -> None:
    """Raises what the person must mend, or what leaves a part `missing`; a rate limit before the rest."""
    for kind in PERSONAL:
        for error in errors.values():
            if isinstance(error, kind):
                raise error
    grave = [errors[key] for key in missing]
    if grave:
        raise next((error for error in grave if isinstance(error, RateLimited)), grave[0])


def _is_fresh(kept: Kept | None) -> bool:
    return kept is not None and kept.fresh


def last_known(store: Store, account_id: int, wants: Sequence[Want]) -> dict[str, Kept]:
    """Those of the wanted answers that are kept, fresh or not, by key; nothing is asked for this."""
    types = {want.key: want.type for want in wants}
    with store.reading() as connection:
        rows = connection.execute(
            _KEPT, {"account": account_id, "keys": list(types), "oldest": time.time() - ANSWERS_KEPT}
        ).all()
    now = time.time()
    kept = {}
    for row in rows:
        try:
            value = msgspec.json.decode(row.body, type=types[row.key])
        except ValueError:  # msgspec's own errors, and text that is not UTF-8
            continue  # kept by another version of the site, in another shape
        kept[row.key] = Kept(value, row.fetched_at, row.fresh_until > now)
    return kept


def _keep(store: Store, account_id: int, values: Mapping[str, Any]) -> None:
    now = time.time()
    rows = [
        {
            "account_id": account_id,
            "key": key,
            "body": msgspec.json.encode(value),
            "fetched_at": now,
            "fresh_until": now + FRESH_SECONDS,
        }
        for key, value in values.items()
    ]
    with kept_for_an_account(), store.writing() as connection:
        lock_account(connection, account_id, shared=True)
        connection.execute(delete(answer).where(answer.c.fetched_at < now - ANSWERS_KEPT))
        upsert(connection, answer, rows)
