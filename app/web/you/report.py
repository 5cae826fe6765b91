"""What belongs to a visitor: the parts of their history, their imports, their live plays."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.site import Site
from app.store.imports import latest_import
from app.store.sync import sync_of
from app.web.time.range_with_plays import kinds_of


@dataclass(frozen=True)
class YouReport:
    """`kinds`: what there are plays of, music, podcasts or audiobooks. `imported_at`: when an export was last
    opened, Unix seconds. `sync`: how live plays stand, "on" or "ended"; `None` where they were never on.
    """

    kinds: Sequence[str] = ()
    imported_at: float | None = None
    sync: str | None = None


def you_report(site: Site, account_id: int | None) -> YouReport:
    """What belongs to an account; nothing where there is none."""
    if account_id is None:
        return YouReport()
    latest, sync = latest_import(site.store, account_id), sync_of(site.store, account_id)
    return YouReport(
        kinds=kinds_of(site.store, account_id),
        imported_at=latest.created_at if latest else None,
        sync=sync.state if sync else None,
    )
