"""Logging the owner in: their browser goes to Spotify, and comes back to this process."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from app.config_checks import LOOPBACK
from app.deadline import Deadline
from app.login import BegunLogin, begin
from app.services import Service
from app.spotify.errors import LoginEnded
from app.spotify.oauth import PLAYBACK_SCOPES, Pkce, Token
from app.spotify.playback import SENTENCES, PlayerError
from app.terminal.callback import NoCallback, listen
from app.terminal.words import Sorry

EXCHANGE_SECONDS = 10.0
WAIT_SECONDS = 300.0  # for the person at Spotify's page
LONGEST_CODE = 4096
AGAIN = "Run `python run.py login` again."
Ask = Callable[[str], str]
OpenBrowser = Callable[[str], object]


def log_in(service: Service, redirect_uri: str, ask: Ask, open_browser: OpenBrowser) -> Token:
    """The owner's token, with leave to play. Raises Sorry, and SpotifyError."""
    login, address = begin(service, redirect_uri, None, PLAYBACK_SCOPES)
    code = _code(login, _query(_way_back(login, address, ask, open_browser)))
    try:
        pkce, deadline = Pkce(login.verifier), Deadline(EXCHANGE_SECONDS)
        token = service.oauth.exchange(code, redirect_uri, pkce, deadline, login.scopes)
    except LoginEnded as error:
        raise Sorry(f"Spotify does not accept that code, or no longer. {AGAIN}") from error
    if not set(PLAYBACK_SCOPES) <= set(token.scope.split()):
        raise Sorry(SENTENCES[PlayerError.NOT_ALLOWED])
    return token


def _way_back(login: BegunLogin, address: str, ask: Ask, open_browser: OpenBrowser) -> str:
    """The address that Spotify sends the browser back to."""
    home = urlsplit(login.redirect_uri)
    print(f"Agree at Spotify, in the browser that opens, or here:\n\n  {address}\n", flush=True)
    if home.scheme == "http" and home.hostname in LOOPBACK:
        try:
            with listen(home.hostname, home.port or 80, home.path, login.matches) as callback:
                open_browser(address)
                return callback.wait(WAIT_SECONDS)
        except NoCallback as error:
            raise Sorry(f"Nobody came back from Spotify in time. Nothing was changed. {AGAIN}") from error
        except OSError:
            pass  # something listens there already: most likely the site itself
    open_browser(address)
    print("Then copy the whole address that the browser was sent to. It begins with")
    print(f"  {login.redirect_uri}?")
    return ask("and belongs here: ").strip()


def _code(login: BegunLogin, came_back: dict[str, str]) -> str:
    """The code that the browser brought. Raises Sorry."""
    if not login.matches(came_back.get("state", "")):
        raise Sorry(f"That address does not belong to this login. {AGAIN}")
    if came_back.get("error"):
        raise Sorry("You did not agree at Spotify. Nothing was changed.")
    code = came_back.get("code", "")
    if not code or len(code) > LONGEST_CODE or login.stale:
        raise Sorry(f"Spotify did not finish the login. {AGAIN}")
    return code


def _query(address: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    except ValueError:
        return {}
