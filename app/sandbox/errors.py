"""How the sandbox says no: the Web API's error object and OAuth's, as Spotify words them."""

from typing import Any

from flask import Response, jsonify


class Refusal(Exception):
    """An error of the Web API. `message` and `reason` are left out of the answer when they are `None`."""

    def __init__(self, status: int, message: str | None = None, reason: str | None = None) -> None:
        super().__init__(status, message, reason)
        self.status = status
        self.message = message
        self.reason = reason

    def response(self) -> Response:
        """The answer: `{"error": {"status": …, "message": …}}`."""
        error: dict[str, Any] = {"status": self.status}
        if self.message is not None:
            error["message"] = self.message
        if self.reason is not None:
            error["reason"] = self.reason
        response = jsonify(error=error)
        response.status_code = self.status
        return response


class OAuthRefusal(Exception):
    """An error of the token endpoint, always with status 400, as Spotify answers."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description

    def response(self) -> Response:
        """The answer: `{"error": …, "error_description": …}`."""
        response = jsonify(error=self.error, error_description=self.description)
        response.status_code = 400
        return response
