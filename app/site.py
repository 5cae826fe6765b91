"""The site's parts, put together once in each process. Holds nothing about any person."""

from dataclasses import dataclass

from app.concurrency import Pool
from app.config import Config
from app.history.uploads import Uploads
from app.jobs import Jobs
from app.services import Services
from app.sessions import Sessions
from app.slots import Slots
from app.store.engine import Store
from app.store.start import prepare_database
from app.sync import Syncer
from app.tokens import SyncTokens, TokenStore


@dataclass(frozen=True)
class Site:
    """Everything that the reports and the pages work with."""

    config: Config
    store: Store
    sessions: Sessions
    services: Services
    pool: Pool
    token_store: TokenStore
    sync_tokens: SyncTokens
    jobs: Jobs
    uploads: Uploads
    slots: Slots

    def syncer(self) -> Syncer:
        """What asks for live plays."""
        return Syncer(
            self.store,
            self.services,
            self.sessions,
            self.sync_tokens,
            self.config.sync_seconds,
            self.config.daily_calls,
            rebuild=self.jobs.read_imports,
        )

    def close(self) -> None:
        """Lets go of threads, connections and the demo's server."""
        self.jobs.close()
        self.services.close()
        self.pool.close()
        self.store.close()


def build_site(config: Config) -> Site:
    """The parts, on a database brought up to date."""
    prepare_database(config.database_url)
    store = Store(config.database_url)
    return Site(
        config=config,
        store=store,
        sessions=Sessions(store, config.secret_key),
        services=Services(config, store),
        pool=Pool(),
        token_store=TokenStore(store, config.secret_key),
        sync_tokens=SyncTokens(store, config.secret_key),
        jobs=Jobs(config.database_url),
        uploads=Uploads(store, config.instance / "uploads"),
        slots=Slots(config.instance / "slots"),
    )
