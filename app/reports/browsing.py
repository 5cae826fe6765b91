"""Browsing: one request for what Spotify has to play, by someone who need not be logged in."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.deadline import Deadline
from app.login import AppLogin, SessionLogin
from app.services import DEMO_MOUNT, Service
from app.spotify.client import CatalogueClient, SpotifyClient
from app.spotify.http import Http


@dataclass(frozen=True)
class Browsing:
    """Who asks whom: a person with their own login, or anybody with the app's.

    `account_id` is `None` for anybody, and until Spotify has told us whose session it is. `demo_at`: where
    this browser sees the demo's Spotify, whose links it follows; "" where the service is another.
    `before_asking` is called before Spotify is asked for what is not kept, and may refuse by raising.
    """

    service: Service
    login: SessionLogin | AppLogin
    deadline: Deadline
    account_id: int | None = None
    demo_at: str = ""
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

    def for_everybody(self, body: bytes) -> bytes:
        """An answer in JSON, with the demo's links as paths: its server is another in each process."""
        return _SERVER_LINK.sub(_link_start(DEMO_MOUNT), body) if self.demo_at else body

    def for_this_browser(self, body: bytes) -> bytes:
        """The same, with the demo's links where this browser finds them."""
        return body.replace(_link_start(DEMO_MOUNT), _link_start(self.demo_at)) if self.demo_at else body


# The links that the demo gives an app lead to the server that the app's token came from.
_SERVER_LINK = re.compile(rb'"http://[^/"]+/(?=pictures/|open/)')


def _link_start(address: str) -> bytes:
    """How a link to that server begins in JSON."""
    return f'"{address}/'.encode()
