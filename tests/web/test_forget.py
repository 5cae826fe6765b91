"""Deleting everything while something arrives or is being read: nothing stays, and nothing deadlocks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from app.history import uploads
from app.history.import_job import work
from app.history.uploads import Uploads
from app.jobs import Jobs
from app.sessions import Sessions
from app.site import Site
from app.spotify.errors import LoginEnded
from app.store.accounts import (
    DeletedSince,
    add_local_account,
    delete_account,
    find_or_add_account,
    local_account_seen,
)
from app.store.engine import Store
from app.store.history import move_history, undo_import
from app.store.imports import add_import, latest_import
from app.store.listening import Listening, keep_listening, listening_of
from app.store.tables import (
    account,
    history_file,
    history_import,
    history_part,
    history_upload,
    history_upload_chunk,
    listening,
)
from app.web.imports.report import accept
from app.web.privacy.report import forget_local
from tests.conftest import on_both_databases
from tests.history.made import export

pytestmark = on_both_databases


ROUNDS = 12
ZIP = export(files=2)
TABLES = (account, history_import, history_upload, history_file, history_part, listening)


class QuietJobs(Jobs):
    """A queue that nothing comes into: the tests do the work."""

    def read_imports(self) -> None:
        """Nothing begins by itself."""


class Deletion:
    """A site as far as uploads, imports and deletions go."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.jobs = QuietJobs("")
        self.uploads = Uploads(store, folder)
        self.sessions = Sessions(store, "a secret key for tests only")
        self.site = cast(Site, self)
        self.folder = self.uploads.ready()

    def upload(self, number: int) -> None:
        """An export arrives, file by file as the web takes it in."""
        with uploads.incoming_file(self.folder) as incoming:
            incoming.write(ZIP)
            try:
                accept(self.site, number, [("my_spotify_data.zip", incoming)])
            except LoginEnded:
                return

    def left(self) -> dict[str, int]:
        """What is left of anybody. `files`: uploads on the disk, and in the chunks that PostgreSQL has."""
        with self.store.reading() as connection:
            rows = {
                table.name: connection.scalar(select(func.count()).select_from(table)) for table in TABLES
            }
            chunked = connection.scalar(select(func.count(history_upload_chunk.c.stored_as.distinct())))
        files = len(list(self.folder.iterdir())) + (chunked or 0)
        return {name: number for name, number in (rows | {"files": files}).items() if number}


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Deletion:
    return Deletion(store, tmp_path / "uploads")


def at_once(*steps: Callable[[], object]) -> None:
    """Does all steps at the same moment; raises the first error."""
    start = Barrier(len(steps))

    def step(what: Callable[[], object]) -> None:
        start.wait()
        what()

    with ThreadPoolExecutor(len(steps)) as threads:
        for future in [threads.submit(step, one) for one in steps]:
            future.result()


def test_an_upload_that_arrives_while_everything_is_deleted_leaves_nothing(site: Deletion) -> None:
    for _ in range(ROUNDS):
        number = add_local_account(site.store)
        at_once(
            lambda number=number: site.upload(number),  # type: ignore[misc]
            lambda number=number: site.upload(number),  # type: ignore[misc]
            lambda number=number: forget_local(site.site, number),  # type: ignore[misc]
        )
        assert site.left() == {}


def test_everything_is_deleted_while_an_import_runs(site: Deletion) -> None:
    for _ in range(ROUNDS):
        number = add_local_account(site.store)
        site.upload(number)
        site.upload(number)
        at_once(
            lambda: work(site.store, site.folder),
            lambda number=number: forget_local(site.site, number),  # type: ignore[misc]
        )
        work(site.store, site.folder)
        assert site.left() == {}


def test_everything_is_deleted_while_an_import_is_taken_back(site: Deletion) -> None:
    for _ in range(ROUNDS // 2):
        number = add_local_account(site.store)
        site.upload(number)
        work(site.store, site.folder)
        done = latest_import(site.store, number)
        assert done is not None
        at_once(
            lambda number=number, done=done: undo_import(site.store, number, done.id),  # type: ignore[misc]
            lambda number=number: keep_listening(site.store, number, Listening("UTC", 10)),  # type: ignore[misc]
            lambda number=number: forget_local(site.site, number),  # type: ignore[misc]
        )
        work(site.store, site.folder)
        assert site.left() == {}


def test_what_was_uploaded_in_the_last_moment_goes_too(
    site: Deletion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import is queued just before the deletion takes the account."""
    number = add_local_account(site.store)

    def after_an_upload(store: Store, of: int, _marks: object) -> list[str]:
        site.upload(of)
        return delete_account(store, of)

    monkeypatch.setattr("app.web.privacy.report.delete_account", after_an_upload)
    forget_local(site.site, number)
    assert site.left() == {}


def test_a_file_on_its_way_in_is_no_orphan_and_one_that_nobody_holds_is(site: Deletion) -> None:
    for name in ("incoming-of-a-killed-process", "0" * 32):
        (site.folder / name).write_bytes(ZIP)
    with uploads.incoming_file(site.folder) as incoming:
        site.uploads.remove_orphans()
        assert [file.name for file in site.folder.iterdir()] == [Path(incoming.name).name]
    assert site.left() == {}


def test_an_upload_that_nothing_can_link_is_copied_and_no_orphan_meanwhile(
    site: Deletion, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add_local_account(site.store)

    def swept(*of: Any, **more: Any) -> int:
        site.uploads.remove_orphans()
        return add_import(*of, **more)

    monkeypatch.setattr("app.history.uploads.add_import", swept)
    accept(site.site, number, [("a.zip", BytesIO(ZIP))])
    work(site.store, site.folder)
    found = latest_import(site.store, number)
    assert found is not None
    assert found.state == "done"


def test_settings_of_an_account_that_is_gone_are_not_kept(site: Deletion) -> None:
    number = add_local_account(site.store)
    assert keep_listening(site.store, number, Listening("Europe/Berlin", 10))
    assert listening_of(site.store, number) == Listening("Europe/Berlin", 10)
    forget_local(site.site, number)
    assert not keep_listening(site.store, number, Listening("Europe/Berlin", 10))
    assert site.left() == {}


def test_a_private_history_ends_where_it_joins_an_account(site: Deletion) -> None:
    local, mira = add_local_account(site.store), find_or_add_account(site.store, "spotify", "mira", None)
    site.upload(local)
    move_history(site.store, local, mira)
    assert not local_account_seen(site.store, local)
    site.upload(local)  # arrives too late, and takes itself away
    assert site.left() == {"account": 1, "history_import": 1, "history_upload": 1, "files": 1}


def test_a_history_does_not_move_to_an_account_that_is_gone(site: Deletion) -> None:
    local = add_local_account(site.store)
    site.upload(local)
    move_history(site.store, local, local + 99)
    assert latest_import(site.store, local) is not None


def test_a_login_given_before_the_deletion_ends_when_it_tells_whose_it_is(store: Store) -> None:
    marks = Sessions(store, "a secret key for tests only").marks("spotify", "mira", "stable")
    mira = find_or_add_account(store, "spotify", "mira", "stable")
    delete_account(store, mira, marks)
    with pytest.raises(DeletedSince):
        find_or_add_account(store, "spotify", "mira", "stable", marks, authorized_at=1000.0)
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 0
    theo = Sessions(store, "a secret key for tests only").marks("spotify", "theo", None)
    find_or_add_account(store, "spotify", "theo", None, theo, authorized_at=1000.0)
    find_or_add_account(store, "spotify", "mira", "stable", marks, authorized_at=2e10)
