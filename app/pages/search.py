"""Search."""

from flask import Blueprint

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def page() -> str:
    """To come."""
    return ""
