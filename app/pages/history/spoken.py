"""Podcasts and audiobooks."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/podcasts")
def podcasts() -> str:
    """To come."""
    return ""


@blueprint.get("/history/audiobooks")
def audiobooks() -> str:
    """To come."""
    return ""
