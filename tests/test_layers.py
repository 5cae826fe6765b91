"""The layers, held by reading every import: data flows one way.

Each module belongs to exactly one row. A row's `ours` are the layers that it may import beside itself,
its `others` are the packages from outside; the standard library is free to all.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    "app.csv_cells": Row(),
    "app.lazy": Row(),
    "app.log": Row(),
    "app.secret_key": Row(),
    "app.config_checks": Row(),
    "app.config": Row(
        ours=("app.config_checks", "app.secret_key"), others=("sqlalchemy.engine", "sqlalchemy.exc", "limits")
    ),
    "app.outward": Row(ours=("app.config", "app.config_checks"), others=("requests", "urllib3")),
    "app.stats": Row(ours=("app.music",)),
    "app.spotify": Row(ours=("app.music", "app.deadline"), others=("requests", "urllib3")),
    "app.slots": Row(),
    "app.store": Row(ours=("app.deadline",), others=("sqlalchemy", "alembic", "msgspec", "limits")),
    "app.history": Row(
        ours=("app.child_process", "app.csv_cells", "app.lazy", "app.log", "app.music", "app.store"),
        others=("sqlalchemy", "msgspec", "numpy"),
    ),
    "app.audio_features": Row(
        ours=("app.music", "app.deadline", "app.concurrency", "app.spotify", "app.store"),
        others=("sqlalchemy",),
    ),
    "app.child_process": Row(),
    "app.jobs": Row(ours=("app.huey_storage",), others=("huey", "sqlalchemy.engine")),
    "app.huey_storage": Row(ours=("app.store",), others=("huey", "psycopg")),
    "app.rate_limits": Row(ours=("app.store",), others=("limits", "sqlalchemy")),
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
    "app.sync_trouble": Row(),
    "app.sync": Row(
        ours=(
            "app.deadline",
            "app.history.build",
            "app.login",
            "app.music",
            "app.services",
            "app.sessions",
            "app.spotify",
            "app.store",
            "app.sync_trouble",
            "app.tokens",
        ),
        others=("sqlalchemy",),
    ),
    "app.site": Row(
        ours=(
            "app.config",
            "app.history.uploads",
            "app.jobs",
            "app.tokens",
            "app.services",
            "app.sessions",
            "app.slots",
            "app.store",
            "app.sync",
            "app.concurrency",
        )
    ),
    "app.terminal": Row(
        ours=(
            "app.config",
            "app.config_checks",
            "app.deadline",
            "app.history",
            "app.login",
            "app.music",
            "app.spotify.playback",
            "app.tokens",
            "app.services",
            "app.sessions",
            "app.spotify",
            "app.store",
            "app.sync",
            "app.sync_trouble",
        )
    ),
    # Spotify's answers, kept; and who asks for them.
    "app.visit": Row(ours=("app.deadline", "app.login", "app.services", "app.site", "app.spotify")),
    "app.account_writes": Row(ours=("app.spotify",), others=("sqlalchemy",)),
    "app.cached_fetch": Row(
        ours=("app.site", "app.spotify.errors", "app.store", "app.visit"), others=("msgspec",)
    ),
    "app.answers": Row(
        ours=(
            "app.account_writes",
            "app.cached_fetch",
            "app.deadline",
            "app.music",
            "app.site",
            "app.spotify",
            "app.store",
            "app.visit",
        ),
    ),
    "app.catalogue": Row(
        ours=("app.cached_fetch", "app.music", "app.site", "app.spotify", "app.store", "app.visit"),
        others=("msgspec",),
    ),
    "app.library": Row(
        ours=(
            "app.account_writes",
            "app.deadline",
            "app.music",
            "app.site",
            "app.spotify",
            "app.store",
            "app.visit",
        ),
    ),
    "app.mood_look_up": Row(
        ours=(
            "app.account_writes",
            "app.audio_features",
            "app.deadline",
            "app.login",
            "app.services",
            "app.site",
            "app.spotify.client",
            "app.store",
            "app.visit",
        )
    ),
    "app.covers": Row(
        ours=("app.answers", "app.cached_fetch", "app.history", "app.music", "app.store"), others=("msgspec",)
    ),
    "app.cover_fetch": Row(
        ours=(
            "app.deadline",
            "app.history",
            "app.login",
            "app.music",
            "app.services",
            "app.site",
            "app.spotify",
            "app.store",
        ),
        others=("msgspec",),
    ),
    # Who works the queue off.
    "app.worker": Row(
        ours=(
            "app.child_process",
            "app.config",
            "app.cover_fetch",
            "app.history",
            "app.huey_storage",
            "app.jobs",
            "app.library",
            "app.mood_look_up",
            "app.site",
            "app.store",
            "app.sync",
        ),
        others=("huey", "sqlalchemy.exc"),
    ),
    # Which files of it may import what, the table after this one says.
    "app.web": Row(
        ours=(
            "app.account_writes",
            "app.answers",
            "app.audio_features",
            "app.cached_fetch",
            "app.catalogue",
            "app.child_process",
            "app.concurrency",
            "app.config",
            "app.covers",
            "app.csv_cells",
            "app.deadline",
            "app.history",
            "app.lazy",
            "app.library",
            "app.login",
            "app.mood_look_up",
            "app.music",
            "app.rate_limits",
            "app.services",
            "app.sessions",
            "app.site",
            "app.slots",
            "app.spotify",
            "app.stats",
            "app.store",
            "app.sync",
            "app.sync_trouble",
            "app.visit",
        ),
        others=("flask", "flask_wtf", "werkzeug", "babel", "brotli", "msgspec", "sqlalchemy", "numpy"),
    ),
    # The factory puts everything together, and is imported by nothing inside but its own door.
    "app.factory": Row(
        ours=("app.config", "app.services", "app.site", "app.web"),
        others=("flask", "flask_wtf", "werkzeug", "dotenv"),
    ),
    "app.start": Row(
        ours=("app.config", "app.log", "app.outward", "app.store"), others=("dotenv", "flask", "sqlalchemy")
    ),
    "app": Row(ours=("app.config", "app.factory", "app.start", "app.worker"), others=("flask",)),
    # What run.py does, above all else.
    "app.server": Row(others=("flask", "werkzeug")),
    "app.command_line": Row(
        ours=(
            "app",
            "app.child_process",
            "app.config",
            "app.log",
            "app.server",
            "app.start",
            "app.terminal",
            "app.worker",
        ),
        others=("flask", "sqlalchemy"),
    ),
}


FLASK = ("flask", "flask_wtf", "werkzeug")
DOMAIN = (
    "app.store",
    "app.history",
    "app.library",
    "app.audio_features",
    "app.spotify.client",
    "sqlalchemy",
    "numpy",
)
FIGURES = ("app.history.figures",)  # what reports are made of
# In `app/web` a file's name says what it may not import.
FORBIDDEN_IN_WEB = {
    "report.py": FLASK,
    "routes.py": DOMAIN,
    "view.py": (*DOMAIN, *FLASK, "app.site", "app.services"),
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


def lies_in(name: str, packages: Sequence[str]) -> bool:
    """Whether a dotted name is one of the packages, or inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def violations(layer: str, source: str, package: str) -> list[str]:
    """What a module of `layer` imports against the table."""
    row, found = LAYERS[layer], []
    for name in imports_of(source, package):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top == "_typeshed":  # the standard library's own types
            continue
        inside = layer != "app" and lies_in(name, [layer])
        if not (inside or lies_in(name, row.ours if top == "app" else row.others)):
            found.append(name)
    return found


def test_every_module_is_in_one_layer_and_imports_what_its_layer_may() -> None:
    faults = []
    for module, path in MODULES.items():
        if len(rows := rows_of(module)) != 1:
            faults.append(f"{module} is in the rows {rows}")
            continue
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        faults += [f"{module} imports {name}" for name in violations(rows[0], path.read_text(), package)]
    assert faults == []


def test_in_the_web_a_files_name_says_what_it_may_import() -> None:
    faults = [
        f"{path.relative_to(APP)} imports {name}"
        for path in sorted((APP / "web").rglob("*.py"))
        for name in imports_of(path.read_text(), module_name(path).rpartition(".")[0])
        if lies_in(name, FORBIDDEN_IN_WEB.get(path.name, ())) and not lies_in(name, FIGURES)
    ]
    assert faults == []


def test_every_row_stands_for_something() -> None:
    assert [row for row in LAYERS if not any(row in rows_of(module) for module in MODULES)] == []


def test_the_layers_have_no_circle() -> None:
    """Taking away layers that import nothing that is left, over and over, leaves none."""
    left = {
        layer: {one for row in row.ours for one in rows_of(row)} - {"app"} for layer, row in LAYERS.items()
    }
    while free := [layer for layer, below in left.items() if not below & left.keys()]:
        for layer in free:
            del left[layer]
    assert left == {}


def test_the_reader_of_imports_sees_what_is_not_allowed() -> None:
    for layer, source, found in (
        ("app.spotify", "import flask", ["flask"]),
        ("app.spotify", "def late():\n    from sqlalchemy import text", ["sqlalchemy"]),
        ("app.stats", "from app import music, spotify", ["app.spotify"]),
        ("app.stats", "from ..spotify import parse", ["app.spotify.parse"]),
        ("app.sessions", "from flask.json.tag import TaggedJSONSerializer", []),
        ("app.sessions", "from flask import session", ["flask"]),
        ("app.music", "import json", []),
    ):
        package = layer if layer in ("app.stats", "app.spotify") else "app"
        assert violations(layer, source, package) == found, (layer, source)
