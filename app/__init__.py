"""Liner Notes: a site that shows a person what they listen to."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: "Config | None" = None) -> "Flask":
    """The site that `config` describes. Without one, the site for a WSGI server, from the environment and
    `.env`; then a fault is told on stderr and ends the process.
    """
    # Late, so that a process that needs one part of the package does not load the others.
    from app.factory import create_app as create

    if config is not None:
        return create(config)
    from app.start import app_for_server

    app = app_for_server(create)
    from app.worker import embed

    embed(app.extensions["site"])
    return app
