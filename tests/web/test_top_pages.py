"""The top lists as pages: every kind and range, awkward and empty accounts, and the way back from a form."""

import re

import pytest

from tests.conftest import Browser

KINDS = ("tracks", "artists", "genres", "albums")


@pytest.fixture
def mira(browser: Browser) -> Browser:
    """Someone who is logged in."""
    browser.log_in()
    return browser


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("time_range", ["short_term", "medium_term", "long_term"])
def test_every_list_keeps_the_range_in_its_tabs_and_the_kind_in_its_pills(
    mira: Browser, kind: str, time_range: str
) -> None:
    page = mira.get(f"/top/{kind}?time_range={time_range}").text
    assert f"<h1>Top {kind}</h1>" in page
    for other in KINDS:
        assert f'href="/top/{other}?time_range={time_range}"' in page
    for pill in ("short_term", "medium_term", "long_term"):
        assert f'href="/top/{kind}?time_range={pill}"' in page
    assert f'href="/top/{kind}.json?time_range={time_range}"' in page
    assert f'href="/top/{kind}.csv?time_range={time_range}"' in page


def test_all_fifty_are_shown(mira: Browser) -> None:
    page = mira.get("/top/tracks").text
    assert len(re.findall(r'<li class="track entry', page)) == 50
    assert len(re.findall(r'<li class="beside-row', page)) == 100


def links(page: str) -> tuple[list[str], list[str]]:
    """Where the covers of a page's rows lead, and where the names beside them do."""
    covers = re.findall(
        r'<a class="cover-link" href="([^"]+)" rel="noopener" tabindex="-1" aria-hidden="true"><(?:img|svg)',
        page,
    )
    assert page.count('class="cover-link"') == len(covers)
    name = r'<p class="track-name"[^>]*><a class="item-link" href="([^"]+)"'
    names = re.findall(name, page.partition('class="beside')[0])
    return covers, names


@pytest.mark.parametrize("kind", ["tracks", "artists", "albums"])
def test_names_lead_to_their_page_here_and_covers_to_spotify(mira: Browser, kind: str) -> None:
    items = mira.get(f"/top/{kind}.json").get_json()["items"]
    covers, names = links(mira.get(f"/top/{kind}").text)
    assert covers == [one["url"] for one in items]
    assert names == [f"/{kind[:-1]}/{one['id']}" for one in items]


@pytest.mark.parametrize("kind", KINDS)
def test_awkward_names_are_text(browser: Browser, kind: str) -> None:
    browser.log_in("نور-nour-✈")
    page = browser.get(f"/top/{kind}").text
    assert "<script>alert(1)" not in page
    assert kind == "genres" or "&lt;script&gt;alert(1)" in page


def test_a_file_of_ones_own_is_marked(browser: Browser) -> None:
    browser.log_in("نور-nour-✈")
    assert '<span class="tag">local file</span>' in browser.get("/top/tracks").text


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_account_is_told_what_to_do(browser: Browser, kind: str) -> None:
    browser.log_in("31x7qkd0newhere")
    page = browser.get(f"/top/{kind}").text
    assert "Listen for a few weeks and come back." in page
    assert "Save as playlist" not in page


def test_refreshing_comes_back_to_the_list(mira: Browser) -> None:
    mira.get("/top/genres?time_range=long_term")
    back = mira.post("/your-music/refresh", next="/top/genres?time_range=long_term")
    assert (back.status_code, back.headers["Location"]) == (303, "/top/genres?time_range=long_term")


@pytest.mark.parametrize(
    "wanted", ["https://example.com/", "//example.com/", "/\\example.com", "/logout", ""]
)
def test_refreshing_leads_to_no_other_site(mira: Browser, wanted: str) -> None:
    mira.get("/your-music")
    back = mira.post("/your-music/refresh", next=wanted, time_range="short_term")
    assert back.headers["Location"] == "/your-music?time_range=short_term"
