"""How many requests that take long one account may have at once; the others wait a little, or come back."""

import time
from collections.abc import Callable
from zlib import crc32

from flask import Flask, g

from app.slots import Slot
from app.web.auth import browser_session, in_demo, site
from app.web.errors import TO_THE_IMPORT, TRY_AGAIN, Declined, ErrorPage

AT_ONCE = 2  # requests of one account that read many plays
WAITING = 4  # more of them that wait for their turn
PATIENCE = 15.0  # seconds
COME_BACK = 5.0  # seconds

_BUSY = ErrorPage(
    429,
    "Your other pages are still being added up",
    f"This site adds up {AT_ONCE} long ranges of a history at a time, and more of yours are under way.",
    ("Wait until they are there, then load this page again.",),
    TRY_AGAIN,
)
_DOWNLOADING = ErrorPage(
    429,
    "Another download of yours is under way",
    "This site sends one download of a history at a time.",
    ("Wait until it has ended, or stop it, then try again.",),
    TRY_AGAIN,
)
_UPLOADING = ErrorPage(
    429,
    "Another upload of yours is being put away",
    "This site puts away one upload of a browser at a time. Nothing of this one was kept.",
    ("Wait until the other one is on the page, then send this one again.",),
    TO_THE_IMPORT,
    until="Come back after",
)


def register_turns(app: Flask) -> None:
    """Lets a request's turn end with the request."""
    app.teardown_request(lambda _error: _release())


def _slot_number(account_id: int) -> int:
    """Who shares the slots: an account, or one visit to the demo, whose listeners everybody shares."""
    id_hash = browser_session().id_hash
    return int(id_hash[:8], 16) if in_demo() and id_hash else account_id


def long_read(account_id: int) -> Callable[[], None]:
    """What a report calls before it reads many plays: waits for this request's turn. Raises Declined."""

    def wait_for_turn() -> None:
        if "turn" in g:
            return
        slots, number = site().slots, _slot_number(account_id)
        place = slots.take("waiting", number, AT_ONCE + WAITING)
        turn = slots.take("reading", number, AT_ONCE, PATIENCE) if place is not None else None
        if place is None or turn is None:
            raise Declined(_BUSY, time.time() + COME_BACK)
        g.turn = (place, turn)

    return wait_for_turn


def only_download(account_id: int) -> Slot:
    """The right to the one download that an account may have at a time. Raises Declined."""
    slot = site().slots.take("download", _slot_number(account_id), 1)
    if slot is None:
        raise Declined(_DOWNLOADING, time.time() + COME_BACK)
    return slot


def only_upload() -> None:
    """Waits until this browser's other uploads are queued, and keeps more waiting until this request ends.

    Two at once would each begin a private history, and the browser would find only one of them again. Raises
    Declined.
    """
    session = browser_session()
    browser = session.id_hash or (session.visitor.id if session.visitor else "")
    slot = site().slots.take("upload", crc32(browser.encode()), 1, PATIENCE)
    if slot is None:
        raise Declined(_UPLOADING, time.time() + COME_BACK)
    g.turn = (slot,)


def _release() -> None:
    for slot in g.pop("turn", ()):
        slot.release()
