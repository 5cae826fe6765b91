"""Playing on the listener's devices."""

from flask import Blueprint

blueprint = Blueprint("player", __name__)
