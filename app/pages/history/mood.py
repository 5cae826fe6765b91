"""How the music sounded, over time."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/mood")
def mood() -> str:
    """To come."""
    return ""
