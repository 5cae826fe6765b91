"""What can go wrong between us and Spotify. Messages are safe to log: no token, no address with a query.

`SpotifyError.message` is what Spotify said, if anything: untrusted text.
"""

import re
from collections.abc import Mapping

# Long, unbroken, and with a digit or a capital: no word, nor an address without a query.
_SECRET = re.compile(r"(?=\S*[A-Z0-9])[\w+/=~.%-]{20,}")


class SpotifyError(Exception):
    """Something went wrong on the way to Spotify, there, or on the way back."""

    def __init__(self, call: str, message: str = "") -> None:
        super().__init__(f"{call}: {message}" if message else call)
        self.message = message

    def in_a_line(self) -> str:
        """The error for the log: its kind, the call, what Spotify said; at most 300 characters.

        What looks like a token or a code is left out: a careless server may echo what it was sent.
        """
        line = _SECRET.sub("…", f"{type(self).__name__}: {self}")
        return "".join(character if character.isprintable() else " " for character in line)[:300]


class NoAnswer(SpotifyError):
    """Nobody answered: no connection, a reset, or no answer in time (`timed_out`)."""

    def __init__(self, call: str, message: str = "", timed_out: bool = False) -> None:
        super().__init__(call, message)
        self.timed_out = timed_out


class NotAsked(NoAnswer):
    """The server has been hanging, so that it was not asked this time.

    `until`: when it is asked again (Unix seconds); `None` where that may be any moment.
    """

    def __init__(self, call: str, message: str = "", until: float | None = None) -> None:
        super().__init__(call, message)
        self.until = until


class BadAnswer(SpotifyError):
    """An answer came that cannot be read: not JSON, empty, cut short, or another shape altogether."""


class Unauthorized(SpotifyError):
    """401: the access token is not accepted."""


class LoginEnded(SpotifyError):
    """The login cannot be renewed (`invalid_grant`): the person must log in again."""


class AppRefused(SpotifyError):
    """The accounts service does not accept our client id and secret, or our redirect URI."""


class Forbidden(SpotifyError):
    """403 for a reason of its own, such as an endpoint that is closed to this app."""


class OwnerNeedsPremium(Forbidden):
    """403: the app's owner has no active Premium subscription."""


class UserNotRegistered(Forbidden):
    """403: the person is not on the list of users in the app's dashboard."""


class InsufficientScope(Forbidden):
    """403: the person has not granted what this call needs."""


class NotFound(SpotifyError):
    """404."""


class RateLimited(SpotifyError):
    """429, or a call held back because of an earlier one. `until`: when to come back (Unix seconds).

    `quota`: the app has used up what it may ask in a day.
    """

    def __init__(self, call: str, until: float, message: str = "", quota: bool = False) -> None:
        super().__init__(call, message)
        self.until = until
        self.quota = quota


class ServerError(SpotifyError):
    """5xx."""


class Refused(SpotifyError):
    """Any other status that is not a success: the call itself was wrong."""


def forbidden(call: str, message: str) -> Forbidden:
    """The kind of 403 that Spotify's message tells."""
    text = message.lower()
    for words, kind in _FORBIDDEN.items():
        if words in text:
            return kind(call, message)
    return Forbidden(call, message)


_FORBIDDEN: Mapping[str, type[Forbidden]] = {
    "premium subscription required": OwnerNeedsPremium,
    "registered": UserNotRegistered,
    "scope": InsufficientScope,
}


def resume_time(error: SpotifyError | None) -> float | None:
    """When Spotify may be asked again (Unix seconds); `None` where nothing says so."""
    return error.until if isinstance(error, RateLimited | NotAsked) else None
