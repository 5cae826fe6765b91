"""A visit: one request by someone who is logged in."""

from dataclasses import dataclass

from app.deadline import Deadline
from app.login import SessionLogin
from app.services import Service
from app.site import Site
from app.spotify.client import SpotifyClient

SPOTIFY_SECONDS = 4.5  # for a page's own calls, a renewal of the token included


@dataclass(frozen=True)
class Visit:
    """Who asks. `account_id` is `None` until Spotify has told us whose session it is."""

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
