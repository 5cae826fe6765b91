"""Brings the database to the newest migration, once, however many workers start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, text

from app.store.engine import Store

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"
_ADVISORY_LOCK = 0x11E2_0001  # any number of our own: PostgreSQL's advisory locks are named by numbers


def migrate(store: Store) -> None:
    """Applies what is missing. The others wait for the first, then find nothing left to do."""
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> AlembicConfig:
    """Alembic's settings for our migrations, on an open connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
