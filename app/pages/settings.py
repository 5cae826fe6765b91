"""The time zone, the threshold, and one's data: export, disconnect, delete."""

from flask import Blueprint

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
def page() -> str:
    """To come."""
    return ""
