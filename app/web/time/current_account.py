"""Whose history it is: an account's, or a private one that belongs to a browser until its owner logs in."""

import logging
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from app import answers
from app.deadline import Deadline
from app.sessions import LOCAL_ACCOUNT
from app.site import Site
from app.spotify.errors import SpotifyError
from app.store.accounts import add_local_account, delete_account, local_account_seen
from app.store.history import move_history
from app.store.listening import Listening, listening_of
from app.visit import Visit
from app.web.auth import browser_session, in_demo, logged_in, site, visit
from app.web.demo_visit import SETTINGS as DEMO_SETTINGS
from app.web.imports.demo import open_demo_export
from app.web.imports.report import NoRoom, QueueFull

__all__ = [
    "Listening",
    "complete_login",
    "current_account_id",
    "is_due_at_login",
    "join_private_history",
    "local_account",
    "new_local_account",
    "settings",
]

log = logging.getLogger(__name__)
LOGIN_SECONDS = 3.0  # that a login waits for Spotify to say who it is; the page that follows asks again


def current_account_id() -> int | None:
    """The account whose history this visitor sees: their own, or their browser's private one.

    Only looks. A private history that could not join the account at login is shown until it does.
    """
    local: int | None = browser_session().get(LOCAL_ACCOUNT)
    private = local if local is not None and local_account(site(), local) else None
    if logged_in() and (in_demo() or private is None):
        return _account_of(visit())
    return private


def is_due_at_login() -> bool:
    """Whether a login has anything to complete: a private history came along, or it is the demo's."""
    return in_demo() or LOCAL_ACCOUNT in browser_session()


def complete_login() -> None:
    """The browser's private history joins the account; in the demo, the invented listener's export is opened.

    What fails is left for the next login, or the next upload.
    """
    visitor = replace(visit(), deadline=Deadline(LOGIN_SECONDS))
    try:
        if in_demo():
            open_demo_export(site(), visitor, _account_of(visitor))
        else:
            _join_private_history(visitor)
    except (SpotifyError, SQLAlchemyError, NoRoom, QueueFull, OSError) as error:
        log.warning("a login was not completed: %s", type(error).__name__)


def join_private_history() -> int:
    """The account of who is logged in at Spotify, with the browser's private history. Raises SpotifyError."""
    return _join_private_history(visit())


def _join_private_history(visitor: Visit) -> int:
    account_id, session = _account_of(visitor), browser_session()
    local: int | None = session.get(LOCAL_ACCOUNT)
    if local is not None:
        if local_account(site(), local):
            move_history(site().store, local, account_id)
            delete_account(site().store, local)
            site().jobs.read_imports()
        del session[LOCAL_ACCOUNT]
    return account_id


def _account_of(visitor: Visit) -> int:
    """The account of who is logged in. Raises SpotifyError where nobody can say yet who that is."""
    return visitor.account_id or answers.fetch(site(), visitor, [answers.PROFILE]).account_id


def local_account(site: Site, number: int) -> bool:
    """Whether the browser's private account is still there."""
    return local_account_seen(site.store, number)


def new_local_account(site: Site) -> int:
    """A private account for a browser."""
    return add_local_account(site.store)


def settings(account_id: int) -> Listening:
    """How the visitor wants plays counted; in the demo, whose accounts are shared, in this visit."""
    if in_demo():
        return Listening(*browser_session().get(DEMO_SETTINGS, ()))
    return listening_of(site().store, account_id)
