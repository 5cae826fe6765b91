"""Workers in processes of their own, which die by `kill -9` at one of their steps.

They are forked off a process that has imported everything: starting Python takes longer than their work.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from app.history import build as building
from app.history import import_job

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__, "pytest"])  # the latter is this process's main module


def run(death: tuple[str, str, int] | tuple[()], environ: Mapping[str, str]) -> NoReturn:
    """Works as `python -m app.history.import_job` does.

    `death`: the step, "before", "within" or "after" it (or there "asked to stop"), and at which of its calls.
    """
    os.environ.update(environ)
    if death:
        _die_at(*death)
    sys.exit(import_job.main())


def _die_at(name: str, when: str, times: int) -> None:
    module: Any = building if name in ("build", "keep_history") else import_job
    real = getattr(module, name)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def step(*args: Any, **kwargs: Any) -> Any:
        nonlocal times
        times -= 1
        if times == 0 and when == "asked to stop":
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        if times == 0 and when == "before":
            die()
        if times == 0 and when == "within":
            made = real(*args, **kwargs)

            def parts() -> Any:
                for place, part in enumerate(made.blobs):
                    if place == 2:
                        die()
                    yield part

            return replace(made, blobs=parts())
        found = real(*args, **kwargs)
        if times == 0 and when == "after":
            die()
        return found

    setattr(module, name, step)
