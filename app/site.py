"""The site's parts, put together once in each process. Holds nothing about any person."""

from dataclasses import dataclass

from app.background import Background
from app.concurrency import Pool
from app.config import Config
from app.history.limits import RowLimits
from app.imports import Imports
from app.services import Services
from app.sessions import Sessions
from app.slots import Slots
from app.store.engine import Store
from app.store.start import prepare_database
from app.tokens import SyncTokens, TokenStore


@dataclass(frozen=True)
class Site:
    """Everything that the reports and the pages work with."""

    config: Config
    store: Store
    sessions: Sessions
    services: Services
    pool: Pool
    safe: TokenStore
    sync_tokens: SyncTokens
    background: Background
    imports: Imports
    slots: Slots

    def close(self) -> None:
        """Lets go of threads, connections and the demo's server."""
        self.imports.close()
        self.background.close()
        self.services.close()
        self.pool.close()
        self.store.close()


def build_site(config: Config) -> Site:
    """The parts, on a database brought up to date."""
    prepare_database(config.database_url)
    store = Store(config.database_url)
    limits = RowLimits(config.import_max_rows, config.account_max_rows)
    imports = Imports(store, config.database_url, config.instance / "uploads", limits)
    imports.tidy()
    imports.start()
    # A worker that is forked off later must not inherit open connections.
    store.release()
    return Site(
        config=config,
        store=store,
        sessions=Sessions(store, config.secret_key),
        services=Services(config, store),
        pool=Pool(),
        safe=TokenStore(store, config.secret_key),
        sync_tokens=SyncTokens(store, config.secret_key),
        background=Background(store),
        imports=imports,
        slots=Slots(config.instance / "slots"),
    )
