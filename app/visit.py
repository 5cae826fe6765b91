"""Who makes a request, and what they may ask Spotify: a Visit is logged in, a Browsing need not be."""

from collections.abc import Callable
from dataclasses import dataclass

from app.deadline import Deadline
from app.login import AppLogin, SessionLogin
from app.services import Service
from app.site import Site
from app.spotify.client import CatalogueClient, SpotifyClient
from app.spotify.http import Http

SPOTIFY_SECONDS = 4.5  # for a page's own calls, a renewal of the token included


@dataclass(frozen=True)
class Visit:
    """A request by somebody who is logged in.

    `account_id` is `None` until Spotify has told us whose session it is.
    """

    session_id_hash: str
    account_id: int | None
    service: Service
    login: SessionLogin
    deadline: Deadline

    @property
    def client(self) -> SpotifyClient:
        """Spotify's Web API for this person, for as long as the page can wait."""
        return SpotifyClient(self.service.api, self.login, self.deadline)


def visit_of_session(site: Site, id_hash: str, deadline: Deadline) -> Visit | None:
    """Who is logged in with a session, as behind a request; `None` where it has ended."""
    session = site.sessions.read(id_hash)
    if session is None or "token" not in session.values:
        return None
    service = site.services.get(session.values.get("service", ""))
    if service is None:
        return None
    login = SessionLogin(site.sessions, site.store, service.oauth, id_hash, session.values["token"])
    return Visit(id_hash, session.account_id, service, login, deadline)


@dataclass(frozen=True)
class Browsing:
    """A request for what Spotify has to play: by a person with their own login, or by anybody with the app's.

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
