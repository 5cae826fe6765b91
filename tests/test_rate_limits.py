"""How often one address may do something: what counts as one, and that no address is stored."""

import pytest
import time_machine
from sqlalchemy import select

from app.rate_limits import limited_until, network_of
from app.store.engine import Store
from app.store.tables import rate_limit

NOON = 1795089600.0  # 2026-11-19T12:00:00Z
KEY = "a secret key for tests only"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:50123", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:3::1", "2001:db8:1:3::/64"),
        ("[2001:db8:1:2::1]:50123", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_too_many_from_one_address_says_when_to_come_back(store: Store) -> None:
    def single_flight(address: str, action: str = "searches") -> float | None:
        return limited_until(store, KEY, action, "2/minute", address)

    with time_machine.travel(NOON, tick=False) as clock:
        assert [single_flight("2001:db8::1"), single_flight("2001:db8::2"), single_flight("2001:db8::3")] == [
            None,
            None,
            NOON + 60,
        ]
        assert single_flight("2001:db8:0:1::1") is None
        assert single_flight("2001:db8::1", "logins") is None
        clock.shift(60)
        assert single_flight("2001:db8::3") is None


def test_several_limits_hold_together(store: Store) -> None:
    with time_machine.travel(NOON, tick=False):
        found = [limited_until(store, KEY, "a", "3/day; 1/minute", "203.0.113.7") for _ in range(4)]
    assert found == [None, NOON + 60, NOON + 60, NOON + 86_400]


def test_the_address_is_not_in_the_database(store: Store) -> None:
    limited_until(store, KEY, "searches", "2/minute", "203.0.113.7")
    with store.reading() as connection:
        mine = connection.scalars(select(rate_limit.c.key)).one()
    assert "203.0.113" not in mine
    limited_until(store, "another secret key", "searches", "2/minute", "203.0.113.7")
    with store.reading() as connection:
        assert len(connection.scalars(select(rate_limit.c.key)).all()) == 2


def test_a_database_that_fails_limits_nobody(unmigrated_url: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(unmigrated_url)
    assert limited_until(store, KEY, "searches", "0/minute", "203.0.113.7") is None
    assert "searches are not counted" in caplog.text
    assert "203.0.113.7" not in caplog.text
    store.close()
