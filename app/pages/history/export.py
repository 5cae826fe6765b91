"""Every play as CSV, and everything as a zip that imports again."""

from app.pages.history.blueprint import blueprint


@blueprint.get("/history.csv")
def report_csv() -> str:
    """To come."""
    return ""


@blueprint.get("/history/export.zip")
def export() -> str:
    """To come."""
    return ""
