"""Whose history it is: an account's, or a private one that belongs to a browser until its owner logs in."""

from app import answers
from app.services import DEMO
from app.site import Site
from app.store.accounts import add_local_account, delete_account, local_account_seen
from app.store.history import Listening, listening_of, move_history
from app.visit import Visit

__all__ = ["Listening", "account_of", "listening", "local_account", "new_local_account"]


def account_of(site: Site, visit: Visit, local: int | None) -> int:
    """The visitor's account. A private history that the browser brought joins it, unless the account is an
    invented listener's, whom everybody shares. Raises SpotifyError.
    """
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    if local is not None and local_account_seen(site.store, local) and visit.service.name != DEMO:
        move_history(site.store, local, account_id)
        delete_account(site.store, local)
        site.jobs.read_imports()
    return account_id


def local_account(site: Site, number: int) -> bool:
    """Whether the browser's private account is still there."""
    return local_account_seen(site.store, number)


def new_local_account(site: Site) -> int:
    """A private account for a browser."""
    return add_local_account(site.store)


def listening(site: Site, account_id: int) -> Listening:
    """How the account's listener wants plays counted."""
    return listening_of(site.store, account_id)
