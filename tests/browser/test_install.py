"""Without a connection a page says so; with it again the page comes."""

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite


def test_without_a_connection_pages_say_so_and_come_again(enter: Enter, site: RunningSite) -> None:
    walk = enter(site)
    walk.open("/privacy")
    walk.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    walk.context.set_offline(True)
    walk.page.goto(f"{site.url}/settings")
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("No connection")
    font = walk.page.locator("h1").evaluate(
        "h1 => document.fonts.check('700 20px Besley') && getComputedStyle(h1).fontFamily"
    )
    assert font.startswith("Besley")
    walk.context.set_offline(False)
    walk.link("Try again").click()
    expect(walk.page).to_have_url(f"{site.url}/settings")
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Settings")
    walk.faults[:] = [fault for fault in walk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_what_is_kept_for_then_is_of_nobody(enter: Enter, site: RunningSite) -> None:
    walk = enter(site)
    walk.log_in()
    walk.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    walk.open("/your-music")
    kept = walk.page.evaluate(
        """async () => {
          const shelves = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
          const requests = (await Promise.all(shelves.map((shelf) => shelf.keys()))).flat();
          return requests.map((request) => new URL(request.url).pathname);
        }"""
    )
    assert sorted(kept)[0] == "/offline"
    assert all(path.startswith("/static/") for path in sorted(kept)[1:])
    offline = walk.page.evaluate("async () => (await caches.match('/offline')).text()")
    assert "csrf_token" not in offline
    assert "Log out" not in offline
