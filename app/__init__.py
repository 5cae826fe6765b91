"""Liner Notes: a site that shows a person what they listen to."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: "Config | None" = None) -> "Flask":
    """The site, from `config` or else from the environment and `.env`. Raises ConfigError."""
    # Late, so that a process that needs one part of the package does not load the others.
    from app.factory import create_app as create

    return create(config)
