"""The task that looks up how an account's most played tracks sound, a few at a time.

What it is to look up is noted, so that another worker goes on where one was killed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.account_writes import kept_for_an_account
from app.audio_features import cache
from app.audio_features.chain import look_up
from app.audio_features.providers import Provider
from app.deadline import Deadline
from app.login import AppLogin
from app.services import DEMO, SPOTIFY
from app.site import Site
from app.spotify.client import SpotifyClient
from app.store.engine import Store
from app.store.locks import leased
from app.store.look_ups import DONE, RUNNING, STOPPED, LookUp, look_up_of, note_look_up
from app.visit import Visit, visit_of_session

AT_A_TIME = 40
BATCH_SECONDS = 8.0


def begin_look_up(site: Site, account_id: int, track_ids: Sequence[str], visit: Visit | None) -> None:
    """Begins to look up these tracks, unless one is under way. `visit`: of somebody who is logged in."""
    with leased(site.store, _lease_name(account_id)) as lease:
        if lease is None or not track_ids:
            return
        session = visit.session_id_hash if visit else ""
        _note(site.store, account_id, LookUp(len(track_ids), 0, RUNNING, time.time(), track_ids, session))
    site.jobs.look_up_mood(account_id, session)


def providers_for(site: Site, visit: Visit | None) -> list[Provider]:
    """Who can be asked: for somebody who is logged in all, for others those that need no login."""
    if visit is not None:
        return visit.service.features_providers(visit.client)
    service = site.services.get(SPOTIFY) or site.services.get(DEMO)
    if service is None:
        return []
    login = AppLogin(site.store, site.token_store, service)
    providers = service.features_providers(SpotifyClient(service.api, login, Deadline(BATCH_SECONDS)))
    return [provider for provider in providers if provider.name == "reccobeats"]


def look_up_mood(
    site: Site, account_id: int, session_id_hash: str, goes_on: Callable[[], bool] = lambda: True
) -> None:
    """Looks up what is noted, with the login of a session where there is one, unless someone is at it."""
    with leased(site.store, _lease_name(account_id)) as lease:
        state = look_up_of(site.store, account_id)
        if lease is None or state is None or state.state != RUNNING:
            return
        ending = STOPPED
        try:
            while state.track_ids:
                batch, left = state.track_ids[:AT_A_TIME], state.track_ids[AT_A_TIME:]
                deadline = Deadline(BATCH_SECONDS)
                visit = visit_of_session(site, session_id_hash, deadline) if session_id_hash else None
                if not goes_on():
                    ending = RUNNING  # for the next worker
                    return
                if not lease.is_held() or (session_id_hash and visit is None):
                    return
                look_up(site.store, site.pool, providers_for(site, visit), batch, deadline)
                if len(cache.read(site.store, batch).missing) == len(batch):
                    return  # nobody answers
                state = replace(state, done=state.done + len(batch), at=time.time(), track_ids=left)
                _note(site.store, account_id, state)
            ending = DONE
        finally:
            left = state.track_ids if ending == RUNNING else ()
            _note(site.store, account_id, replace(state, state=ending, at=time.time(), track_ids=left))


def _lease_name(account_id: int) -> str:
    return f"history-mood:{account_id}"


def _note(store: Store, account_id: int, state: LookUp) -> None:
    with kept_for_an_account():
        note_look_up(store, account_id, state)
