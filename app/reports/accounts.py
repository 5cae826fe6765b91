"""What is kept about a person, and its end."""

from app.site import Site
from app.store.accounts import delete_account


def forget(site: Site, account_id: int) -> None:
    """Deletes the account: its sessions in every browser, and every answer kept for it."""
    delete_account(site.store, account_id)
