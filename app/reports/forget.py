"""The end of an account."""

import logging

from app.history.worker import remove_uploads
from app.reports import answers
from app.reports.visit import Visit
from app.site import Site
from app.store.accounts import delete_account, local_account_seen
from app.store.history import uploads_in_use

log = logging.getLogger(__name__)


def forget(site: Site, visit: Visit) -> None:
    """Deletes the visitor's account: its sessions in every browser, and all that is kept for it.

    A session that has shown no page yet must first learn whose it is. Raises SpotifyError where that fails:
    then nothing is deleted.
    """
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    _delete(site, account_id)


def forget_local(site: Site, number: int) -> None:
    """Deletes a private account that belongs to a browser."""
    if local_account_seen(site.store, number):
        _delete(site, number)


def _delete(site: Site, account_id: int) -> None:
    uploads = uploads_in_use(site.store, account_id)
    delete_account(site.store, account_id)
    remove_uploads(site.imports.folder, uploads)
    log.info("deletion: account %d", account_id)
