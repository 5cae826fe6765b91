"""What is due for which account, whose turn it is, and imports that their workers did not survive.

The rows of imports are the queue: a lease for each account tells who is at its imports. A lease that was left
behind tells that its holder died.

Times are Unix seconds.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, update

from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.history import MARK_BYTES, STALE
from app.store.imports import DONE, FAILED, RUNNING, UNDER_WAY, Import, end_import, fail_import, find_import
from app.store.locks import IMPORT_LEASE, IMPORT_LEASE_SECONDS, give_back, inherit, is_free, is_left_behind
from app.store.tables import history_file, history_import, history_part, history_upload

log = logging.getLogger(__name__)

LONGEST_WAIT = 3600.0  # seconds after which smaller imports no longer go first
BYTES_A_ROW = 30  # of an export as it is uploaded, to compare making a history with reading an upload
MOST_DEATHS = 3  # workers that may die of an import
REMAKE_PAUSE = 600.0  # seconds until making a history anew is tried again where it did not work
DIED_TOO_OFTEN = (
    "This import was begun three times, and each time the process that reads it came to a sudden end. "
    "Nothing of it was kept. Send its files one by one to find the one that this site cannot read."
)


@dataclass(frozen=True)
class Due:
    """What is due for an account: its next import, or with none (`import_id` is `None`) to make its history
    anew. `uploads`: their names on disk. `rows`: of the history that is there.
    """

    account_id: int
    import_id: int | None = None
    running: bool = False
    queued_at: float = 0.0
    uploads: Sequence[str] = ()
    rows: int = 0


def due(store: Store) -> list[Due]:
    """What is due, one for each account that has anything, oldest import first."""
    with store.reading() as connection:
        found = _imports_due(connection)
        is_stale = history_part.c.name == STALE
        stale = connection.scalars(select(history_part.c.account_id).where(is_stale)).all()
    only_stale = set(stale) - {next_import.account_id for next_import in found}
    paused = {number for number in only_stale if _remake_pause(store, number).until() is not None}
    remakes = (Due(number, rows=readable_rows(store, number)) for number in sorted(only_stale - paused))
    return [*found, *remakes]


def _imports_due(connection: Connection) -> list[Due]:
    first = (
        select(func.min(history_import.c.id))
        .where(history_import.c.state.in_(UNDER_WAY))
        .group_by(history_import.c.account_id)
    )
    columns = [history_import.c[name] for name in ("id", "account_id", "state", "created_at")]
    imports = connection.execute(
        select(*columns).where(history_import.c.id.in_(first)).order_by(history_import.c.id)
    ).all()
    uploads = _names_on_disk(connection, [row.id for row in imports])
    return [
        Due(row.account_id, row.id, row.state == RUNNING, row.created_at, uploads.get(row.id, ()))
        for row in imports
    ]


def _names_on_disk(connection: Connection, imports: Iterable[int]) -> Mapping[int, Sequence[str]]:
    names: dict[int, list[str]] = {}
    query = select(history_upload.c.import_id, history_upload.c.stored_as)
    for number, stored_as in connection.execute(query.where(history_upload.c.import_id.in_(imports))):
        names.setdefault(number, []).append(stored_as)
    return names


def choose(turns: Sequence[Due], served: set[int], size: Callable[[str], int], now: float) -> Due | None:
    """Whose turn it is: one import for each account in each round, small ones first.

    What was begun goes on first, and what has waited for an hour lets no newcomer pass. Empties `served` when
    a round is over.
    """
    if all(turn.account_id in served for turn in turns):
        served.clear()

    def rank(turn: Due) -> tuple[bool, bool, int, float]:
        weight = sum(map(size, turn.uploads)) if turn.import_id is not None else turn.rows * BYTES_A_ROW
        overdue = turn.import_id is not None and turn.queued_at < now - LONGEST_WAIT
        return not turn.running, not overdue, weight, turn.queued_at

    return min((turn for turn in turns if turn.account_id not in served), key=rank, default=None)


def next_turn(
    store: Store, served: set[int], size: Callable[[str], int], holder: str, only: int | None = None
) -> Due | None:
    """Whose turn it is, with the lease of that account taken for `holder`; `None` when all that is due is
    another's. A death that was found on the way is counted. `only`: for this account alone.
    """
    turns = [turn for turn in due(store) if only in (None, turn.account_id)]
    while (turn := choose(turns, served, size, time.time())) is not None:
        died = inherit(store, lease_name(turn.account_id), holder, IMPORT_LEASE_SECONDS)
        if died:
            count_death(store, turn)
        if died is not None and not _is_paused(store, turn):
            return turn
        if died is not None:
            give_back(store, lease_name(turn.account_id), holder)
        turns.remove(turn)
    return None


def is_waiting(store: Store) -> bool:
    """Whether something is due that nobody is at."""
    return any(is_free(store, lease_name(turn.account_id), IMPORT_LEASE_SECONDS) for turn in due(store))


def lease_name(account_id: int) -> str:
    """Of the lease of who does the account's imports."""
    return f"{IMPORT_LEASE}{account_id}"


def count_death(store: Store, turn: Due) -> None:
    """Counts a worker's death against the import, or the account, that it died of."""
    if turn.import_id is None:
        log.error("a worker died while the history of account %d was made anew", turn.account_id)
        remake_died(store, turn.account_id)
    else:
        log.error("a worker died while import %d ran", turn.import_id)
        worker_died(store, turn.import_id)


def count_early_death(store: Store) -> None:
    """Counts the death of a worker that was killed: one without a lease would have gone on with what runs."""
    turns = [(turn, lease_name(turn.account_id)) for turn in due(store)]
    if any(is_left_behind(store, name, IMPORT_LEASE_SECONDS) for _, name in turns):
        return  # whoever takes it up counts it
    for turn, name in turns:
        if turn.running and is_free(store, name, IMPORT_LEASE_SECONDS):
            count_death(store, turn)
            return


def next_import(store: Store, account_id: int) -> Import | None:
    """The account's oldest import that is not over, running from now on."""
    criteria = (history_import.c.account_id == account_id) & history_import.c.state.in_(UNDER_WAY)
    with store.writing() as connection:
        row = connection.execute(
            select(history_import).where(criteria).order_by(history_import.c.id).limit(1)
        ).one_or_none()
        if row is None:
            return None
        started = {"started_at": time.time()} if row.started_at is None else {}
        connection.execute(
            update(history_import).where(history_import.c.id == row.id).values(state=RUNNING, **started)
        )
    return find_import(store, row.id)


def rows_read(store: Store, import_id: int) -> int:
    """How many entries of an import were read so far."""
    query = select(func.sum(history_file.c.read)).where(history_file.c.import_id == import_id)
    with store.reading() as connection:
        return int(connection.scalar(query) or 0)


def readable_rows(store: Store, account_id: int, with_import: int | None = None) -> int:
    """How many rows the account's history is made of: of imports that are done, and of one under way."""
    counts: ColumnElement[bool] = history_import.c.state == DONE
    if with_import is not None:
        counts |= history_import.c.id == with_import
    query = (
        select(func.sum(history_file.c.kept + history_file.c.duplicate))
        .join(history_import, history_import.c.id == history_file.c.import_id)
        .where(history_file.c.account_id == account_id, counts)
    )
    with store.reading() as connection:
        return int(connection.scalar(query) or 0)


def drop_imports_beyond(store: Store, account_id: int, most: int, note: str) -> None:
    """Fails the newest of the account's imports while all together have more than so many readable rows.

    Only joining two accounts can lead there: each import by itself is refused before.
    """
    rows = func.sum(history_file.c.kept + history_file.c.duplicate)
    query = (
        select(history_import.c.id, rows)
        .join(history_file, history_import.c.id == history_file.c.import_id)
        .where(history_import.c.account_id == account_id, history_import.c.state == DONE)
        .group_by(history_import.c.id)
        .order_by(history_import.c.id)
    )
    with store.writing() as connection:
        total = 0
        for number, of_import in connection.execute(query).all():
            total += int(of_import)
            if total > most:
                total -= int(of_import)
                fail_import(connection, number, note)


def worker_died(store: Store, import_id: int) -> bool:
    """Notes that a worker died while this import ran; True when the import has failed by that."""
    criteria = (history_import.c.id == import_id) & (history_import.c.state == RUNNING)
    with store.writing() as connection:
        deaths = connection.scalar(
            update(history_import)
            .where(criteria)
            .values(deaths=history_import.c.deaths + 1)
            .returning(history_import.c.deaths)
        )
    return (
        deaths is not None and deaths >= MOST_DEATHS and end_import(store, import_id, FAILED, DIED_TOO_OFTEN)
    )


def remake_died(store: Store, account_id: int) -> None:
    """Notes, in the stale mark, that a worker died while a history was made anew; after too many it waits."""
    criteria = (history_part.c.account_id == account_id) & (history_part.c.name == STALE)
    with store.writing() as connection:
        mark = connection.scalar(select(history_part.c.body).where(criteria).with_for_update())
        if mark is None:
            return
        deaths = len(mark) - MARK_BYTES + 1
        connection.execute(update(history_part).where(criteria).values(body=mark + b"\0"))
    if deaths > MOST_DEATHS:
        put_off_remake(store, account_id, "workers died")


def put_off_remake(store: Store, account_id: int, why: str) -> None:
    """Lets everybody else go first for a while: making this account's history anew did not work."""
    _remake_pause(store, account_id).begin(time.time() + REMAKE_PAUSE, why)


def _is_paused(store: Store, turn: Due) -> bool:
    return turn.import_id is None and _remake_pause(store, turn.account_id).until() is not None


def _remake_pause(store: Store, account_id: int) -> Cooldown:
    return Cooldown(store, f"history:{account_id}")
