"""What a visitor of the demo changes: kept in their session, since everybody shares the demo's listeners.

It ends with the visit.
"""

from typing import Any

from app.services import DEMO
from app.site import Site
from app.spotify.errors import LoginEnded
from app.visit import Visit

PREFIX = "demo:"  # of these values' names in the session; another permission in the same visit keeps them
SETTINGS = PREFIX + "settings"
SAVED = PREFIX + "saved_{kind}s"
MOST_SAVED = 200


def is_demo(visit: Visit) -> bool:
    """Whether the visitor looks around in the demo."""
    return visit.service.name == DEMO


def read_value(site: Site, visit: Visit, name: str) -> Any:
    """A value of the visitor's session, as it is now; `None` without one."""
    session = site.sessions.read(visit.session_id_hash)
    return session.values.get(name) if session else None


def keep_value(site: Site, visit: Visit, name: str, value: Any) -> None:
    """Puts a value into the visitor's session. Raises LoginEnded where that is over."""
    if not site.sessions.change(visit.session_id_hash, {name: value}, prolong=False):
        raise LoginEnded("session", "logged out meanwhile")


def saved(site: Site, visit: Visit, kind: str) -> list[str]:
    """The ids of the items of a kind ("track", "album") that were saved in this visit, oldest first."""
    return list(read_value(site, visit, SAVED.format(kind=kind)) or ())


def save(site: Site, visit: Visit, kind: str, item_ids: list[str]) -> None:
    """Notes items as saved; the oldest of too many are forgotten."""
    every = [item_id for item_id in saved(site, visit, kind) if item_id not in item_ids] + item_ids
    keep_value(site, visit, SAVED.format(kind=kind), every[-MOST_SAVED:])
