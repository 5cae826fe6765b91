"""The blueprint of `/history` with the routes of every page under it."""

# Each module adds its routes.
from app.web.imports import routes as imports_routes  # noqa: F401
from app.web.time.behaviour import routes as behaviour_routes  # noqa: F401
from app.web.time.blueprint import blueprint
from app.web.time.corrections import routes as corrections_routes  # noqa: F401
from app.web.time.day import routes as day_routes  # noqa: F401
from app.web.time.discovery import routes as discovery_routes  # noqa: F401
from app.web.time.export import routes as export_routes  # noqa: F401
from app.web.time.item import routes as item_routes  # noqa: F401
from app.web.time.lists import routes as lists_routes  # noqa: F401
from app.web.time.marks import routes as marks_routes  # noqa: F401
from app.web.time.mood import routes as mood_routes  # noqa: F401
from app.web.time.overview import routes as overview_routes  # noqa: F401
from app.web.time.podcasts import routes as podcasts_routes  # noqa: F401
from app.web.time.ranks import routes as ranks_routes  # noqa: F401
from app.web.time.reveal import routes as reveal_routes  # noqa: F401
from app.web.time.years import routes as years_routes  # noqa: F401

__all__ = ["blueprint"]
