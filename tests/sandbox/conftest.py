"""A sandbox and the steps of its OAuth dance, as a story's "given" and "when"."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox import Client, Knobs, create_sandbox
from app.sandbox.plays import YEARS, _plays_through

APP = Client("liner-notes", "s3cret")
CALLBACK = "http://localhost/callback"  # Flask's test client is on localhost
TOP = "user-top-read"


def csrf_token_in(page: str) -> str:
    """The hidden field of a page; "" where it has none."""
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    return found.group(1) if found else ""


@dataclass
class Dance:
    """Steps against one sandbox; `browser` and `server` are the same WSGI app, as they are for real."""

    client: FlaskClient
    knobs: Knobs
    basic: str = field(default_factory=lambda: b64encode(f"{APP.id}:{APP.secret}".encode()).decode())

    def ask(self, **changed: str) -> dict[str, str]:
        """The query of a good authorize request, with changes; an empty value leaves a part out."""
        good = {"client_id": APP.id, "response_type": "code", "redirect_uri": CALLBACK, "scope": TOP}
        return {name: value for name, value in {**good, **changed}.items() if value}

    def answer(
        self, listener: str = "mira.after.dark", answer: str = "agree", **asked: str
    ) -> dict[str, str]:
        """Post the authorize page; return the query that the app's callback gets."""
        query = self.ask(**asked)
        form = {"listener": listener, "answer": answer, "csrf_token": self.csrf_token(query)}
        response = self.client.post("/accounts/authorize", query_string=query, data=form)
        assert response.status_code == 302, response.text
        found = parse_qs(urlsplit(response.location).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    def csrf_token(self, query: dict[str, str]) -> str:
        """The hidden field of the authorize page; "" where the page asks nothing."""
        page = self.client.get("/accounts/authorize", query_string=query).text
        return csrf_token_in(page)

    def token(self, basic: str | None = None, **form: str) -> TestResponse:
        """Call the token endpoint."""
        headers = {"Authorization": f"Basic {basic or self.basic}"}
        return self.client.post("/accounts/api/token", data=form, headers=headers)

    def exchange(self, code: str, **form: str) -> TestResponse:
        """Exchange an authorization code."""
        good = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.token(**{**good, **form})

    def refresh(self, refresh_token: str) -> TestResponse:
        """Use a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def tokens(self, listener: str = "mira.after.dark", **asked: str) -> dict[str, Any]:
        """The whole dance: a token answer for that listener."""
        answer: dict[str, Any] = self.exchange(self.answer(listener, **asked)["code"]).get_json()
        return answer

    def get(self, path: str, access_token: str) -> TestResponse:
        """Call the Web API."""
        return self.client.get(f"/v1{path}", headers={"Authorization": f"Bearer {access_token}"})

    def post(self, path: str, access_token: str, body: object) -> TestResponse:
        """Write with the Web API."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.client.post(f"/v1{path}", headers=headers, json=body)

    def send(self, method: str, path: str, access_token: str, body: object = None) -> TestResponse:
        """Any call of the Web API, with a JSON body where there is one."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.client.open(f"/v1{path}", method=method, headers=headers, json=body)

    def read(self, path: str, listener: str = "mira.after.dark", **asked: str) -> Any:
        """The JSON of a Web API call by that listener."""
        response = self.get(path, self.tokens(listener, **asked)["access_token"])
        assert response.status_code == 200, response.text
        return response.get_json()


@pytest.fixture(scope="module")
def four_years() -> Iterator[None]:
    """All that a listener has heard; other tests make do with the end of it, which is invented sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.sandbox.plays._DAYS", YEARS * 365 + 1)
        _plays_through.cache_clear()
        yield
    _plays_through.cache_clear()


@pytest.fixture
def dance() -> Dance:
    knobs = Knobs()
    return Dance(create_sandbox([APP], knobs=knobs).test_client(), knobs)
