"""The start, for `run.py` and for gunicorn: reads `.env` and the environment; what stops it is a sentence."""

import codecs
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import load_dotenv
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.config import FULL, ROOT, Config, ConfigError, read_config
from app.log import set_up_logging
from app.outward import outward_faults
from app.store.engine import Store
from app.store.migrate import NewerDatabase, migrate

if TYPE_CHECKING:
    from flask import Flask

ENV_FILE = ROOT / ".env"
DO_NOT_RESTART = 3  # gunicorn's status for a worker that failed to start: it gives up instead of trying again
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CannotOpen(Exception):
    """The database cannot be opened. The message says why, and the remedy."""


def configuration() -> Config:
    """The configuration, from `.env` and the environment, which wins. Raises ConfigError."""
    load_dotenv(stream=StringIO(read_env_file(ENV_FILE)))
    config = read_config(os.environ)
    if faults := outward_faults(config):
        raise ConfigError(faults)
    return config


def read_env_file(path: Path) -> str:
    """Its text: UTF-8, or UTF-16 as PowerShell writes it; empty where there is none. Raises ConfigError."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig")
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        raise ConfigError([f"{path} is a folder: the settings belong into a file of that name."]) from None
    except OSError as error:
        reason = f"{path} cannot be read ({error.strerror}): make it readable for this user, or remove it."
        raise ConfigError([reason]) from None
    except UnicodeError:
        raise ConfigError([f"{path} is not written in UTF-8: save it as UTF-8."]) from None
    if "\0" in text:
        raise ConfigError([f"{path} is not written in UTF-8: save it as UTF-8."])
    return text


@contextmanager
def opening(config: Config) -> Iterator[None]:
    """While the site's parts are put together: turns a fault of the database into CannotOpen."""
    try:
        yield
    except NewerDatabase as error:
        raise CannotOpen(str(error)) from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        remedy = _remedy(config, error)
        raise CannotOpen(f"Liner Notes cannot open its database: {first_line(error)}\n{remedy}") from error


def _remedy(config: Config, error: Exception) -> str:
    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite":
        return "Check DATABASE_URL, and that the database runs and may be written."
    file = Path(url.database or "").absolute()
    default = file == config.instance / "liner-notes.sqlite3"
    variable = "INSTANCE" if default else "DATABASE_URL"
    if "not a database" in str(error):
        return f"Set DATABASE_URL to another file, or move {file} away, and one is made."
    if "full" in str(error).lower() or getattr(error, "errno", None) in FULL:
        return f"The disk is full: make room in {file.parent}, or set {variable} to another place."
    return (
        f"Make {file.parent} writable for this user, with what is in it, or set {variable} to another place."
    )


def first_line(error: Exception) -> str:
    """What went wrong; the drivers go on with advice of their own."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def app_for_server(create: "Callable[[Config], Flask]") -> "Flask":
    """The site for a WSGI server. What stops the start is told on stderr, and ends the process."""
    set_up_logging()
    with _exit_with_sentence():
        config = configuration()
        with opening(config):
            return create(config)


def check_for_server() -> None:
    """What stops the start is told, and ends the process, before a server starts its workers."""
    environ = dict(os.environ)
    with _exit_with_sentence():
        config = configuration()
        with opening(config), closing(Store(config.database_url)) as store:
            migrate(store)
    # Workers read `.env` themselves, also one that has changed when they are started anew.
    os.environ.clear()
    os.environ.update(environ)


@contextmanager
def _exit_with_sentence() -> Iterator[None]:
    try:
        yield
    except (ConfigError, CannotOpen) as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        sys.exit(DO_NOT_RESTART)
