"""Where nothing can be counted: what an account has instead of music, and how far an import is."""

from app.history.stored import MUSIC, ledgers
from app.site import Site


def other_kinds(site: Site, account_id: int) -> list[str]:
    """What the account's history holds besides music: "podcasts", "audiobooks"."""
    found = ledgers(site.store, account_id)
    return [kind for kind in found.ledger.years if kind != MUSIC] if found else []
