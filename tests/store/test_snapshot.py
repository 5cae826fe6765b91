"""A snapshot: what is read in it is of one moment, whatever others write meanwhile."""

import pytest

from app.store.accounts import add_local_account
from app.store.engine import Store
from app.store.history import read_blobs, write_blob


def test_a_snapshot_does_not_see_what_is_written_later(store: Store) -> None:
    account_id = add_local_account(store)
    write_blob(store, account_id, "one", b"old")
    with store.snapshot() as frozen:
        assert read_blobs(frozen, account_id, "one") == {"one": b"old"}
        write_blob(store, account_id, "one", b"new")
        write_blob(store, account_id, "two", b"new")
        assert read_blobs(frozen, account_id, "one", "two") == {"one": b"old"}
    assert read_blobs(store, account_id, "one", "two") == {"one": b"new", "two": b"new"}


def test_a_snapshot_is_only_read(store: Store) -> None:
    with store.snapshot() as frozen, pytest.raises(TypeError), frozen.writing():
        pass
