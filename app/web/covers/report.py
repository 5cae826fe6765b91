"""Whether covers are fetched for a history, how far that is, and how it begins and ends."""

from sqlalchemy.exc import IntegrityError

from app.site import Site
from app.spotify.errors import LoginEnded
from app.store import covers
from app.store.covers import CoverFetch

__all__ = ["CoverFetch", "begin", "end", "state"]


def state(site: Site, account_id: int) -> CoverFetch | None:
    """What the account agreed to, and how far it is; `None` where it did not."""
    return covers.cover_fetch_of(site.store, account_id)


def begin(site: Site, account_id: int) -> None:
    """Notes the consent, and begins. Raises LoginEnded for an account that was deleted meanwhile."""
    try:
        covers.agree(site.store, account_id)
    except IntegrityError as error:
        raise LoginEnded("account", "deleted meanwhile") from error
    site.jobs.fetch_covers()


def end(site: Site, account_id: int) -> None:
    """Takes the consent back; the covers that came go with it."""
    covers.take_back(site.store, account_id)
