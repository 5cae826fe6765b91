"""The end of an account."""

from collections.abc import Collection

from app.history.uploads import remove
from app.reports import answers
from app.reports.visit import Visit
from app.site import Site
from app.store.accounts import delete_account, find_account, local_account_seen


def forget(site: Site, visit: Visit) -> None:
    """Deletes the visitor's account: its sessions in every browser, and all that is kept for it.

    A session that has shown no page yet must first learn whose it is. Raises SpotifyError where that fails:
    then nothing is deleted.
    """
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    person = find_account(site.store, account_id)
    _delete(site, account_id, site.sessions.marks(*person) if person else ())


def forget_local(site: Site, number: int) -> None:
    """Deletes a private account that belongs to a browser."""
    if local_account_seen(site.store, number):
        _delete(site, number)


def _delete(site: Site, account_id: int, marks: Collection[str] = ()) -> None:
    # The rows first: an upload that arrives later finds no account, and takes itself away.
    for stored_as in delete_account(site.store, account_id, marks):
        remove(site.imports.folder, stored_as)
    site.store.reclaim()
