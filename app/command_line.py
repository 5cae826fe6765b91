"""What `run.py` does: serves the site, works its queue off, or obeys a command from the terminal.

Everything returns the exit status.
"""

import argparse
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.child_process import end_with_parent, has_parent
from app.config import Config, ConfigError
from app.log import set_up_logging
from app.start import CannotOpen, configuration, first_line, opening

# A worker needs nothing of Flask and of the pages: what a command needs is imported when it is given.
if TYPE_CHECKING:
    from flask import Flask

    from app.terminal import Terminal
    from app.worker import Worker

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
LONGEST_CLOSING = 9.0  # seconds; whoever stops a container waits for ten


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command line says; the exit status, 1 when something is wrong."""
    args = command_line().parse_args(arguments)
    set_up_logging()
    # Both like Ctrl+C. Process 1 of a container hears no signal that it has no handler for.
    for interrupt in _INTERRUPTS:
        signal.signal(interrupt, signal.default_int_handler)
    try:
        config = configuration()
        with opening(config):
            run = _opened(config, args)
    except (ConfigError, CannotOpen) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return run()


def _opened(config: Config, args: argparse.Namespace) -> Callable[[], int]:
    """What is args for, with its database open."""
    if args.command == "worker":
        from app.worker import Worker

        worker = Worker.on_its_own(config)
        return lambda: work(worker)
    if args.command in (None, "serve"):
        from app import create_app

        app = create_app(config)
        return lambda: serve(config, app)
    from app.terminal import Terminal

    terminal = Terminal(config)
    return lambda: in_terminal(terminal, args)


def command_line() -> argparse.ArgumentParser:
    """What may stand behind `run.py`."""
    parser = argparse.ArgumentParser(
        prog="run.py", description="Liner Notes: what you listen to. Without a command it serves the site."
    )
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("serve", help="serve the site (the same as no command)")
    commands.add_parser("worker", help="read imports and libraries, beside sites on the same database")
    commands.add_parser("login", help="log in at Spotify once, to play from the terminal")
    play = commands.add_parser("play", help="find an artist or a track, and play it on your device")
    play.add_argument("words", nargs="+", help="artist or track")
    bring = commands.add_parser("import", help="import listening histories: of Spotify, Last.fm and more")
    bring.add_argument("files", nargs="+", metavar="file", help="a zip or a file as it came, or a folder")
    bring.add_argument("--account", type=int, metavar="NUMBER", help="which account, where there are several")
    bring.add_argument("--zone", metavar="ZONE", help="time zone of files that tell none (Europe/Berlin)")
    commands.add_parser("sync", help="ask Spotify now for everybody's latest plays")
    commands.add_parser("status", help="how the site stands: accounts, calls, what is due")
    return parser


def in_terminal(terminal: "Terminal", args: argparse.Namespace) -> int:
    """`login`, `play` or `import`: sentences instead of a log."""
    logging.getLogger().setLevel(logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        # Names come in every script, and a terminal may know but one.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if args.command == "import":
            return terminal.import_files(args.files, args.account, args.zone)
        if args.command in ("sync", "status"):
            return terminal.sync() if args.command == "sync" else terminal.status()
        return terminal.login() if args.command == "login" else terminal.play(" ".join(args.words))
    except SQLAlchemyError as error:
        print(f"The database does not answer: {first_line(error)}", file=sys.stderr)
        return 1
    finally:
        terminal.close()


def work(worker: "Worker") -> int:
    """Works until interrupted, or until the web server that started this ends."""
    interrupted = Event()
    for interrupt in _INTERRUPTS:
        signal.signal(interrupt, lambda *_: interrupted.set())
    end_with_parent()
    worker.start()
    if not has_parent():
        print("Liner Notes works off imports and libraries. Stop with Ctrl+C.", flush=True)
    interrupted.wait()
    _end_in_time()
    worker.close()
    if not has_parent():
        print("\nGoodbye.", flush=True)
    os._exit(0)  # a thread may still wait for a server that does not answer


def serve(config: Config, app: "Flask") -> int:
    """Serves, with a worker beside it, until interrupted; 1 when the address is taken."""
    from app.server import Server
    from app.worker import WorkerProcess

    try:
        server = Server(config.host, config.port, app)
    except (OSError, SystemExit):  # werkzeug has said why
        print(f"Liner Notes cannot listen on {config.host}:{config.port}.", file=sys.stderr)
        print("Set PORT (or HOST) to another value, or stop what listens there.", file=sys.stderr)
        app.extensions["site"].close()
        return 1
    # Not an exception: it would end whatever the main thread is at, such as handing over a connection.
    for interrupt in _INTERRUPTS:
        signal.signal(interrupt, lambda *_: Thread(target=server.shutdown, daemon=True).start())
    worker = WorkerProcess()
    print(greeting(config), flush=True)
    server.serve_forever(poll_interval=0.1)
    _end_in_time()
    ending = Thread(target=worker.close)
    ending.start()
    server.server_close()
    ending.join()
    app.extensions["site"].close()
    print("\nGoodbye.", flush=True)
    return 0


def _end_in_time() -> None:
    """Whatever still hangs then, such as a call to a server that does not answer, is cut off."""
    for interrupt in _INTERRUPTS:
        signal.signal(interrupt, signal.SIG_IGN)
    cut_off = Timer(LONGEST_CLOSING, os._exit, [0])
    cut_off.daemon = True
    cut_off.start()


def greeting(config: Config) -> str:
    """Where the site is, and which ways in are open."""
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    spotify = "open" if config.spotify else "closed: no SPOTIFY_CLIENT_ID in .env (/setup tells how)"
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
