"""How often one address may do something.

Addresses are not stored: the database holds a keyed hash of each, and only while it is being counted. An IPv6
address counts as its /64, which is what one household or server usually has.
"""

import hashlib
import hmac
import logging
import re
from ipaddress import IPv6Address, ip_address, ip_network

from limits import parse_many
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import Store
from app.store.rate_limits import RateLimitStorage

log = logging.getLogger(__name__)
_WITH_PORT = re.compile(r"(?:\[(.+)\]|([\d.]+))(?::\d+)?")  # as some proxies write addresses


def limited_until(
    store: Store, secret_key: str, action: str, limit: str, address: str, times: int = 1
) -> float | None:
    """Counts one more `action` from an address; when to come back (Unix seconds) where that was too many.

    `limit`: in the notation of the library `limits`; `times` as many are allowed. While the database does not
    answer, nobody is limited.
    """
    limiter = FixedWindowRateLimiter(RateLimitStorage(store))
    who = _fingerprint(secret_key, network_of(address))
    try:
        items = [type(item)(item.amount * times, item.multiples) for item in parse_many(limit)]
        exceeded = [item for item in items if not limiter.hit(item, action, who)]
        return max(
            (limiter.get_window_stats(item, action, who).reset_time for item in exceeded), default=None
        )
    except SQLAlchemyError as error:
        log.warning("%s are not counted: the database does not answer (%s)", action, type(error).__name__)
        return None


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 address."""
    if match := _WITH_PORT.fullmatch(address):
        address = match[1] or match[2]
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _fingerprint(secret_key: str, network: str) -> str:
    return hmac.new(secret_key.encode(), b"rate limit\n" + network.encode(), hashlib.sha256).hexdigest()
