"""The end of an account."""

import logging
from collections.abc import Collection
from threading import Event, Thread

from app import answers
from app.site import Site
from app.store.accounts import delete_account, find_account, local_account_seen
from app.visit import Visit

log = logging.getLogger(__name__)
AT_MOST = 2.0  # seconds that a page waits for room to be given back; the rest goes on behind it
ATTEMPTS = 60


def forget(site: Site, visit: Visit) -> None:
    """Deletes the visitor's account: its sessions in every browser, and all that is kept for it.

    A session that has shown no page yet must first learn whose it is. Raises SpotifyError where that fails:
    then nothing is deleted.
    """
    account_id = answers.account_of(site, visit)
    person = find_account(site.store, account_id)
    _delete(site, account_id, site.sessions.marks(*person) if person else ())


def forget_local(site: Site, number: int) -> None:
    """Deletes a private account that belongs to a browser."""
    if local_account_seen(site.store, number):
        _delete(site, number)


def _delete(site: Site, account_id: int, marks: Collection[str] = ()) -> None:
    # The rows first: an upload that arrives later finds no account, and takes itself away.
    site.uploads.remove(delete_account(site.store, account_id, marks))
    log.info("deletion: account %d", account_id)
    cleaner = Thread(target=_reclaim, args=(site,), name="reclaim", daemon=True)
    cleaner.start()
    cleaner.join(AT_MOST)


def _reclaim(site: Site) -> None:
    """Leaves nothing of what was deleted in the database's files, as soon as nobody is in the way."""
    pause = Event()
    for _ in range(ATTEMPTS):
        if site.store.reclaim():
            return
        pause.wait(1.0)
    log.warning("deleted rows are still in the database's files; the next import or start clears them")
