"""Brings the database to the newest migration, once, however many workers start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.store.engine import Store

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"
_ADVISORY_LOCK = 0x11E2_0001  # any number of our own: PostgreSQL's advisory locks are named by numbers


class NewerDatabase(Exception):
    """The database is at a version that this program does not know."""

    def __init__(self) -> None:
        super().__init__(
            "This database was made by a newer Liner Notes. Update the program, or use another database."
        )


def migrate(store: Store) -> None:
    """Applies what is missing. The others wait for the first, then find nothing left to do.

    Raises NewerDatabase.
    """
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            if isinstance(error.__cause__, ResolutionError):
                raise NewerDatabase from error
            raise


def alembic_config(connection: Connection) -> AlembicConfig:
    """Alembic's settings for our migrations, on an open connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
