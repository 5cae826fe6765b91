"""`run.py sync`: one round of live plays for everybody, now. `run.py status`: how the site stands."""

from datetime import UTC, datetime
from threading import Lock

from app.config import Config
from app.store.accounts import accounts
from app.store.engine import Store
from app.store.import_queue import due
from app.store.sync import ENDED, Sync, all_syncs, calls_today
from app.sync import Round, Syncer, sync_now
from app.sync_trouble import for_owner
from app.terminal.words import Sorry, clean


def sync(store: Store, syncer: Syncer) -> None:
    """Does a round for every account for which live plays are on, and prints a line for each.

    Raises Sorry where nothing could be done at all.
    """
    rows = all_syncs(store)
    names = {row.id: f"{clean(row.user_id)} at {row.service}" for row in accounts(store)}
    for row in rows:
        if row.state == ENDED:
            print(f"  {_name(names, row.account_id)}: has ended: {for_owner(row.trouble)}")
    wanted = [row.account_id for row in rows if row.state != ENDED]
    results: list[Round] = []
    printing = Lock()

    def tell(done: Round) -> None:
        with printing:
            results.append(done)
            print(f"  {_name(names, done.account_id)}: {_came(done)}", flush=True)

    sync_now(syncer, wanted, tell)
    for account_id in sorted(set(wanted) - {result.account_id for result in results}):
        print(f"  {_name(names, account_id)}: another process is at it, or it was switched off")
    if not rows:
        print("Live plays are switched on for nobody.")
    elif results and all(result.trouble for result in results):
        raise Sorry("Nothing could be done: see above.")


def status(store: Store, config: Config) -> None:
    """Prints accounts by state, calls of today, the next round, the queue and the latest troubles."""
    rows = all_syncs(store)
    states = {
        "on": [row for row in rows if row.state != ENDED and row.trouble is None],
        "with trouble": [row for row in rows if row.state != ENDED and row.trouble is not None],
        "ended": [row for row in rows if row.state == ENDED],
    }
    known = accounts(store)
    print(f"Accounts: {len(known)}")
    print("Live plays: " + ", ".join(f"{name} {len(some)}" for name, some in states.items()))
    for service in sorted({row.service for row in known} - {"local"}):
        print(f"Calls today (UTC) at {service}: {calls_today(store, service)} of {config.daily_calls}")
    due_at = min((row.due_at for row in rows if row.state != ENDED), default=None)
    print(f"Next round: {_clock(due_at) if due_at is not None else 'none'}")
    print(f"Imports waiting: {len(due(store))}")
    for row in rows:
        if row.trouble is not None:
            print(f"  account {row.account_id}: {for_owner(row.trouble)}{_since(row)}")


def _name(names: dict[int, str], account_id: int) -> str:
    return f"account {account_id} ({names[account_id]})" if account_id in names else f"account {account_id}"


def _came(done: Round) -> str:
    if done.trouble is None:
        return f"{done.added} new {'play' if done.added == 1 else 'plays'}"
    wait = f", until {_clock(done.until)}" if done.until is not None else ""
    return f"{for_owner(done.trouble)}{wait}"


def _since(row: Sync) -> str:
    return f" (last good round {_clock(row.last_at)})" if row.last_at is not None else ""


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
