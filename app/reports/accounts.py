"""What is kept about a person, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.site import Site
from app.spotify.errors import LoginEnded
from app.store.accounts import delete_account


def forget(site: Site, account_id: int) -> None:
    """Deletes the account: its sessions in every browser, and all that is kept for it."""
    delete_account(site.store, account_id)


@contextmanager
def kept_for_an_account() -> Iterator[None]:
    """Around writing what belongs to an account: one that was deleted meanwhile ends the login."""
    try:
        yield
    except IntegrityError as error:
        raise LoginEnded("account", "deleted meanwhile") from error
