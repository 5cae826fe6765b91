"""The token_store: what is in it cannot be read without the key, nor by another."""

import json

import pytest
from sqlalchemy import select, update

from app.encryption import fernet_for
from app.store.engine import Store
from app.store.tables import stored_token
from app.tokens import TokenStore

KEY = "a secret key for tests only"
TOKEN = {"access_token": "BQD-very-secret-0123456789", "expires_at": 1795176000.5, "refresh_token": None}


@pytest.fixture
def token_store(store: Store) -> TokenStore:
    return TokenStore(store, KEY)


def encrypted(store: Store, name: str = "app") -> bytes:
    with store.reading() as connection:
        found: bytes = connection.scalars(
            select(stored_token.c.encrypted).where(stored_token.c.name == name)
        ).one()
    return found


def put_there(store: Store, raw: bytes) -> None:
    with store.writing() as connection:
        connection.execute(update(stored_token).values(encrypted=raw))


def test_what_is_kept_is_read_again(store: Store, token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)

    assert token_store.read("app") == TOKEN
    assert TokenStore(store, KEY).read("app") == TOKEN


def test_an_unknown_name_is_empty(token_store: TokenStore) -> None:
    assert token_store.read("app") is None


def test_the_later_takes_the_place_of_the_earlier(token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)
    token_store.keep("app", {"access_token": "new"})

    assert token_store.read("app") == {"access_token": "new"}


def test_names_are_apart_and_dropped_alone(token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)
    token_store.keep("owner", {"access_token": "the owner's"})
    token_store.drop("app")
    token_store.drop("nobody")

    assert token_store.read("app") is None
    assert token_store.read("owner") == {"access_token": "the owner's"}


def test_the_database_does_not_hold_the_token_in_the_open(store: Store, token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)
    first = encrypted(store)
    token_store.keep("app", TOKEN)

    assert b"very-secret" not in first
    assert b"access_token" not in first
    assert encrypted(store) != first  # the same values are not recognisable either


def test_another_secret_key_finds_nothing(store: Store, token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)

    assert TokenStore(store, "another secret key").read("app") is None
    assert token_store.read("app") == TOKEN


@pytest.mark.parametrize("raw", [b"", b"not encrypted", json.dumps(TOKEN).encode(), b"\x00\xff" * 40])
def test_what_was_not_encrypted_here_is_nothing(store: Store, token_store: TokenStore, raw: bytes) -> None:
    token_store.keep("app", TOKEN)
    put_there(store, raw)

    assert token_store.read("app") is None


@pytest.mark.parametrize("inside", [b"[]", b"not JSON", b"null", b'"text"'])
def test_what_is_encrypted_and_no_object_is_nothing(
    store: Store, token_store: TokenStore, inside: bytes
) -> None:
    token_store.keep("app", TOKEN)
    put_there(store, fernet_for(b"safe", KEY).encrypt(inside))

    assert token_store.read("app") is None


def test_each_purpose_has_a_key_of_its_own(store: Store, token_store: TokenStore) -> None:
    token_store.keep("app", TOKEN)
    put_there(store, fernet_for(b"session", KEY).encrypt(json.dumps(TOKEN).encode()))

    assert token_store.read("app") is None
