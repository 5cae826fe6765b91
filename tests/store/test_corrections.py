"""The records of corrections, on both kinds of database."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.store.accounts import delete_account, find_or_add_account
from app.store.corrections import Correction, add_correction, corrections_of, remove_corrections
from app.store.engine import Store
from app.store.history import keep_history, move_history, stale_mark, undo_import, write_blob
from app.store.import_queue import next_import
from app.store.imports import CANCELLED, DONE, Import, add_import, end_import, find_import, uploads_of
from app.store.receipts import announce_files, keep_file

MERGE = Correction(kind="artist", action="merge", from_artist="Bjork", to_artist="Björk")
DELETE = Correction(kind="play", action="delete", from_artist="Ana", from_title="One", started_at=2**32 - 1)
READ = {"state": DONE, "read": 0, "kept": 0, "duplicate": 0, "unreadable": 0, "ignored": 0}


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


@pytest.fixture
def theo(store: Store) -> int:
    return find_or_add_account(store, "spotify", "theo", None)


def told(store: Store, account_id: int, finished: Import | None = None) -> list[Correction]:
    """The rules without their numbers."""
    return [replace(rule, id=0) for rule in corrections_of(store, account_id, finished)]


def make(store: Store, account_id: int, *rules: Correction) -> None:
    for rule in rules:
        assert add_correction(store, account_id, rule, lambda _known: True)


def brought(store: Store, account_id: int, *rules: Correction) -> Import:
    """An import that runs, and has read a file with rules."""
    add_import(store, account_id, [("stored", "export.zip")])
    running = next_import(store, account_id)
    assert running is not None
    (upload,) = uploads_of(store, running.id)
    announce_files(store, running, upload.id, [(0, "Corrections.json")])
    assert keep_file(store, running, upload.id, 0, corrections=rules, **READ)
    return running


def test_a_rule_is_kept_with_its_effect_until_it_is_removed(store: Store, mira: int, theo: int) -> None:
    make(store, mira, MERGE, DELETE)
    assert told(store, mira) == [MERGE, DELETE]
    mark = stale_mark(store, mira)
    numbers = [rule.id for rule in corrections_of(store, mira)]
    effects = {numbers[0]: (412, 31), numbers[1]: (1, 1), 2**30: (1, 1)}
    keep_history(store, mira, [], {}, None, mark=mark, effects=effects)
    assert [(rule.plays, rule.tracks) for rule in corrections_of(store, mira)] == [(412, 31), (1, 1)]
    assert stale_mark(store, mira) is None
    remove_corrections(store, theo, numbers)
    assert (len(told(store, mira)), stale_mark(store, mira)) == (2, None)
    remove_corrections(store, mira, numbers[:1])
    assert [rule.kind for rule in told(store, mira)] == ["play"]
    assert stale_mark(store, mira) is not None


def test_who_refuses_is_told_what_holds_and_nothing_is_kept(store: Store, mira: int) -> None:
    make(store, mira, MERGE)
    keep_history(store, mira, [], {}, None, mark=stale_mark(store, mira))
    seen: list[Sequence[Correction]] = []

    def is_known(known: Sequence[Correction]) -> bool:
        seen.append(known)
        return False

    assert add_correction(store, mira, DELETE, is_known)
    assert [rule.kind for rule in seen[0]] == ["artist"]
    assert (len(told(store, mira)), stale_mark(store, mira)) == (1, None)
    assert not add_correction(store, 999_999, DELETE, lambda _known: True)


def test_what_an_import_brings_holds_while_it_is_done(store: Store, mira: int) -> None:
    running = brought(store, mira, MERGE)
    assert (told(store, mira), told(store, mira, running)) == ([], [MERGE])
    assert keep_history(store, mira, [], {}, running)
    assert told(store, mira) == [MERGE]
    assert undo_import(store, mira, running.id)
    assert told(store, mira) == []
    cancelled = brought(store, mira, MERGE)
    assert end_import(store, cancelled.id, CANCELLED)
    assert told(store, mira, find_import(store, cancelled.id)) == []


def test_they_move_with_the_history_and_go_with_the_account(store: Store, mira: int, theo: int) -> None:
    make(store, mira, MERGE)
    keep_history(store, mira, [("ledger", b"mine")], {}, None, mark=stale_mark(store, mira))
    move_history(store, mira, theo)
    assert (told(store, mira), told(store, theo)) == ([], [MERGE])
    assert stale_mark(store, theo) is None
    # To where other rules hold already: there, what moves is not as they want it.
    make(store, mira, DELETE)
    keep_history(store, mira, [], {}, None, mark=stale_mark(store, mira))
    write_blob(store, theo, "ledger", b"theirs")
    move_history(store, theo, mira)
    assert told(store, mira) == [MERGE, DELETE]
    assert stale_mark(store, mira) is not None
    delete_account(store, mira)
    assert told(store, mira) == []
