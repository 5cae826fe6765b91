"""Load: the same address again and again over kept-alive connections, from a few threads."""

import http.client
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

CLIENTS = 4


def requests_per_second(home: str, path: str, headers: Mapping[str, str], seconds: float) -> float:
    """How many answers a second `CLIENTS` connections get, over at least `seconds`."""
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        counts = pool.map(lambda _: _ask_until(home, path, headers, began + seconds), range(CLIENTS))
        total = sum(counts)
    return total / (time.monotonic() - began)


def _ask_until(home: str, path: str, headers: Mapping[str, str], until: float) -> int:
    connection = http.client.HTTPConnection(urlsplit(home).netloc, timeout=30)
    answered = 0
    while time.monotonic() < until:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        answered += 1
    connection.close()
    return answered


def times(home: str, paths: Sequence[str], headers: Mapping[str, str], each: int) -> list[float]:
    """How many seconds each answer takes, one after another, over one connection that stays open.

    Each address is asked once before, unmeasured: what is made at the first use is made then.
    """
    connection = http.client.HTTPConnection(urlsplit(home).netloc, timeout=60)
    took = []
    for path in paths:
        for run in range(each + 1):
            began = time.monotonic()
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
            if run:
                took.append(time.monotonic() - began)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return took
