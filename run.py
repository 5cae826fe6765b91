"""Starts the site: reads `.env`, makes what is missing, serves on http://127.0.0.1:5000.

`run.py login` and `run.py play "artist or track"` play on the owner's devices, from the terminal;
`run.py import my_spotify_data.zip` imports an export.
"""

import signal
import sys

# In words that every Python understands, or an old one would end in a traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Liner Notes needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031

# Process 1 of a container hears no signal that it has no handler for, and the imports take a while.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

try:
    import fcntl  # noqa: F401 - what is imported later needs it

    from app.command_line import main
except ModuleNotFoundError as error:
    if (error.name or "app").partition(".")[0] == "app":
        raise
    if error.name in ("fcntl", "resource"):
        sys.exit("Liner Notes needs Linux or macOS. On Windows it runs in WSL.")
    sys.exit("The package %s is missing: start with `make run`, or see the README." % error.name)  # noqa: UP031

if __name__ == "__main__":
    sys.exit(main())
