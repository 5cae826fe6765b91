"""One walk through the whole site."""

from tests.conftest import Browser


def test_a_person_logs_in_and_sees_their_music(browser: Browser) -> None:
    assert browser.get("/").status_code == 200
    back = browser.login()
    assert back.headers["Location"] == "/your-music"
    page = browser.get("/your-music")
    assert page.status_code == 200
    report = browser.get("/your-music.json").json
    assert report is not None
    assert len(report["top_artists"]) == 50
    assert browser.post("/logout").headers["Location"] == "/?note=logged-out"
    assert browser.get("/your-music").headers["Location"] == "/?next=/your-music"
