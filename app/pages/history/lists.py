"""Top artists, tracks and albums of a range."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/artists")
def artists() -> str:
    """To come."""
    return ""


@blueprint.get("/history/tracks")
def tracks() -> str:
    """To come."""
    return ""


@blueprint.get("/history/albums")
def albums() -> str:
    """To come."""
    return ""
