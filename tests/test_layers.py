"""The layers of DESIGN.md, held by reading every import: data flows one way.

Each module belongs to exactly one row. A row's `ours` are the layers that it may import beside itself,
its `others` are the packages from outside; the standard library is free to all.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"


@dataclass(frozen=True)
class Row:
    """What a layer may import. A dotted name allows that one module of a layer or package."""

    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


LAYERS = {
    "app.music": Row(),
    "app.deadline": Row(),
    "app.concurrency": Row(ours=("app.deadline",)),
    "app.bulkhead": Row(ours=("app.deadline", "app.concurrency", "app.spotify.errors")),
    "app.lazy": Row(),
    "app.log": Row(),
    "app.secret_key": Row(),
    "app.config": Row(ours=("app.secret_key",), others=("sqlalchemy.engine", "sqlalchemy.exc", "limits")),
    "app.outward": Row(ours=("app.config",), others=("requests", "urllib3")),
    "app.stats": Row(ours=("app.music",)),
    "app.spotify": Row(ours=("app.music", "app.deadline"), others=("requests", "urllib3")),
    "app.slots": Row(),
    "app.store": Row(ours=("app.deadline",), others=("sqlalchemy", "alembic", "msgspec", "limits")),
    "app.history": Row(
        ours=("app.lazy", "app.log", "app.music", "app.store"), others=("sqlalchemy", "msgspec", "numpy")
    ),
    "app.audio_features": Row(
        ours=("app.music", "app.deadline", "app.concurrency", "app.spotify", "app.store"),
        others=("sqlalchemy",),
    ),
    "app.background": Row(ours=("app.store",)),
    "app.rate_limits": Row(ours=("app.store",), others=("limits", "sqlalchemy")),
    "app.imports": Row(ours=("app.config", "app.history", "app.store"), others=("sqlalchemy",)),
    "app.encryption": Row(others=("cryptography",)),
    "app.tokens": Row(ours=("app.encryption", "app.store"), others=("sqlalchemy", "cryptography")),
    "app.sessions": Row(
        ours=("app.encryption", "app.store"), others=("flask.json.tag", "sqlalchemy", "cryptography")
    ),
    "app.sandbox": Row(others=("flask", "werkzeug", "jinja2", "markupsafe")),
    "app.services": Row(
        ours=(
            "app.bulkhead",
            "app.config",
            "app.audio_features",
            "app.spotify",
            "app.store",
            "app.sandbox",
        ),
        others=("flask",),
    ),
    "app.login": Row(
        ours=(
            "app.tokens",
            "app.sessions",
            "app.services",
            "app.spotify",
            "app.store",
            "app.concurrency",
            "app.deadline",
        )
    ),
    "app.site": Row(
        ours=(
            "app.background",
            "app.config",
            "app.history.limits",
            "app.imports",
            "app.tokens",
            "app.services",
            "app.sessions",
            "app.slots",
            "app.store",
            "app.concurrency",
        )
    ),
    "app.spotify.playback": Row(ours=("app.spotify",)),
    "app.terminal": Row(
        ours=(
            "app.config",
            "app.deadline",
            "app.history",
            "app.login",
            "app.music",
            "app.spotify.playback",
            "app.tokens",
            "app.services",
            "app.spotify",
            "app.store",
        )
    ),
    "app.web": Row(
        ours=(
            "app.spotify.playback",
            "app.music",
            "app.stats",
            "app.deadline",
            "app.concurrency",
            "app.background",
            "app.config",
            "app.store",
            "app.sessions",
            "app.spotify",
            "app.audio_features",
            "app.history",
            "app.services",
            "app.login",
            "app.site",
            "app.lazy",
            "app.slots",
        ),
        others=("sqlalchemy", "msgspec", "numpy"),
    ),
    "app.web": Row(
        ours=(
            "app.music",
            "app.stats",
            "app.deadline",
            "app.config",
            "app.sessions",
            "app.spotify.errors",
            "app.store.faults",
            "app.spotify.playback",
            "app.services",
            "app.login",
            "app.rate_limits",
            "app.site",
            "app.slots",
            "app.web",
        ),
        # health.py asks the database for a sign of life.
        others=("flask", "flask_wtf", "werkzeug", "msgspec", "sqlalchemy"),
    ),
    # The factory: puts everything together, and is imported by nothing inside but its own door.
    "app.factory": Row(
        ours=("app.config", "app.services", "app.site", "app.web"),
        others=("flask", "flask_wtf", "werkzeug", "dotenv"),
    ),
    "app.start": Row(
        ours=("app.config", "app.log", "app.outward", "app.store"), others=("dotenv", "flask", "sqlalchemy")
    ),
    "app": Row(ours=("app.config", "app.factory", "app.start"), others=("flask",)),
    # What run.py does, above all else.
    "app.server": Row(others=("flask", "werkzeug")),
    "app.command_line": Row(
        ours=("app", "app.config", "app.log", "app.server", "app.start", "app.terminal"),
        others=("flask", "sqlalchemy"),
    ),
}


def module_name(path: Path) -> str:
    """`app/spotify/parse.py` is `app.spotify.parse`, and `app/spotify/__init__.py` is `app.spotify`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(APP.rglob("*.py"))}


def rows_of(module: str) -> list[str]:
    """The rows of the table that a module belongs to; `app` itself is the factory's row alone."""
    return [row for row in LAYERS if module == row or (row != "app" and module.startswith(f"{row}."))]


def imports_of(source: str, package: str) -> Iterator[str]:
    """Every dotted name that a module imports, relative ones spelled out.

    `from a.b import c` counts as `a.b.c` where that is a module of ours, else as `a.b`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in MODULES or inner in LAYERS else base


def allows(allowed: tuple[str, ...], name: str) -> bool:
    """Whether a name is one of the allowed ones, or lies inside one."""
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def trespasses(layer: str, source: str, package: str) -> list[str]:
    """What a module of `layer` imports against the table."""
    row = LAYERS[layer]
    found = []
    for name in imports_of(source, package):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top == "_typeshed":  # the standard library's own types
            continue
        inside = layer != "app" and allows((layer,), name)
        if not (inside or allows(row.ours if top == "app" else row.others, name)):
            found.append(name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_in_exactly_one_row(module: str) -> None:
    assert len(rows_of(module)) == 1, f"{module} is in {rows_of(module)}: give it one row of the table"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]

    found = trespasses(rows_of(module)[0], path.read_text(), package)

    assert found == [], f"{module} may not import {', '.join(found)}"


def test_every_row_stands_for_something() -> None:
    assert [row for row in LAYERS if not any(row in rows_of(module) for module in MODULES)] == []


def test_the_layers_have_no_circle() -> None:
    """Taking away layers that import nothing that is left, over and over, leaves none."""
    left = {layer: {one for row in row.ours for one in rows_of(row)} for layer, row in LAYERS.items()}
    while free := [layer for layer, below in left.items() if not below & left.keys()]:
        for layer in free:
            del left[layer]
    assert left == {}


@pytest.mark.parametrize(
    ("layer", "source", "found"),
    [
        ("app.spotify", "import flask", ["flask"]),
        ("app.spotify", "def late():\n    from sqlalchemy import text", ["sqlalchemy"]),
        ("app.spotify", "from app.store.engine import Store", ["app.store.engine"]),
        ("app.stats", "from app import music, spotify", ["app.spotify"]),
        ("app.stats", "from . import mood", []),
        ("app.stats", "from ..spotify import parse", ["app.spotify.parse"]),
        ("app.web", "from app.spotify.errors import NotFound", []),
        ("app.web", "from app.spotify import http", ["app.spotify.http"]),
        ("app.web", "import app.spotify.client", ["app.spotify.client"]),
        ("app.sessions", "from flask.json.tag import TaggedJSONSerializer", []),
        ("app.sessions", "from flask import session", ["flask"]),
        ("app.web", "import flask", ["flask"]),
        ("app.sandbox", "from app.config import Config", ["app.config"]),
        ("app.music", "import json", []),
    ],
)
def test_the_reader_of_imports_sees_a_trespass(layer: str, source: str, found: list[str]) -> None:
    package = f"{layer}" if layer in ("app.stats", "app.spotify", "app.web") else "app"
    assert trespasses(layer, source, package) == found
