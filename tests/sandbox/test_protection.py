"""What every answer of the sandbox carries, whatever kind it is."""

from urllib.parse import urlencode

import pytest

from tests.sandbox.conftest import Dance

EVERY_KIND = {
    "a page": ("GET", "/accounts/authorize?{asked}", 200),
    "a page that refuses": ("GET", "/accounts/authorize", 400),
    "a redirect": ("GET", "/accounts/authorize?{asked}&code_challenge=x", 302),
    "a token refused": ("POST", "/accounts/api/token", 400),
    "JSON": ("GET", "/reccobeats/v1/audio-features?ids=x", 200),
    "JSON refused": ("GET", "/v1/me", 401),
    "a picture": ("GET", "/pictures/album/x.svg", 200),
    "a style sheet": ("GET", "/static/sandbox.css", 200),
    "nothing": ("GET", "/nothing", 404),
    "the wrong method": ("PUT", "/accounts/authorize", 405),
}


@pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_every_answer_is_hardened(dance: Dance, method: str, path: str, status: int) -> None:
    asked = path.format(asked=urlencode(dance.ask()))
    plain, secure = (
        dance.client.open(asked, method=method, base_url=f"{scheme}://localhost", buffered=True)
        for scheme in ("http", "https")
    )

    assert plain.status_code == status
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["X-Content-Type-Options"] == "nosniff"
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
