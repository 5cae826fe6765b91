"""A zip of everything, made by a process of its own and read while it grows.

The process runs beside the site, so that pages do not wait for it. Its file has no name: it is gone when the
last of the two has closed it, however they end.
"""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from tempfile import TemporaryFile

from app.child_process import work_in_the_background
from app.config import ROOT
from app.site import Site
from app.slots import Slot
from app.store.engine import Store
from app.web.time.export.report import write_everything

DATABASE = "EXPORT_DATABASE_URL"
AT_ONCE = 2  # such processes of one site
PIECE = 1 << 18  # bytes
_SECRETS = ("SECRET_KEY", "SPOTIFY_CLIENT_SECRET")
_LOOK_AGAIN = 0.02  # seconds
_DISK_FULL = 28


class ExportFailed(Exception):
    """The process ended before the zip was whole."""


class ZipJob:
    """A zip that is being made."""

    def __init__(self, site: Site, account_id: int, slot: Slot) -> None:
        """Begins it. The process holds `slot` for as long as it runs."""
        self._file = TemporaryFile(dir=site.uploads.ready())  # noqa: SIM115 - closed with the job
        file = self._file.fileno()
        # Not as an argument, which everybody on the machine can read: the address may hold a password.
        environ = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, and two numbers
                [sys.executable, "-m", "app.web.time.export.zip_job", str(account_id), str(file)],
                cwd=ROOT,
                env=environ | {DATABASE: site.config.database_url},
                stdin=subprocess.DEVNULL,
                pass_fds=[file, slot.fileno()],
                start_new_session=True,
            )
        except BaseException:
            self._file.close()
            raise

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the zip as they come. Raises ExportFailed, and OSError where the disk is full."""
        sent = 0
        while True:
            # Looked at before the file is read, so that nothing is missed.
            ended = self._process.poll()
            piece = os.pread(self._file.fileno(), PIECE, sent)
            if piece:
                sent += len(piece)
                yield piece
            elif ended is None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_LOOK_AGAIN)
            elif ended == _DISK_FULL:
                raise OSError(errno.ENOSPC, "no room for an export")
            elif ended != 0:
                raise ExportFailed
            else:
                return

    def close(self) -> None:
        """Stops the process, if it still runs, and lets go of the file."""
        self._process.kill()
        self._process.wait()
        self._file.close()


class _OnlyForward(io.BufferedWriter):
    """A file that is never written again where it has been read already: a zip's headers stay as they are."""

    def tell(self) -> int:
        """Refused, as by a pipe."""
        raise io.UnsupportedOperation("tell")

    def seekable(self) -> bool:
        """No."""
        return False


def main() -> int:
    """Writes an account's zip into an open file: its number and the file's are the arguments."""
    work_in_the_background()
    account_id, file = (int(argument) for argument in sys.argv[1:])
    store = Store(os.environ[DATABASE])
    try:
        with _OnlyForward(io.FileIO(file, "w")) as out:
            write_everything(store, account_id, out)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _DISK_FULL
        raise
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
