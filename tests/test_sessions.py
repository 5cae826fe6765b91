"""Server-side sessions: unreadable at rest, never mixed up, gone when they are gone."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import func, select

from app.sessions import (
    LIFETIME,
    LOCAL_ACCOUNT,
    VISITOR_COOKIE_LIFETIME,
    VISITOR_LIFETIME,
    OpenSession,
    Sessions,
    lifetime,
)
from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.migrate import migrate
from app.store.tables import session

KEY = "a secret key for tests only"
NOON = 1795089600.0
TOKEN = {"access_token": "BQD-very-secret-access", "refresh_token": "AQA-very-secret-refresh"}


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return Sessions(store, KEY)


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    """A clock that only the test moves."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def opened(sessions: Sessions, raw_id: str) -> OpenSession:
    """The session of a browser that has one."""
    one = sessions.open(raw_id)
    assert one is not None
    return one


def count(store: Store) -> int:
    """How many rows there are, expired ones too."""
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(session)) or 0


def test_a_browser_finds_its_own_session(sessions: Sessions) -> None:
    mira = sessions.begin({"token": TOKEN, "service": "spotify"})
    theo = sessions.begin({"csrf": "x"})

    assert opened(sessions, mira).values == {"token": TOKEN, "service": "spotify"}
    assert opened(sessions, theo).values == {"csrf": "x"}
    assert mira != theo


@pytest.mark.parametrize("raw_id", ["", "guessed", "\x00", "ü" * 5000])
def test_an_id_that_nobody_was_given_opens_nothing(sessions: Sessions, raw_id: str) -> None:
    sessions.begin({"csrf": "x"})

    assert sessions.open(raw_id) is None


def test_the_id_is_long_and_kept_only_as_its_hash(store: Store, sessions: Sessions) -> None:
    raw_id = sessions.begin({"csrf": "x"})

    assert len(raw_id) == 43  # 32 random bytes
    with store.reading() as connection:
        assert connection.scalars(select(session.c.id_hash)).all() == [sha256(raw_id.encode()).hexdigest()]
    assert opened(sessions, raw_id).id_hash == sha256(raw_id.encode()).hexdigest()
    assert sessions.open(opened(sessions, raw_id).id_hash) is None


def test_nothing_of_a_session_can_be_read_in_the_database_file(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'notes.sqlite3'}")
    migrate(store)
    raw_id = Sessions(store, KEY).begin({"token": TOKEN, "csrf": "a-csrf-secret"})

    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    store.close()
    assert sha256(raw_id.encode()).hexdigest().encode() in written  # we do look at the right bytes
    for secret in (raw_id, *TOKEN.values(), "a-csrf-secret", "access_token"):
        assert secret.encode() not in written


def test_the_same_values_are_never_sealed_alike(store: Store, sessions: Sessions) -> None:
    for _ in range(3):
        sessions.begin({"token": TOKEN})

    with store.reading() as connection:
        encrypted = connection.scalars(select(session.c.encrypted)).all()
    assert len(set(encrypted)) == 3
    assert all(b"very-secret" not in one for one in encrypted)


def test_with_another_secret_key_there_is_no_session(store: Store, sessions: Sessions) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    stranger = Sessions(store, KEY + ".")

    assert stranger.open(raw_id) is None
    assert stranger.change(opened(sessions, raw_id).id_hash, {"token": None}) is False
    assert stranger.take(opened(sessions, raw_id).id_hash, "token") is None
    assert opened(sessions, raw_id).values == {"token": TOKEN}


def test_a_tampered_row_is_no_session(store: Store, sessions: Sessions) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    with store.writing() as connection:
        connection.execute(session.update().values(encrypted=b"tampered"))

    assert sessions.open(raw_id) is None


def test_values_come_back_as_they_were(sessions: Sessions) -> None:
    values = {"text": "名前 🎧 \x00", "number": 1.5, "none": None, "list": [1, "a"], "pair": (1, 2)}

    assert opened(sessions, sessions.begin(values)).values == values


def test_a_change_leaves_other_values_alone(sessions: Sessions) -> None:
    raw_id = sessions.begin({"a": 1, "b": 2, "c": 3})
    id_hash = opened(sessions, raw_id).id_hash

    assert sessions.change(id_hash, {"a": 10, "d": 4}, drop=["b", "never there"]) is True

    assert opened(sessions, raw_id).values == {"a": 10, "c": 3, "d": 4}


def test_changes_made_at_once_are_all_kept(sessions: Sessions) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    id_hash, start = opened(sessions, raw_id).id_hash, Barrier(8)

    def put(number: int) -> None:
        start.wait()
        for step in range(5):
            assert sessions.change(id_hash, {f"{number}.{step}": number})

    with ThreadPoolExecutor(8) as threads:
        for future in [threads.submit(put, number) for number in range(8)]:
            future.result()

    expected = {f"{number}.{step}": number for number in range(8) for step in range(5)}
    assert opened(sessions, raw_id).values == {"token": TOKEN} | expected


def test_a_value_is_taken_once(sessions: Sessions) -> None:
    raw_id = sessions.begin({"state": "s", "other": 1})
    id_hash = opened(sessions, raw_id).id_hash

    assert sessions.take(id_hash, "state") == "s"
    assert sessions.take(id_hash, "state") is None
    assert opened(sessions, raw_id).values == {"other": 1}
    assert sessions.take("no such session", "state") is None


def test_of_callers_at_once_exactly_one_takes_the_value(sessions: Sessions) -> None:
    with ThreadPoolExecutor(6) as threads:
        for _ in range(10):
            raw_id = sessions.begin({"state": "s"})
            id_hash, start = opened(sessions, raw_id).id_hash, Barrier(6)

            def take(id_hash: str = id_hash, start: Barrier = start) -> object:
                start.wait()
                return sessions.take(id_hash, "state")

            taken = [future.result() for future in [threads.submit(take) for _ in range(6)]]
            assert sorted(taken, key=str) == [None] * 5 + ["s"]


def test_a_late_change_never_brings_back_an_ended_session(store: Store, sessions: Sessions) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    id_hash = opened(sessions, raw_id).id_hash
    sessions.end(id_hash)

    assert sessions.change(id_hash, {"token": TOKEN}) is False
    assert sessions.take(id_hash, "token") is None
    sessions.bind(id_hash, find_or_add_account(store, "spotify", "mira", None))
    assert sessions.open(raw_id) is None
    assert count(store) == 0


def test_the_id_changes_and_the_old_one_ends_in_the_same_moment(store: Store, sessions: Sessions) -> None:
    before = sessions.begin({"state": "s"})
    bystander = sessions.begin({"csrf": "x"})

    after = sessions.begin({"token": TOKEN}, replacing=opened(sessions, before).id_hash)

    assert sessions.open(before) is None
    assert opened(sessions, after).values == {"token": TOKEN}
    assert opened(sessions, bystander).values == {"csrf": "x"}
    assert count(store) == 2


def test_a_login_lives_a_month_and_a_visitor_an_hour() -> None:
    assert lifetime({"token": TOKEN}) == LIFETIME == 30 * 86_400
    assert lifetime({LOCAL_ACCOUNT: 7}) == LIFETIME
    assert lifetime({"csrf": "x"}) == lifetime({}) == VISITOR_LIFETIME == 3600


@pytest.mark.parametrize(
    ("values", "seconds"), [({"token": TOKEN}, LIFETIME), ({"csrf": "x"}, VISITOR_LIFETIME)]
)
def test_a_session_ends_with_its_lifetime(
    sessions: Sessions, frozen: time_machine.Traveller, values: dict[str, object], seconds: float
) -> None:
    raw_id = sessions.begin(values)
    id_hash = opened(sessions, raw_id).id_hash

    frozen.shift(seconds)
    assert opened(sessions, raw_id).values == values
    frozen.shift(1)
    assert sessions.open(raw_id) is None
    assert sessions.change(id_hash, {"a": 1}) is False
    assert sessions.take(id_hash, "token") is None


def test_a_change_prolongs_the_session(sessions: Sessions, frozen: time_machine.Traveller) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    frozen.shift(LIFETIME - 1)

    sessions.change(opened(sessions, raw_id).id_hash, {})

    assert opened(sessions, raw_id).expires_at == NOON + 2 * LIFETIME - 1


def test_a_change_may_leave_the_end_where_it_is(sessions: Sessions, frozen: time_machine.Traveller) -> None:
    raw_id = sessions.begin({"token": TOKEN})
    frozen.shift(LIFETIME - 1)

    assert sessions.change(opened(sessions, raw_id).id_hash, {"a": 1}, prolong=False)

    assert opened(sessions, raw_id).values == {"token": TOKEN, "a": 1}
    assert opened(sessions, raw_id).expires_at == NOON + LIFETIME


def test_without_its_token_a_session_lives_as_short_as_a_visitors(
    sessions: Sessions, frozen: time_machine.Traveller
) -> None:
    raw_id = sessions.begin({"token": TOKEN, "csrf": "x"})

    sessions.change(opened(sessions, raw_id).id_hash, {}, drop=["token"])

    assert opened(sessions, raw_id).expires_at == NOON + VISITOR_LIFETIME
    frozen.shift(VISITOR_LIFETIME + 1)
    assert sessions.open(raw_id) is None


def test_expired_sessions_are_swept_out_when_another_begins(
    store: Store, sessions: Sessions, frozen: time_machine.Traveller
) -> None:
    sessions.begin({"csrf": "x"})
    login = sessions.begin({"token": TOKEN})
    frozen.shift(VISITOR_LIFETIME + 1)
    assert count(store) == 2

    sessions.begin({"csrf": "y"})

    assert count(store) == 2
    assert opened(sessions, login).values == {"token": TOKEN}


def test_a_deleted_account_ends_its_sessions_in_every_browser(store: Store, sessions: Sessions) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    theo = find_or_add_account(store, "spotify", "theo", None)
    phone, laptop, another = (sessions.begin({"token": TOKEN}) for _ in range(3))
    for raw_id, account_id in ((phone, mira), (laptop, mira), (another, theo)):
        sessions.bind(opened(sessions, raw_id).id_hash, account_id)
    assert opened(sessions, phone).account_id == mira

    delete_account(store, mira)

    assert sessions.open(phone) is None
    assert sessions.open(laptop) is None
    assert opened(sessions, another).account_id == theo


def test_a_visitors_cookie_comes_back_as_it_was_and_cannot_be_read(sessions: Sessions) -> None:
    packed = sessions.pack("an id", {"csrf_token": "a-csrf-secret", "login:x": {"verifier": "v" * 86}})

    visitor = sessions.unpack(packed)

    assert visitor is not None
    assert visitor.id == "an id"
    assert visitor.values == {"csrf_token": "a-csrf-secret", "login:x": {"verifier": "v" * 86}}
    assert b"vvvv" not in urlsafe_b64decode(packed)
    assert "vvvv" not in packed
    assert sessions.pack("an id", {}) != sessions.pack("an id", {})


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "\x00", "\u00e9", "x" * 5000])
def test_a_cookie_that_is_none_of_ours_is_no_visitors(sessions: Sessions, cookie: str) -> None:
    assert sessions.unpack(cookie) is None


def test_a_visitors_cookie_ends_after_half_a_day_and_with_the_key(
    store: Store, sessions: Sessions, frozen: time_machine.Traveller
) -> None:
    packed = sessions.pack("an id", {})

    assert Sessions(store, KEY + ".").unpack(packed) is None
    frozen.shift(VISITOR_COOKIE_LIFETIME)
    assert sessions.unpack(packed) is not None
    frozen.shift(1)
    assert sessions.unpack(packed) is None


def test_what_a_visitor_became_is_found_even_after_another_login(sessions: Sessions) -> None:
    sessions.begin({"token": TOKEN}, visitor_id="another")
    assert sessions.begun_by("a visitor") is None
    assert sessions.begun_by(None) is None

    upload = sessions.begin({"local_account": 7}, visitor_id="a visitor")
    begun = sessions.begun_by("a visitor")
    assert begun is not None
    assert begun.values == {"local_account": 7}

    sessions.begin({"token": TOKEN}, replacing=opened(sessions, upload).id_hash)
    begun = sessions.begun_by("a visitor")
    assert begun is not None
    assert begun.values == {"token": TOKEN}


def test_the_sessions_of_an_account_are_listed_and_the_others_end(
    store: Store, sessions: Sessions, frozen: time_machine.Traveller
) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    theo = find_or_add_account(store, "spotify", "theo", None)
    old = sessions.begin({"token": TOKEN}, browser="Safari on iPhone")
    stranger = sessions.begin({"token": TOKEN})
    frozen.shift(2 * 86_400)
    new = sessions.begin({"token": TOKEN}, browser="Firefox on Linux")
    for raw_id, account_id in ((old, mira), (new, mira), (stranger, theo)):
        sessions.bind(opened(sessions, raw_id).id_hash, account_id)

    listed = sessions.of_account(mira)

    assert [(entry.browser, entry.created_at, entry.seen_at) for entry in listed] == [
        ("Firefox on Linux", NOON + 2 * 86_400, NOON + 2 * 86_400),
        ("Safari on iPhone", NOON, NOON),
    ]
    assert sessions.end_others(mira, opened(sessions, new).id_hash) == 1
    assert sessions.open(old) is None
    assert [one.browser for one in sessions.of_account(mira)] == ["Firefox on Linux"]
    assert opened(sessions, stranger).account_id == theo
