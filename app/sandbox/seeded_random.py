"""Repeatable chance: the same words always give the same numbers, on every machine and in every process."""

import random
from hashlib import sha256

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 22


def number(*words: object) -> int:
    """A large number that depends on nothing but `words`."""
    return int.from_bytes(sha256(":".join(map(str, words)).encode()).digest())


def seeded_random(*words: object) -> random.Random:
    """A generator that depends on nothing but `words`."""
    return random.Random(number(*words))


def spotify_id(*words: object) -> str:
    """An id in Spotify's form: 22 characters of base 62."""
    rest, digits = number(*words), []
    for _ in range(_ID_LENGTH):
        rest, digit = divmod(rest, 62)
        digits.append(_BASE62[digit])
    return "".join(digits)
