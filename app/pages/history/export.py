"""Every play as CSV, and everything as a zip that imports again."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from flask import Response, abort, g, send_file

from app.pages.history.blueprint import blueprint, whose
from app.pages.visitors import site
from app.pages.wire import cell
from app.reports.history.export import HEADER, every_play, has_anything, write_everything
from app.site import Site


@blueprint.get("/history.csv")
def report_csv() -> Response:
    """Every play, piece by piece."""
    account_id = _own()
    response = Response(_lines(site(), account_id), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="history.csv"'
    return response


@blueprint.get("/history/export.zip")
def export() -> Response:
    """Everything, in files that any Liner Notes can import."""
    account_id = _own()
    # Beside the uploads, since the system's own place for such files may be memory. The answer closes it.
    file = tempfile.TemporaryFile(dir=site().imports.ready())  # noqa: SIM115
    try:
        write_everything(site().store, account_id, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    day = datetime.now(g.timezone).date().isoformat()
    name = f"liner-notes-{day}.zip"
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)


def _own() -> int:
    account_id = whose()
    if account_id is None or not has_anything(site().store, account_id):
        abort(404)
    return account_id


def _lines(of: Site, account_id: int) -> Iterator[str]:
    yield ",".join(HEADER) + "\r\n"
    for rows in every_play(of.store, account_id):
        out = StringIO()
        csv.writer(out).writerows([cell(value) for value in row] for row in rows)
        yield out.getvalue()
