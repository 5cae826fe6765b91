"""What is skipped, how plays end, on which device and where."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history/behaviour")
def behaviour() -> str:
    """To come."""
    return ""
