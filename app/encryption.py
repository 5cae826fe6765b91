"""Encryption of what is kept in the database: a key for each purpose, derived from the site's secret key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet


def fernet_for(purpose: bytes, secret_key: str) -> Fernet:
    """What seals and opens values of one purpose; another purpose's key does not open them."""
    digest = hashlib.sha256(b"liner notes " + purpose + b":" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def keyed_hash(purpose: bytes, secret_key: str, text: str) -> str:
    """A hash that tells nothing to whoever has the database but not the secret key."""
    return hmac.new(secret_key.encode(), purpose + b":" + text.encode(), hashlib.sha256).hexdigest()
