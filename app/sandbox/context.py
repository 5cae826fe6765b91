"""What the sandbox's routes share: the running sandbox itself, reachable from the request."""

from dataclasses import dataclass, field
from threading import Event
from typing import cast

from flask import Flask, current_app, request

from app.sandbox.settings import Client, Knobs
from app.sandbox.state import State

_KEY = "sandbox"


@dataclass(frozen=True)
class Sandbox:
    """One running sandbox. `closing` is set when its server stops, so that nothing waits on.

    `web`: where browsers see it, without a slash at the end, for every link and picture in its answers;
    `None`: where the request arrives.
    """

    clients: dict[str, Client]
    knobs: Knobs
    state: State
    web: str | None = None
    closing: Event = field(default_factory=Event)

    def attach(self, app: Flask) -> None:
        """Make this the sandbox of `app`."""
        app.extensions[_KEY] = self


def sandbox_of(app: Flask) -> Sandbox:
    """The sandbox that `app` runs."""
    return cast(Sandbox, app.extensions[_KEY])


def current_sandbox() -> Sandbox:
    """The sandbox that answers this request."""
    return sandbox_of(current_app)


def root() -> str:
    """Where this request finds the sandbox, mount prefix included, with no slash at the end."""
    return request.root_url.rstrip("/")
