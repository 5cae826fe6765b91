"""One player: what is in its queue, where it stands, and how time and commands move it.

Pure but for the state file at the end. Positions are milliseconds, `at` is the moment (Unix seconds) at which
the player stood at `progress_ms`, `changed_at` that of the last command. A player that reaches the end of its
queue stops there.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from app.sandbox.state import State

_MOST = 2_000


@dataclass(frozen=True)
class Queued:
    """A track in the queue, and its length."""

    track_id: str
    duration_ms: int


@dataclass(frozen=True)
class Player:
    """A player at a moment. `device` is the name of the active one; `volumes` are by such a name."""

    device: str | None = None
    volumes: dict[str, int] = field(default_factory=dict)
    queue: tuple[Queued, ...] = ()
    index: int = 0
    playing: bool = False
    progress_ms: int = 0
    at: float = 0.0
    changed_at: float = 0.0
    context_uri: str | None = None

    @property
    def track(self) -> Queued | None:
        """What it plays, or would on resuming."""
        return self.queue[self.index] if self.queue else None

    @property
    def ended(self) -> bool:
        """Whether it stands at the end of its track."""
        return self.track is not None and self.progress_ms >= self.track.duration_ms

    def moved(self, now: float) -> "Player":
        """The player at a later moment."""
        if not self.playing:
            return replace(self, at=now)
        return replace(
            self, progress_ms=self.progress_ms + max(round((now - self.at) * 1000), 0), at=now
        ).settled()

    def settled(self) -> "Player":
        """Past the ends of its tracks: on to the next ones, or stopped at the end of the last."""
        index, progress = self.index, self.progress_ms
        while index < len(self.queue) - 1 and progress >= self.queue[index].duration_ms:
            progress -= self.queue[index].duration_ms
            index += 1
        settled = replace(self, index=index, progress_ms=progress)
        if settled.track is not None and settled.ended:
            return replace(settled, playing=False, progress_ms=settled.track.duration_ms)
        return settled

    def resumed(self) -> "Player":
        """Playing on; a track that had ended begins again."""
        return replace(self, playing=True, progress_ms=0 if self.ended else self.progress_ms)

    def at_track(self, index: int) -> "Player":
        """Playing another track of its queue, from its beginning."""
        return replace(self, index=index, progress_ms=0, playing=True)


def player_of(state: State, consent: str) -> Player | None:
    """The player of one consent, as it was left; `None` before any command."""
    with state.transaction() as db:
        row = db.execute("SELECT player FROM players WHERE grant_id = ?", (consent,)).fetchone()
    return _read(row["player"]) if row else None


def command(
    state: State, consent: str, listener: str, first: Player, now: float, act: Callable[[Player], Player]
) -> None:
    """Let `act` change a consent's player, `first` where there is none. When it raises nothing changes."""
    with state.transaction() as db:
        db.execute("BEGIN IMMEDIATE")
        row = db.execute("SELECT player FROM players WHERE grant_id = ?", (consent,)).fetchone()
        before = _read(row["player"]) if row else first
        changed = replace(act(before.moved(now)), changed_at=now)
        values = (consent, listener, json.dumps(asdict(changed)), now)
        db.execute("INSERT OR REPLACE INTO players VALUES (?,?,?,?)", values)
        newest = "SELECT rowid FROM players ORDER BY rowid DESC LIMIT ?"
        db.execute(f"DELETE FROM players WHERE rowid NOT IN ({newest})", (_MOST,))  # noqa: S608 - no value in it
        db.execute("COMMIT")


def _read(text: str) -> Player:
    row = json.loads(text)
    return Player(**{**row, "queue": tuple(Queued(**queued) for queued in row["queue"])})
