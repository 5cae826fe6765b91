"""The history of the demo's invented listeners: their own export, opened the way anybody opens one."""

from contextlib import suppress
from io import BytesIO

from app import answers
from app.deadline import Deadline
from app.music import Profile
from app.site import Site
from app.store.covers import agree
from app.store.imports import DONE, UNDER_WAY, imports_of
from app.store.locks import single_flight
from app.visit import Visit
from app.web.imports.report import accept

NAME = "my_spotify_data.zip"
PATIENCE = 5.0  # seconds, while another visitor's request takes the export in


def open_demo_export(site: Site, visit: Visit, account_id: int) -> None:
    """Imports the invented listener's export, unless it is there. Raises SpotifyError."""

    def imported() -> bool | None:
        rows = imports_of(site.store, account_id)
        return any(row.state in (*UNDER_WAY, DONE) for row in rows) or None

    def import_export() -> bool:
        profile: Profile = answers.fetch(site, visit, [answers.PROFILE]).values[answers.PROFILE.key]
        body = site.services.demo_export(profile.id)
        if body is not None:
            accept(site, account_id, [(NAME, BytesIO(body))])
            agree(site.store, account_id)  # nobody is asked but the demo's own Spotify
        return True

    # Who comes while it is still being taken in sees what there is.
    with suppress(TimeoutError):
        single_flight(site.store, f"demo-history:{account_id}", imported, import_export, Deadline(PATIENCE))
