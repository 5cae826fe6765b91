"""Codes, tokens and what listeners change, in one sqlite3 file that every process of a site shares.

Times are Unix seconds. Playlists have a module of their own, `playlist_store.py`; so have
what is saved, `changes.py`, and what is playing, `playback.py`.

A connection lives for one operation: sqlite opens a file in a fraction of a millisecond, and nothing
open is left to leak between threads or across a fork.
"""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

REFRESH_SECONDS = 182 * 86_400  # Spotify lets a refresh token live six months after consent
_MOST_ROWS = 20_000
_REMEMBERED = 3_600  # expired rows stay this long, so that "expired" can be told from "unknown"

_TABLES = """
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, grant_id TEXT NOT NULL, client_id TEXT NOT NULL, listener TEXT NOT NULL,
    scope TEXT NOT NULL, redirect_uri TEXT NOT NULL, challenge TEXT,
    used INTEGER NOT NULL DEFAULT 0, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, grant_id TEXT NOT NULL, client_id TEXT NOT NULL,
    listener TEXT, scope TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tokens_grant ON tokens (grant_id);
CREATE TABLE IF NOT EXISTS playlists (
    id TEXT PRIMARY KEY, listener TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    public INTEGER NOT NULL, track_ids TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS library_changes (
    listener TEXT NOT NULL, track_id TEXT NOT NULL, saved INTEGER NOT NULL, changed_at INTEGER NOT NULL,
    UNIQUE (listener, track_id));
CREATE TABLE IF NOT EXISTS players (
    grant_id TEXT PRIMARY KEY, listener TEXT NOT NULL, player TEXT NOT NULL, changed_at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Grant:
    """What a listener agreed to. `listener` is `None` for an app's own token."""

    client_id: str
    listener: str | None
    scope: str


@dataclass(frozen=True)
class Code:
    """An authorization code as it was given out. `used`: it had been exchanged before."""

    grant_id: str
    grant: Grant
    redirect_uri: str
    challenge: str | None
    used: bool
    expires_at: float


@dataclass(frozen=True)
class Token:
    """An access or refresh token as it was given out."""

    grant_id: str
    grant: Grant
    expires_at: float


class State:
    """The rows. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with self.transaction() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_TABLES)
            _forget_addresses(db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation."""
        with closing(sqlite3.connect(self._path, timeout=5, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA busy_timeout = 5000")
            db.execute("PRAGMA synchronous = OFF")  # losing a demo's tokens in a power cut is fine
            yield db

    def add_code(self, grant: Grant, redirect_uri: str, challenge: str | None, seconds: int) -> str:
        """Keep a new authorization code for `grant`; return it."""
        code, grant_id, now = secrets.token_urlsafe(48), secrets.token_hex(12), time.time()
        values = (
            code,
            grant_id,
            grant.client_id,
            grant.listener,
            grant.scope,
            redirect_uri,
            challenge,
        )
        with self.transaction() as db:
            self._forget_expired(db, now)
            db.execute("INSERT INTO codes VALUES (?,?,?,?,?,?,?,0,?)", (*values, now + seconds))
        return code

    def take_code(self, code: str, client_id: str) -> Code | None:
        """Mark the client's `code` as used and return it as it was before; `None` when there is none."""
        with self.transaction() as db:
            db.execute("BEGIN IMMEDIATE")
            query = "SELECT * FROM codes WHERE code = ? AND client_id = ?"
            row = db.execute(query, (code, client_id)).fetchone()
            db.execute("UPDATE codes SET used = 1 WHERE code = ? AND client_id = ?", (code, client_id))
            db.execute("COMMIT")
        if row is None:
            return None
        fields = (row["redirect_uri"], row["challenge"], bool(row["used"]), row["expires_at"])
        return Code(row["grant_id"], _grant(row), *fields)

    def add_token(self, kind: str, grant: Grant, seconds: float, grant_id: str | None = None) -> str:
        """Keep a new token ("access" or "refresh") for `grant`; return it."""
        token, now = secrets.token_urlsafe(72), time.time()
        grant_id = grant_id or secrets.token_hex(12)
        values = (token, kind, grant_id, grant.client_id, grant.listener, grant.scope)
        with self.transaction() as db:
            self._forget_expired(db, now)
            db.execute("INSERT INTO tokens VALUES (?,?,?,?,?,?,?)", (*values, now + seconds))
        return token

    def token(self, kind: str, token: str) -> Token | None:
        """The token of that kind, expired or not; `None` when there is none."""
        with self.transaction() as db:
            query = "SELECT * FROM tokens WHERE token = ? AND kind = ?"
            row = db.execute(query, (token, kind)).fetchone()
        return row and Token(row["grant_id"], _grant(row), row["expires_at"])

    def drop_token(self, token: str) -> None:
        """Forget one token."""
        with self.transaction() as db:
            db.execute("DELETE FROM tokens WHERE token = ?", (token,))

    def revoke(self, grant_id: str) -> None:
        """Forget every token that came from one consent."""
        with self.transaction() as db:
            db.execute("DELETE FROM tokens WHERE grant_id = ?", (grant_id,))

    @staticmethod
    def _forget_expired(db: sqlite3.Connection, now: float) -> None:
        db.execute("DELETE FROM codes WHERE expires_at < ?", (now - _REMEMBERED,))
        db.execute("DELETE FROM tokens WHERE expires_at < ?", (now - _REMEMBERED,))
        # Anyone may ask the demo for codes: the oldest make room, so that the file cannot grow without end.
        for table in ("codes", "tokens"):
            db.execute(
                f"DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?",  # noqa: S608 - our own names
                (_MOST_ROWS,),
            )


def _forget_addresses(db: sqlite3.Connection) -> None:
    """Drops the column in which older versions kept the address that a browser had used."""
    db.execute("BEGIN IMMEDIATE")
    for table in ("codes", "tokens"):
        if any(row["name"] == "base" for row in db.execute(f"PRAGMA table_info({table})")):
            db.execute(f"ALTER TABLE {table} DROP COLUMN base")
    db.execute("COMMIT")


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(row["client_id"], row["listener"], row["scope"])
