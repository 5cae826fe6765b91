"""What makes a value of the configuration wrong, in words for the owner."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1")
_QUOTES = ('""', "''", "“”", "‘’")
_NOT_IN_AN_ADDRESS = re.compile(r"[\s<>\"{}|\\^`@]")
# What stands in examples where a value of one's own belongs.
PLACEHOLDER = re.compile(
    r"your.*|.*[ _-]here|<.*>|\[.*\]|\{.*\}|\$.*"
    r"|(change|replace|insert|paste|enter|fill)[ _-]?(me|this|it|in|with|your).*"
    r"|(my[ _-])?(spotify[ _-])?(app[ _-])?client[ _-]?(id|secret)"
    r"|to[ _-]?do|tbd|placeholder|none|null|undefined"
    r"|[x*.…_-]+|(?P<char>.)(?P=char){7,}",
    re.IGNORECASE,
)


def unquoted(raw: str) -> str:
    """A value without blanks and quotes around it: docker's --env-file keeps quotes."""
    value = raw.strip()
    while len(value) > 1 and value[0] + value[-1] in _QUOTES:
        value = value[1:-1].strip()
    return value


def without_password(address: str) -> str:
    """An address in a message: without the user name and password that it may hold."""
    return repr(re.sub(r"[^/]*@", "…@", address))


def credential_fault(value: str) -> str | None:
    """What makes an id or a secret one that Spotify cannot have given. Never tells the value."""
    if PLACEHOLDER.fullmatch(value):
        return "is a placeholder"
    if re.search(r"\s", value):
        return "has a blank within"
    if not (value.isascii() and value.isprintable()) or set(value) & set("\"'"):
        return "has a character within that Spotify never uses"
    return None


def is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_web_address(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018 - the property raises on a port that is no number
    except ValueError:
        return False
    if _NOT_IN_AN_ADDRESS.search(raw) or parts.query or parts.fragment:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def redirect_uri_fault(raw: str) -> str | None:
    """What Spotify would refuse about a redirect URI (its rules since November 2025), with the remedy."""
    if not is_web_address(raw):
        return "it is not a web address. Use {right}"
    parts = urlsplit(raw)
    if parts.hostname == "localhost" or (parts.hostname or "").endswith(".localhost"):
        return "Spotify refuses localhost. Use {right} and register the same in Spotify's dashboard."
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "Spotify refuses plain http except on 127.0.0.1. Use {right}"
    if parts.path != "/callback":
        return "this site answers at /callback. Use {right}"
    return None


def likely_redirect_uri(raw: str, default: str) -> str:
    """The redirect URI that was probably meant."""
    if not is_web_address(raw):
        return default
    parts = urlsplit(raw)
    host = parts.hostname or ""
    if host in LOOPBACK and parts.scheme == "http":
        return f"http://{parts.netloc}/callback"
    if _is_this_machine(host):
        return f"http://127.0.0.1:{parts.port}/callback" if parts.port else default
    return f"https://{host}/callback" if parts.scheme == "http" else f"https://{parts.netloc}/callback"


def is_ipv6_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")) == ip_address("::1")
    except ValueError:
        return False


def _is_this_machine(host: str) -> bool:
    return (
        host in (*LOOPBACK, "localhost", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
        or host.endswith(".localhost")
        or host.startswith("127.")
    )
