"""Flask's side of the sessions: reads the cookie, hands out the values, saves what a request changed.

A visitor of whom nothing is worth keeping has no row in the database: the cookie holds the values, encrypted.
"""

import logging
import re
import secrets
import time
from copy import deepcopy
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import SQLAlchemyError

from app.sessions import (
    LIFETIME,
    VISITOR_COOKIE_LIFETIME,
    OpenSession,
    Sessions,
    Visitor,
    lasting,
    lifetime,
    needs_row,
)
from app.web.user_agent import browser_name

log = logging.getLogger(__name__)
PROLONG_AFTER = 86400.0  # seconds; a visit a day is enough to keep a session alive
WITHOUT_SESSION = ("/static/", "/healthz", "/sleeve/")
NAME, SECURE_NAME = "liner_notes", "__Host-liner_notes"
OLD_NAME = "session"  # which every Flask app on the same host uses: what is there may be another's
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{43}")

_ABSENT = object()


class BrowserSession(dict[str, Any], SessionMixin):
    """The values of one browser's session, and what this request means to do with the session itself.

    `visitor`: what the cookie holds where there is no row. `unreadable`: the database did not answer, so that
    nobody can tell whose session it is.
    """

    unreadable = False

    def __init__(
        self,
        opened: OpenSession | None = None,
        raw_id: str | None = None,
        visitor: Visitor | None = None,
        cookie: str | None = None,
    ) -> None:
        super().__init__(opened.values if opened else visitor.values if visitor else {})
        self.id_hash = opened.id_hash if opened else None
        self.account_id = opened.account_id if opened else None
        self.raw_id = raw_id
        self.visitor = visitor
        self.cookie = cookie  # the name it was found under
        self.ended = False
        self.keeps_cookie = False
        self.renewed = False
        self.unsent = False
        self._expires_at = opened.expires_at if opened else 0.0
        self._before = deepcopy(dict(self))

    def end(self, keep_cookie: bool = False) -> None:
        """Logs out: the row goes, and the cookie with it.

        Where the person did not ask for it, the cookie is better kept: its id is dead, and another tab may
        have put a newer one in its place by the time this answer arrives.
        """
        self.clear()
        self.ended, self.keeps_cookie = True, keep_cookie

    def restart(self, **values: Any) -> None:
        """Begins anew with these values under a new id, as at login."""
        self.clear()
        self.update(values)
        self.account_id = None
        self.renewed = True

    def begin(self, sessions: Sessions) -> None:
        """Keeps the session under its new id at once, where this request goes on to act for it."""
        self.raw_id = _begin(sessions, self)
        opened = sessions.open(self.raw_id)
        self.id_hash = opened.id_hash if opened else None
        self.renewed, self.unsent = False, True
        self._before = deepcopy(dict(self))

    def forget(self, key: str) -> None:
        """Drops a value that is already gone from the row."""
        self.pop(key, None)
        self._before.pop(key, None)

    def changes(self) -> tuple[dict[str, Any], list[str]]:
        """The values that this request put, and the keys that it dropped."""
        put = {key: value for key, value in self.items() if self._before.get(key, _ABSENT) != value}
        return put, [key for key in self._before if key not in self]

    def wants_prolonging(self) -> bool:
        """Whether the last visit that prolonged it was over a day ago."""
        return self._expires_at - time.time() < lifetime(self) - PROLONG_AFTER


class SessionCookie(SessionInterface):
    """Keeps the session's random id in a cookie and all else in the database; a visitor's few values in the
    cookie alone."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - Flask's signature
        """Over https a name that neither another host nor plain http can set."""
        return _names(request)[0]

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002 - likewise
        if request.path.startswith(WITHOUT_SESSION):
            return BrowserSession()
        try:
            return self._find(request)
        except SQLAlchemyError as error:
            # Not raised here: Flask has no error page yet before there is a session.
            log.error("the database does not answer (%s)", type(error).__name__)
            unknown = BrowserSession()
            unknown.unreadable = True
            return unknown

    def _find(self, request: Request) -> BrowserSession:
        """The first living session of the cookies that may be ours, else a visitor's."""
        visiting = BrowserSession()
        for name in _names(request):
            value = request.cookies.get(name, "")
            if _SESSION_ID.fullmatch(value):
                if opened := self._sessions.open(value):
                    return BrowserSession(opened, value, cookie=name)
            elif name != OLD_NAME and visiting.visitor is None and value:
                visitor = self._sessions.unpack(value)
                visiting = BrowserSession(visitor=visitor, cookie=name if visitor else None)
        return visiting

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, BrowserSession)  # noqa: S101 - open_session made it
        if response.status_code >= 500:
            return  # a fault leaves the session as it was, and does not wait for a busy database again
        if session.ended:
            self._end(session, response)
        elif session.id_hash is not None and not session.renewed:
            self._save_changes(app, session, session.id_hash, response)
        elif needs_row(session):
            self._set_cookie(app, response, _begin(self._sessions, session), session)
        else:
            if session.id_hash is not None:
                self._sessions.end(session.id_hash)
            self._save_visitor(app, session, response)

    def _save_changes(self, app: Flask, session: BrowserSession, id_hash: str, response: Response) -> None:
        put, drop = session.changes()
        if session.unsent and session.raw_id is not None:
            self._set_cookie(app, response, session.raw_id, session)
        prolong = not session.unsent and (
            session.wants_prolonging() or session.cookie != self.get_cookie_name(app)
        )
        # False when the row is gone: logged out, or logged in anew, in another tab. Its cookie is left alone.
        try:
            saved = (put or drop or prolong) and self._sessions.change(id_hash, put, drop)
        except SQLAlchemyError as error:
            if put or drop:
                raise
            log.warning("a session is not prolonged (%s)", type(error).__name__)
            return
        if saved and prolong and session.raw_id is not None:
            self._set_cookie(app, response, session.raw_id, session)

    def _save_visitor(self, app: Flask, session: BrowserSession, response: Response) -> None:
        """Hands a visitor their values back, where they changed or grow old."""
        visitor = session.visitor
        if session.keeps_cookie:
            return
        if not session:
            if session.cookie is not None:
                _delete_cookie(response, session.cookie)
            return
        old = visitor is None or time.time() - visitor.sealed_at > VISITOR_COOKIE_LIFETIME / 2
        if old or any(session.changes()) or session.cookie != self.get_cookie_name(app):
            packed = self._sessions.pack(visitor.id if visitor else secrets.token_urlsafe(16), session)
            self._set_cookie(app, response, packed, session)

    def _end(self, session: BrowserSession, response: Response) -> None:
        if session.id_hash is not None:
            self._sessions.end(session.id_hash)
        if session.keeps_cookie:
            return
        # An older session under another name would log the person in again.
        for name in _names(request):
            value = request.cookies.get(name, "")
            opened = self._sessions.open(value) if _SESSION_ID.fullmatch(value) else None
            if opened is not None:
                self._sessions.end(opened.id_hash)
            if opened is not None or name == session.cookie:
                _delete_cookie(response, name)

    def _set_cookie(self, app: Flask, response: Response, value: str, session: BrowserSession) -> None:
        name = self.get_cookie_name(app)
        response.set_cookie(
            name,
            value,
            # Before login the browser may forget it when it closes.
            max_age=int(LIFETIME) if lasting(session) else None,
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
            path="/",
        )
        if session.cookie not in (None, name):
            _delete_cookie(response, session.cookie or "")  # it has been taken over


def _begin(sessions: Sessions, session: BrowserSession) -> str:
    """Keeps a new session, in place of the one that it was; its raw id."""
    return sessions.begin(
        session,
        replacing=session.id_hash,
        browser=browser_name(request.user_agent.string),
        visitor_id=session.visitor.id if session.visitor else None,
    )


def _names(request: Request) -> tuple[str, ...]:
    """The cookies to look for: this site's own first, then those that are taken over."""
    return (SECURE_NAME, NAME, OLD_NAME) if request.is_secure else (NAME, OLD_NAME)


def _delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=request.is_secure, httponly=True, samesite="Lax")
