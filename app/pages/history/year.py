"""A year in review."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/years")
def years() -> str:
    """To come."""
    return ""
