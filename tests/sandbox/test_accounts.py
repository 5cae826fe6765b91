"""The authorize page: what it shows, whom it refuses, where it leads."""

import re

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.sandbox.conftest import CALLBACK, Dance


def test_a_listener_with_markup_in_the_name_is_escaped(dance: Dance) -> None:
    page = dance.client.get("/accounts/authorize", query_string=dance.ask()).text

    assert "Nour 🌍 &lt;em&gt;Castellanos&lt;/em&gt;" in page
    assert "<em>" not in page


def test_the_page_is_locked_down_but_may_post_to_the_callback(dance: Dance) -> None:
    headers = dance.client.get("/accounts/authorize", query_string=dance.ask()).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://localhost"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "user-read-minds"}, "invalid_scope"),
        ({"code_challenge": "x" * 43}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "too-short", "code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_a_faulty_request_goes_back_with_an_error(dance: Dance, changed: dict[str, str], error: str) -> None:
    response = dance.client.get("/accounts/authorize", query_string=dance.ask(**changed))

    assert (response.status_code, response.location) == (302, f"{CALLBACK}?error={error}")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "someone-else"},
        {"redirect_uri": "http://evil.example/callback"},
        {"redirect_uri": "http://localhost/callback/"},
        {"redirect_uri": "https://localhost/callback"},
        {"redirect_uri": ""},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_never_redirects_for_a_bad_client_or_redirect_uri(
    dance: Dance, method: str, changed: dict[str, str]
) -> None:
    response = dance.client.open(
        "/accounts/authorize", method=method, query_string=dance.ask(**changed), data={"answer": "agree"}
    )

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "This link does not work" in response.text


def test_it_refuses_an_answer_posted_from_another_site(dance: Dance) -> None:
    response = dance.client.post(
        "/accounts/authorize",
        query_string=dance.ask(),
        data={"listener": "mira.after.dark", "answer": "agree", "csrf_token": dance.csrf_token(dance.ask())},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert response.status_code == 400


@pytest.mark.parametrize("brought", ["", "of-another-request"])
def test_it_refuses_an_answer_that_does_not_belong_to_the_page(dance: Dance, brought: str) -> None:
    token = brought and dance.csrf_token(dance.ask(state="another"))
    form = {"listener": "mira.after.dark", "answer": "agree", "csrf_token": token}

    response = dance.client.post("/accounts/authorize", query_string=dance.ask(state="mine"), data=form)

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_an_answer_of_a_megabyte_is_refused(dance: Dance) -> None:
    form = {
        "listener": "mira.after.dark",
        "answer": "agree",
        "csrf_token": dance.csrf_token(dance.ask()),
        "more": "x" * 2**20,
    }
    response = dance.client.post("/accounts/authorize", query_string=dance.ask(), data=form)

    assert response.status_code == 413
    assert "Location" not in response.headers


def test_mounted_below_a_site_its_assets_are_found_below_the_mount(dance: Dance) -> None:
    site = Client(DispatcherMiddleware(Response("the site"), {"/demo/spotify": dance.client.application}))

    page = site.get("/demo/spotify/accounts/authorize", query_string=dance.ask()).text

    linked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(linked) == 6
    assert all(url.startswith("/demo/spotify/") for url in linked)
    assert {site.get(url, buffered=True).status_code for url in linked} == {200}
