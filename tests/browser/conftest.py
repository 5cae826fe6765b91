"""A real Chromium, real servers, and walks that must end without a fault. All tests here are `browser`."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState

from tests.browser.running import RunningSite, running_site
from tests.browser.walk import DESKTOP, Look, Walk

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # All pages are ours: one process draws them, which is a fifth less work.
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--in-process-gpu",
    # The popup below the address bar is a page, which every new window would draw: half of what a window
    # takes. Chromium minds the last list of features alone, so that Playwright's own has to be said again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,"
    "PreconnectToSearch",
)

Enter = Callable[..., Walk]
Remembered = Callable[[str], StorageState]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium. Where there is none: a skip, but a failure in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium for the browser tests", pytrace=False)
        pytest.skip("there is no Chromium on this machine")
    return {"executable_path": CHROMIUM, "args": list(QUIETLY)}


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: every walk knows its own site. (The plugin's own fixture raises a warning in pytest 9.)"""


@pytest.fixture(scope="session")
def browser(launch_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """The real browser; elsewhere in the tests this name is a browser without JavaScript."""
    browser = launch_browser()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site with a Spotify app, which logs people in at another server."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def site_without_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site that nobody has set up a Spotify app for: the demo alone is open."""
    with running_site(tmp_path_factory.mktemp("site-without-app"), has_app=False) as running:
        yield running


@pytest.fixture
def site_apart(tmp_path: Path) -> Iterator[RunningSite]:
    """A site of this test alone, whose Spotify may be spoiled."""
    with running_site(tmp_path / "site-apart") as running:
        yield running


@pytest.fixture
def enter(new_context: Callable[..., BrowserContext]) -> Iterator[Enter]:
    """Begins walks: `enter(site, look, **options of a browser context)`. None may end in a fault."""
    walks: list[Walk] = []

    def begin(site: RunningSite, look: Look = DESKTOP, **options: Any) -> Walk:
        walks.append(Walk(new_context(**look.options | options), site))
        return walks[-1]

    yield begin
    for walk in walks:
        walk.page.close()
    assert [fault for walk in walks for fault in walk.faults] == []


@pytest.fixture
def walk(enter: Enter, site: RunningSite) -> Walk:
    """A walk through the site on a desktop."""
    return enter(site)


@pytest.fixture(scope="session")
def remembered(browser: Browser, site: RunningSite) -> Remembered:
    """The cookies of listeners who have logged in once, for `enter(site, storage_state=...)`: no test of
    these may log them out."""

    @cache
    def cookies(listener: str) -> StorageState:
        context = browser.new_context()
        walk = Walk(context, site)
        walk.log_in(listener)
        state = context.storage_state()
        context.close()
        assert walk.faults == []
        return state

    return cookies
