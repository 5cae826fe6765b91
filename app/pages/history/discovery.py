"""What was new, forgotten, or an obsession."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/discovery")
def discovery() -> str:
    """To come."""
    return ""
