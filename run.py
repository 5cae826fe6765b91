"""Starts the site: reads `.env`, makes what is missing, serves on http://127.0.0.1:5000.

`run.py login` and `run.py play "artist or track"` play on the owner's devices, from the terminal;
`run.py import my_spotify_data.zip` imports an export.
"""

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from dotenv import load_dotenv
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.config import ROOT, Config, ConfigError, read_config
from app.terminal import Terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command line says; the exit status, 1 when something is wrong."""
    asked = command_line().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    load_dotenv(ROOT / ".env")
    try:
        config = read_config(os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        opened = create_app(config) if asked.command in (None, "serve") else Terminal(config)
    except (SQLAlchemyError, OSError) as error:
        print(f"Liner Notes cannot open its database: {first_line(error)}", file=sys.stderr)
        print("Check DATABASE_URL, and that the database runs and may be written.", file=sys.stderr)
        return 1
    return serve(config, opened) if isinstance(opened, Flask) else in_terminal(opened, asked)


def command_line() -> argparse.ArgumentParser:
    """What may stand behind `run.py`."""
    parser = argparse.ArgumentParser(
        prog="run.py", description="Liner Notes: what you listen to. Without a command it serves the site."
    )
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("serve", help="serve the site (the same as no command)")
    commands.add_parser("login", help="log in at Spotify once, to play from the terminal")
    play = commands.add_parser("play", help="find an artist or a track, and play it on your device")
    play.add_argument("words", nargs="+", help="artist or track")
    bring = commands.add_parser("import", help="import your Spotify export: zips, or single JSON files")
    bring.add_argument("files", nargs="+", metavar="file", help="the zip as Spotify sends it")
    bring.add_argument("--account", type=int, metavar="NUMBER", help="which account, where there are several")
    return parser


def in_terminal(terminal: Terminal, asked: argparse.Namespace) -> int:
    """`login`, `play` or `import`: sentences instead of a log."""
    logging.getLogger().setLevel(logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        # Names come in every script, and a terminal may know but one.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if asked.command == "import":
            return terminal.import_files(asked.files, asked.account)
        return terminal.login() if asked.command == "login" else terminal.play(" ".join(asked.words))
    except SQLAlchemyError as error:
        print(f"The database does not answer: {first_line(error)}", file=sys.stderr)
        return 1
    finally:
        terminal.close()


def serve(config: Config, app: Flask) -> int:
    """Serves until interrupted; 1 when the address is taken."""
    try:
        server = make_server(config.host, config.port, app, threaded=True, request_handler=QuietHandler)
    except (OSError, SystemExit):  # werkzeug has said why
        print(f"Liner Notes cannot listen on {config.host}:{config.port}.", file=sys.stderr)
        print("Set PORT (or HOST) to another value, or stop what listens there.", file=sys.stderr)
        return 1
    # Ctrl+C ends serve_forever() quietly, and by an exception when it comes a moment sooner or later.
    with suppress(KeyboardInterrupt):
        print(greeting(config), flush=True)
        server.serve_forever()
    server.server_close()
    app.extensions["site"].close()
    print("\nGoodbye.")
    return 0


def first_line(error: Exception) -> str:
    """What went wrong; the drivers go on with advice of their own."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def greeting(config: Config) -> str:
    """Where the site is, and which ways in are open."""
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    spotify = (
        "open" if config.spotify else "closed: no SPOTIFY_CLIENT_ID in .env (the landing page tells how)"
    )
    imports = (
        "open: /history/import" if config.anonymous_imports else "open after login (ANONYMOUS_IMPORTS=0)"
    )
    demo = "open, with invented listeners" if config.demo else "closed: DEMO=0"
    return (
        f"Liner Notes is at http://{host}:{config.port}\n"
        f"  Log in with Spotify   {spotify}\n"
        f"  Open your export      {imports}\n"
        f"  Look around (demo)    {demo}\n"
        "Stop with Ctrl+C."
    )


class QuietHandler(WSGIRequestHandler):
    """Logs one line a request, without the query: a callback's query holds the login's code and state."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        path = getattr(self, "path", "").partition("?")[0]
        self.log("info", "%s %s %s", getattr(self, "command", "-"), path, code)


if __name__ == "__main__":
    sys.exit(main())
