"""Flask's side of the sessions: reads the cookie, hands out the values, saves what a request changed."""

import logging
import time
from copy import deepcopy
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import SQLAlchemyError

from app.sessions import LIFETIME, OpenSession, Sessions, lasting, lifetime

log = logging.getLogger(__name__)
PROLONG_AFTER = 86400.0  # seconds; a visit a day is enough to keep a session alive
WITHOUT_SESSION = ("/static/", "/healthz")


_ABSENT = object()


class BrowserSession(dict[str, Any], SessionMixin):
    """The values of one browser's session, and what this request means to do with the session itself.

    `unreadable`: the database did not answer, so that nobody can tell whose session it is.
    """

    unreadable = False

    def __init__(self, opened: OpenSession | None = None, raw_id: str | None = None) -> None:
        super().__init__(opened.values if opened else {})
        self.id_hash = opened.id_hash if opened else None
        self.account_id = opened.account_id if opened else None
        self.raw_id = raw_id
        self.ended = False
        self.keeps_cookie = False
        self.renewed = False
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
    """Keeps the session's random id in a cookie, and everything else in the database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        raw_id = request.cookies.get(self.get_cookie_name(app))
        if not raw_id or request.path.startswith(WITHOUT_SESSION):
            return BrowserSession()
        try:
            return BrowserSession(self._sessions.open(raw_id), raw_id)
        except SQLAlchemyError as error:
            # Not raised here: Flask has no error page yet before there is a session.
            log.error("the database does not answer (%s)", type(error).__name__)
            unknown = BrowserSession()
            unknown.unreadable = True
            return unknown

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, BrowserSession)  # noqa: S101 - open_session made it
        if response.status_code >= 500:
            return  # a fault leaves the session as it was, and does not wait for a busy database again
        if session.ended:
            if session.id_hash is not None:
                self._sessions.end(session.id_hash)
            if not session.keeps_cookie:
                self._delete_cookie(app, response)
        elif session.id_hash is None or session.renewed:
            if session:
                raw_id = self._sessions.begin(session, replacing=session.id_hash)
                self._set_cookie(app, response, raw_id, session)
        else:
            self._save_changes(app, session, session.id_hash, response)

    def _save_changes(self, app: Flask, session: BrowserSession, id_hash: str, response: Response) -> None:
        put, drop = session.changes()
        prolong = session.wants_prolonging()
        # False when the row is gone: logged out, or logged in anew, in another tab. Its cookie is left alone.
        saved = (put or drop or prolong) and self._sessions.change(id_hash, put, drop)
        if saved and prolong and session.raw_id is not None:
            self._set_cookie(app, response, session.raw_id, session)

    def _set_cookie(self, app: Flask, response: Response, raw_id: str, session: BrowserSession) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            raw_id,
            # Before login the browser may forget it when it closes.
            max_age=int(LIFETIME) if lasting(session) else None,
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
            path="/",
        )

    def _delete_cookie(self, app: Flask, response: Response) -> None:
        response.delete_cookie(self.get_cookie_name(app), path="/", httponly=True, samesite="Lax")
