"""Spotify's accounts service: the authorization code flow with PKCE, for a confidential client.

Times are Unix seconds. Source: Spotify's "Authorization Code" and "PKCE" guides; RFC 6749, RFC 7636.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from app.deadline import Deadline
from app.spotify.errors import AppRefused, BadAnswer, LoginEnded
from app.spotify.http import Http

SCOPES = ("user-top-read", "user-library-read")  # the least that the pages need; the profile needs none
# Asked for when someone first presses the button that needs it.
PLAYLIST_SCOPE = "playlist-modify-private"
SAVE_SCOPE = "user-library-modify"
RECENT_SCOPE = "user-read-recently-played"
PLAYBACK_SCOPES = ("user-read-playback-state", "user-modify-playback-state")
EARLY = 60.0  # seconds before expiry at which a token counts as expired
DEFAULT_EXPIRES_IN = 3600.0


@dataclass(frozen=True)
class Token:
    """What a person granted us. Knows when it expires; its parts never appear in its repr."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float
    authorized_at: float
    scope: str = ""

    @property
    def expired(self) -> bool:
        """Whether it should be renewed before the next call."""
        return time.time() > self.expires_at - EARLY

    def as_values(self) -> dict[str, Any]:
        """For the session."""
        return asdict(self)


@dataclass(frozen=True)
class Pkce:
    """A verifier, kept by us, and the challenge that is sent ahead of it (S256)."""

    verifier: str = field(repr=False)

    @classmethod
    def new(cls) -> "Pkce":
        return cls(secrets.token_urlsafe(64))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class OAuth:
    """The accounts service, as one registered app sees it."""

    def __init__(self, authorize_url: str, accounts: Http, client_id: str, client_secret: str) -> None:
        self._authorize_url = authorize_url
        self._accounts = accounts
        self.client_id = client_id
        # As they are: RFC 6749 would form-encode both halves first, Spotify does not.
        pair = f"{client_id}:{client_secret}"
        self._basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def authorize_url(
        self, redirect_uri: str, state: str, pkce: Pkce, more_scopes: Collection[str] = ()
    ) -> str:
        """Where to send the person. `more_scopes`: what to ask for beyond what every page needs."""
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": " ".join(dict.fromkeys((*SCOPES, *more_scopes))),
            "state": state,
            "code_challenge_method": "S256",
            "code_challenge": pkce.challenge,
        }
        return f"{self._authorize_url}?{urlencode(query)}"

    def exchange(
        self,
        code: str,
        redirect_uri: str,
        pkce: Pkce,
        deadline: Deadline,
        requested: Collection[str] = SCOPES,
    ) -> Token:
        """The token for a code. Raises LoginEnded when the code is not (or no longer) good.

        An answer that does not say what was granted grants what was `requested` (RFC 6749, 5.1).
        """
        answer = self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": pkce.verifier,
            },
            deadline,
        )
        return _token({"scope": " ".join(requested)} | answer, None)

    def refresh(self, token: Token, deadline: Deadline) -> Token:
        """A new access token; the refresh token stays unless a new one comes. Raises LoginEnded."""
        if not token.refresh_token:
            raise LoginEnded("accounts POST /api/token", "no refresh token")
        answer = self._token({"grant_type": "refresh_token", "refresh_token": token.refresh_token}, deadline)
        return _token(answer, token)

    def for_the_app(self, deadline: Deadline) -> Token:
        """A token of the app's own, for what needs nobody's permission (client credentials)."""
        return _token({"scope": ""} | self._token({"grant_type": "client_credentials"}, deadline), None)

    def _token(self, form: dict[str, str], deadline: Deadline) -> dict[str, object]:
        status, answer = self._accounts.post_form("/api/token", form, self._basic, deadline)
        if not isinstance(answer, dict):
            raise BadAnswer("accounts POST /api/token: not an object")
        if status < 400:
            return answer
        error = _sendable(answer.get("error"))
        if error == "invalid_grant":
            raise LoginEnded("accounts POST /api/token", "invalid_grant")
        raise AppRefused("accounts POST /api/token", (error or "")[:100])


def _token(answer: dict[str, object], before: Token | None) -> Token:
    """The token in an answer; `before` is the one it renews."""
    now = time.time()
    access, scope = _sendable(answer.get("access_token")), answer.get("scope")
    if access is None:
        raise BadAnswer("accounts POST /api/token: no access token")
    return Token(
        access_token=access,
        refresh_token=_sendable(answer.get("refresh_token")) or (before.refresh_token if before else None),
        expires_at=now + _expires_in(answer.get("expires_in")),
        authorized_at=before.authorized_at if before else now,
        scope=scope if isinstance(scope, str) else (before.scope if before else " ".join(SCOPES)),
    )


def _sendable(value: object) -> str | None:
    """Text that can be sent back in a header or a form; `None` for anything else."""
    return value if isinstance(value, str) and value and value.isascii() and value.isprintable() else None


def _expires_in(value: object) -> float:
    """Seconds; some servers send them as text, some not at all."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return DEFAULT_EXPIRES_IN
    return min(seconds, 86400.0) if seconds >= 0 else DEFAULT_EXPIRES_IN
