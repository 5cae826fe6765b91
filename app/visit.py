"""A visit: one request by someone who is logged in."""

from dataclasses import dataclass

from app.deadline import Deadline
from app.login import SessionLogin
from app.services import Service
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
