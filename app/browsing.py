"""Browsing: one request for what Spotify has to play, by someone who need not be logged in."""

from collections.abc import Callable
from dataclasses import dataclass

from app.deadline import Deadline
from app.login import AppLogin, SessionLogin
from app.services import Service
from app.spotify.client import CatalogueClient, SpotifyClient
from app.spotify.http import Http


@dataclass(frozen=True)
class Browsing:
    """Who asks whom: a person with their own login, or anybody with the app's.

    `account_id` is `None` for anybody, and until Spotify has told us whose session it is.
    `before_asking` is called before Spotify is asked for what is not kept, and may refuse by raising.
    """

    service: Service
    login: SessionLogin | AppLogin
    deadline: Deadline
    account_id: int | None = None
    before_asking: Callable[[], None] = lambda: None

    @property
    def by_the_app(self) -> bool:
        """Whether the calls carry the app's own token."""
        return isinstance(self.login, AppLogin)

    @property
    def catalogue(self) -> CatalogueClient:
        """The catalogue, for as long as the page can wait."""
        return CatalogueClient(self._api, self.login, self.deadline)

    @property
    def client(self) -> SpotifyClient:
        """For audio features, which need nobody's permission either."""
        return SpotifyClient(self._api, self.login, self.deadline)

    @property
    def _api(self) -> Http:
        return self.service.public_api if self.by_the_app else self.service.api
