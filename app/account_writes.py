"""Writing what belongs to an account that may be deleted in the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.spotify.errors import LoginEnded


@contextmanager
def kept_for_an_account() -> Iterator[None]:
    """Around writing what belongs to an account: one that was deleted meanwhile ends the login."""
    try:
        yield
    except IntegrityError as error:
        raise LoginEnded("account", "deleted meanwhile") from error
