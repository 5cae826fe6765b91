"""Saved tracks."""

from flask import Blueprint

blueprint = Blueprint("library", __name__)


@blueprint.get("/library")
def page() -> str:
    """To come."""
    return ""
