"""Starts the site: reads `.env`, makes what is missing, serves on http://127.0.0.1:5000."""

import logging
import os
import sys

from dotenv import load_dotenv
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.config import ROOT, Config, ConfigError, read_config


def main() -> int:
    """Serves until interrupted; 1 when the configuration is wrong or the address is taken."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    load_dotenv(ROOT / ".env")
    try:
        config = read_config(os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    app = create_app(config)
    try:
        server = make_server(config.host, config.port, app, threaded=True, request_handler=QuietHandler)
    except (OSError, SystemExit) as error:
        print(f"Liner Notes cannot listen on {config.host}:{config.port}: {error}", file=sys.stderr)
        print("Set PORT to another number, or stop what listens there.", file=sys.stderr)
        return 1
    print(greeting(config), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nGoodbye.")
    finally:
        server.server_close()
        app.extensions["site"].close()
    return 0


def greeting(config: Config) -> str:
    """Where the site is, and which ways in are open."""
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    spotify = (
        "open" if config.spotify else "closed: no SPOTIFY_CLIENT_ID in .env (the landing page tells how)"
    )
    demo = "open, with invented listeners" if config.demo else "closed: DEMO=0"
    return (
        f"Liner Notes is at http://{host}:{config.port}\n"
        f"  Log in with Spotify   {spotify}\n"
        f"  Open your export      not in this version yet\n"
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
