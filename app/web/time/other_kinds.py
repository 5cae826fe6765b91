"""Where nothing can be counted: what an account has instead of music, and how far an import is."""

from app.history.stored import MUSIC, stored_history
from app.site import Site


def other_kinds(site: Site, account_id: int) -> list[str]:
    """What the account's history holds besides music: "podcasts", "audiobooks"."""
    found = stored_history(site.store, account_id)
    return [kind for kind in found.manifest.years if kind != MUSIC] if found else []
