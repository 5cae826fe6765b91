"""Live plays with two machines on one database: each play and each account once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import time_machine
from flask import Flask

from app.config import read_config
from app.history.stored import stored_history
from app.site import build_site
from app.store.sync import all_syncs, live_plays, sync_of
from app.sync import Round, sync_now
from tests.conftest import on_both_databases
from tests.web.conftest import Guest, environ_for, site_at
from tests.web.other_spotify import OtherSpotify
from tests.web.test_live_plays import RECENT, SCOPES, agree, played

pytestmark = on_both_databases


def test_two_machines_ask_for_an_account_once_and_keep_each_play_once(
    other: OtherSpotify, database_url: str, tmp_path: Path
) -> None:
    other.scope = SCOPES
    with site_at(other, tmp_path / "one", DATABASE_URL=database_url) as app:
        account_id = switched_on_at(app)
        environ = environ_for(other) | {"DATABASE_URL": database_url}
        second = build_site(read_config(environ, instance=tmp_path / "two"))
        first = app.extensions["site"]
        results: list[Round] = []
        other.script(RECENT, lambda _asked: played(1, 2, 3).but(delay=0.2))
        with ThreadPoolExecutor(2) as machines:
            for done in [
                machines.submit(sync_now, site.syncer(), [account_id], results.append)
                for site in (first, second)
            ]:
                done.result()
        assert other.count(RECENT) == len(results) in (1, 2)
        assert sum(result.added for result in results) == 3
        assert len(live_plays(first.store, account_id)) == 3
        row = sync_of(second.store, account_id)
        assert row is not None
        with time_machine.travel(row.due_at + 1):
            other.script(RECENT, played(9))
            assert second.syncer().round(account_id) == Round(account_id, added=1)
        found = stored_history(first.store, account_id)
        assert found is None or found.manifest.rows["music"] == [4]
        second.close()


def switched_on_at(app: Flask) -> int:
    ana = Guest(app)
    ana.enter("ana")
    ana.get("/settings")
    agree(ana, ana.post("/settings/sync", on="1"))
    return all_syncs(app.extensions["site"].store)[0].account_id
