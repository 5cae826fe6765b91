"""The end of an account."""

from app.reports import answers
from app.reports.visit import Visit
from app.services import DEMO
from app.site import Site
from app.store.accounts import delete_account


def forget(site: Site, visit: Visit) -> None:
    """Deletes the visitor's account: its sessions in every browser, and all that is kept for it.

    A session that has shown no page yet must first learn whose it is. Raises SpotifyError where that fails:
    then nothing is deleted.
    """
    if visit.service.name == DEMO:
        return  # an invented listener, whom every visitor of the demo shares; the session is all there is
    account_id = visit.account_id or answers.fetch(site, visit, [answers.PROFILE]).account_id
    delete_account(site.store, account_id)
