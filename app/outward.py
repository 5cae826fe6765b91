"""What stands between this machine and Spotify: a proxy or certificates that the environment names.

Looked at when the site starts, for the addresses that it will ask; a fault would else look as though
Spotify did not answer.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from requests.exceptions import RequestException
from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from app.config import Config
from app.config_checks import LOOPBACK

_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.%]+\]")
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def outward_faults(config: Config) -> list[str]:
    """What would keep this site from reaching the servers it asks. Without a Spotify app it asks none."""
    if config.spotify is None:
        return []
    addresses = [config.accounts_url, config.api_url]
    if "reccobeats" in config.audio_features:
        addresses.append(config.reccobeats_url)
    outward = [address for address in addresses if urlsplit(address).hostname not in (*LOOPBACK, "localhost")]
    proxies = {select_proxy(address, get_environ_proxies(address)) for address in outward}
    faults = [fault for proxy in sorted(filter(None, proxies)) if (fault := _proxy_fault(proxy))]
    named = next((name for name in _CERTIFICATES if os.environ.get(name)), None)
    if outward and named and not Path(os.environ[named]).exists():
        faults.append(f"{named} names a file that is not there: correct it, or unset {named}.")
    return faults


def _proxy_fault(proxy: str) -> str | None:
    """Never tells the address, which may hold a password."""
    name = next(
        (key for key, value in os.environ.items() if value == proxy and key.lower().endswith("_proxy")),
        "The proxy of this machine",
    )
    scheme = _scheme(proxy)
    if scheme not in ("http", "https", *_SOCKS):
        return f"{name} is no proxy's address: use one such as http://proxy.example.org, or unset {name}."
    if scheme in _SOCKS and find_spec("socks") is None:
        return (
            f"{name} names a SOCKS proxy, for which a package is missing: install it with "
            f"`.venv/bin/pip install PySocks` (that is requests[socks]), or unset {name}."
        )
    return None


def _scheme(proxy: str) -> str | None:
    """How a proxy is spoken to, as `requests` reads its address; `None` where it is no address."""
    try:
        parts = parse_url(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
    except (HTTPError, RequestException, ValueError):
        return None
    return parts.scheme if _HOST.fullmatch(parts.host or "") else None
