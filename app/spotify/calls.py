"""Calls to Spotify's Web API in somebody's name: the token comes along, and is renewed where it must be."""

from collections.abc import Callable, Mapping
from typing import Protocol, Self

from app.deadline import Deadline
from app.spotify.errors import Unauthorized
from app.spotify.http import Http

Params = Mapping[str, str | int]


class Login(Protocol):
    """Whose token the calls carry. Both raise SpotifyError."""

    def access_token(self, deadline: Deadline) -> str:
        """A token that should be good."""

    def renewed(self, rejected: str, deadline: Deadline) -> str:
        """Another token than the one that was rejected."""


class Calls:
    """What every client of a part of the Web API builds on. Every method raises SpotifyError."""

    def __init__(self, http: Http, login: Login, deadline: Deadline) -> None:
        self._http = http
        self._login = login
        self._deadline = deadline

    def within(self, deadline: Deadline) -> Self:
        """The same client with another deadline."""
        return type(self)(self._http, self._login, deadline)

    def _get(self, path: str, params: Params | None = None) -> object | None:
        """The JSON of the answer; `None` for a 204."""
        return self._with_token(
            "GET", path, lambda headers: self._http.get(path, params or {}, headers, self._deadline)
        )

    def _write(
        self, method: str, path: str, params: Params | None = None, body: object | None = None
    ) -> object | None:
        """Asks once for a change; the JSON of the answer, `None` where it has no body."""
        return self._with_token(
            method,
            path,
            lambda headers: self._http.write(method, path, params or {}, body, headers, self._deadline),
        )

    def _with_token(
        self, method: str, path: str, call: Callable[[Mapping[str, str]], object | None]
    ) -> object | None:
        # Before the token: a call that is held back anyway must not renew one.
        self._http.raise_if_limited(method, path)
        token = self._login.access_token(self._deadline)
        try:
            return call(_bearer(token))
        except Unauthorized:
            # A call that was not let in has done nothing, so that a write may be repeated too.
            return call(_bearer(self._login.renewed(token, self._deadline)))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
