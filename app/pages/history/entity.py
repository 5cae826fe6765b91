"""One artist, one album, one track."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/artist")
def artist() -> str:
    """To come."""
    return ""


@blueprint.get("/history/album")
def album() -> str:
    """To come."""
    return ""


@blueprint.get("/history/track")
def track() -> str:
    """To come."""
    return ""
