"""Years of listening: `/history` and what lies under it."""

# Each module adds its routes.
from app.pages.history import (  # noqa: F401
    behaviour,
    discovery,
    entity,
    export,
    imports,
    lists,
    mood,
    overview,
    spoken,
    year,
)
from app.pages.history.blueprint import blueprint

__all__ = ["blueprint"]
