"""Years of listening: `/history` and what lies under it."""

from app.pages.history import imports, overview  # noqa: F401 - they add their routes
from app.pages.history.blueprint import blueprint

__all__ = ["blueprint"]
