"""`/healthz`: whether the process and its database answer."""

import logging

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.web.auth import site

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 and a line of JSON when both answer, 503 when the database does not."""
    try:
        with site().store.reading() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.warning("healthz: the database does not answer (%s)", type(error).__name__)
        return jsonify(status="failing", database="not answering"), 503
    return jsonify(status="ok", database="ok"), 200
