"""An artist, an album, a track."""

from flask import Blueprint

blueprint = Blueprint("browse", __name__)
