"""What is kept of audio features is the same on both databases: one is enough here."""

from pathlib import Path

import pytest

from tests.conftest import new_database


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database, SQLite."""
    return new_database(request, tmp_path)
