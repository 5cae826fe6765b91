"""A page drawn from a report, without a login or a Spotify."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, render_template
from time_machine import travel

from tests.conftest import audit

NOW = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
Render = Callable[..., "Rendered"]


class Rendered:
    """A page; `text` is what it says, with single blanks."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.text = text_of(html)

    def section(self, name: str) -> str:
        """What it says from the heading `name`-title to the next of its kind."""
        _, found, rest = self.html.partition(f'<h2 id="{name}-title"')
        assert found, name
        return text_of(f"<h2{rest.partition('<h2 ')[0]}")


def renderer(app: Flask, path: str, template: str) -> Render:
    """A function that draws a template as of `NOW`, in Berlin; its arguments are the template's."""

    def render(**context: Any) -> Rendered:
        with app.test_request_context(path), travel(NOW, tick=False):
            g.timezone = ZoneInfo("Europe/Berlin")
            html = render_template(template, **context)
        audit(html)
        return Rendered(html)

    return render


def text_of(html: str) -> str:
    """What a piece of HTML says, with single blanks."""
    parser = _Text()
    parser.feed(re.sub(r"<(/?(?:t[dhr]|li|dt|dd|p|text|span))\b", r" <\1", html))
    return " ".join("".join(parser.parts).split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
