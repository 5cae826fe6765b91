"""Years of listening: `/history` and what lies under it."""

# Each module adds its routes.
from app.web.imports import routes as imports  # noqa: F401
from app.web.time.behaviour import routes as behaviour  # noqa: F401
from app.web.time.blueprint import blueprint
from app.web.time.discovery import routes as discovery  # noqa: F401
from app.web.time.export import routes as export  # noqa: F401
from app.web.time.item import routes as entity  # noqa: F401
from app.web.time.lists import routes as lists  # noqa: F401
from app.web.time.mood import routes as mood  # noqa: F401
from app.web.time.overview import routes as overview  # noqa: F401
from app.web.time.podcasts import routes as spoken  # noqa: F401
from app.web.time.years import routes as year  # noqa: F401

__all__ = ["blueprint"]
