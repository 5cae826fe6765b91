"""A small Spotify of our own: authorize page, tokens, Web API, ReccoBeats and invented listeners.

It serves the demo account and the tests, over real HTTP. Everything in it is made up; nothing in it
knows the rest of the site.
"""

from app.sandbox.application import create_sandbox
from app.sandbox.exports import export_of
from app.sandbox.listeners import listener
from app.sandbox.server import Call, SandboxServer, serve
from app.sandbox.settings import Client, Fault, Knobs

__all__ = [
    "Call",
    "Client",
    "Fault",
    "Knobs",
    "SandboxServer",
    "create_sandbox",
    "export_of",
    "listener",
    "serve",
]
