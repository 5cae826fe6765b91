"""Where there is no history to show: why, and what to do."""

from dataclasses import dataclass

from flask import render_template

from app.web.auth import site
from app.web.format import counted
from app.web.imports import report as imports
from app.web.time.other_kinds import other_kinds


@dataclass(frozen=True)
class UnderWay:
    """An import that is not over: a sentence about how far it is."""

    sentence: str


def without_history(account_id: int | None) -> str:
    """The page in place of any other, for somebody without music in their history."""
    return render_template(
        "history/nothing.html",
        under_way=under_way(account_id),
        failed=_failed(account_id),
        others=other_kinds(site(), account_id) if account_id is not None else [],
    )


def under_way(account_id: int | None) -> UnderWay | None:
    """The import that is going on; `None` without one."""
    receipt = imports.latest(site(), account_id) if account_id is not None else None
    if receipt is None or not receipt.under_way:
        return None
    read = receipt.rows["read"]
    return UnderWay(f"{counted(read, 'row')} read so far." if read else "It has just begun.")


def _failed(account_id: int | None) -> bool:
    receipt = imports.latest(site(), account_id) if account_id is not None else None
    if receipt is None:
        return False
    kept_nothing = receipt.state == imports.DONE and not receipt.rows["kept"]
    return kept_nothing or receipt.state == imports.FAILED
