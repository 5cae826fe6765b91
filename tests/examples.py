"""How many examples property tests try: all in CI, a part where somebody waits for `make test`."""

import os

IN_CI = bool(os.environ.get("CI"))


def examples(count: int) -> int:
    """So many in CI, and elsewhere a third."""
    return count if IN_CI else max(20, count // 3)
