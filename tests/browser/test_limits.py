"""What the scripts do when the site has had enough of an address: a sentence, and no storm of requests."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.running import running_site
from tests.history.made import body, plays


def requests_to(page: Page, path: str) -> list[str]:
    """The requests to that path from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if path in request.url else None)
    return seen


def test_search_as_you_type_waits_until_the_site_answers_again(enter: Enter, tmp_path: Path) -> None:
    with running_site(tmp_path / "site", LIMIT_SEARCHES="1/minute") as site:
        walk = enter(site)
        page = walk.page
        page.clock.install()
        walk.open("/search?q=love")
        asked = requests_to(page, "/search?")
        field = page.get_by_role("searchbox")
        field.fill("love me")
        page.clock.run_for(400)
        note = page.locator("#finds .note")
        expect(note).to_contain_text("Too many searches from your address")
        expect(note).to_contain_text("Come back after")
        assert len(asked) == 1
        for words in ("love me d", "love me do", "love me don", "love me dont"):
            field.fill(words)
            page.clock.run_for(5000)
        assert len(asked) == 1
        expect(note).to_be_visible()
        with page.expect_request(re.compile("q=love\\+me\\+dont")):
            page.clock.run_for(60_000)
        page.close()
        walk.faults.clear()  # Chromium reports every answer of 429


def test_an_upload_too_many_says_when_to_send_it_again(enter: Enter, tmp_path: Path) -> None:
    with running_site(tmp_path / "site", has_app=False, LIMIT_UPLOADS="0/hour") as site:
        walk = enter(site)
        walk.open("/history/import")
        walk.page.set_input_files(
            "input[name=files]",
            {"name": "endsong_0.json", "mimeType": "application/json", "buffer": body(plays(1))},
        )
        sent = requests_to(walk.page, "/history/import")
        walk.button("Import").click()
        expect(walk.page.get_by_role("alert")).to_have_text(
            re.compile(
                r"^Too many uploads from your address\. Nothing of this upload was kept; "
                r"send it again after \d\d:\d\d\.$"
            )
        )
        assert sent == [f"{site.url}/history/import"]  # no token in the address
        walk.page.close()
        walk.faults.clear()
