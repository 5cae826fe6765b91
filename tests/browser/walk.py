"""A walk through the site in a real browser, which notices everything that a page should not do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

from tests.browser.running import RunningSite

# Chromium reports most violations on the console; this catches those that it does not.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`);
});
"""
# Makes every picture load, those below the fold too; gives the addresses of those that cannot be shown.
_BROKEN_PICTURES = """
async (pictures) => {
  const broken = await Promise.all(pictures.map(async (picture) => {
    picture.loading = "eager";
    try {
      await picture.decode();
      return picture.naturalWidth > 0 ? null : picture.currentSrc;
    } catch {
      return picture.src;
    }
  }));
  return broken.filter((address) => address !== null);
}
"""
# Axe, with nothing else of what it found: all that would have to come through to us.
_VIOLATIONS = """
([context, options]) => axe.run(context, options).then(({ violations }) => ({ violations }))
"""
# What fades from one colour to another is asked about when it has got there.
_COLOURS_ARE_SETTLED = """
() => Promise.allSettled(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map((animation) => animation.finished)).then(() => null)
"""
_SHOWN = "[...document.body.querySelectorAll('*')].filter((element) => element.checkVisibility())"
_REMEMBER = f"() => {{ window.shownBefore = new WeakSet({_SHOWN}); }}"
# The same for what is shown only now, and was not on the screen before.
_NEW_VIOLATIONS = f"""
async ([exclude, options]) => {{
  const added = new Set({_SHOWN}.filter((element) => !window.shownBefore.has(element)));
  const include = [...added].filter((element) => !added.has(element.parentElement));
  if (include.length === 0) return {{ violations: [] }};
  const {{ violations }} = await axe.run({{ include, exclude }}, options);
  return {{ violations }};
}}
"""
ROWS = 12  # of a list, where they stand for the others
_FITS = "() => document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"


@dataclass(frozen=True)
class Look:
    """A screen, in CSS pixels, and what its owner prefers."""

    width: int = 1280
    height: int = 900
    scheme: Literal["light", "dark"] = "light"

    @property
    def options(self) -> dict[str, Any]:
        """What a browser context is made with."""
        return {"viewport": {"width": self.width, "height": self.height}, "color_scheme": self.scheme}

    def __str__(self) -> str:
        return f"{self.width}px-{self.scheme}"


_AXE = Axe()
MIRA = "Mira Halloran"  # the first listener
PRIVACY = "What is kept, and how to remove it"  # the link of every page
DESKTOP = Look()
DARK = Look(scheme="dark")
PHONE = Look(360, 800)


def _beyond(rows: int | None) -> list[list[str]]:
    """What axe leaves out where it looks only at so many rows of each list and table."""
    return [[f"{row}:nth-child(n + {rows + 1})"] for row in ("li", "tr")] if rows else []


class Walk:
    """One person's browser on one site. `faults`: what went wrong on the way, to be empty at the end."""

    def __init__(self, context: BrowserContext, site: RunningSite) -> None:
        self.context = context
        self.site = site
        self.faults: list[str] = []
        self.clicks = 0
        self._refusals: set[int] = set()
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)
        context.on("response", self._response)
        context.on("dialog", self._dialog)
        self.page: Page = context.new_page()

    # What a person does

    def open(self, path: str = "/", status: int = 200) -> None:
        """Opens an address of the site; `status` is what it should answer."""
        self._refusals.add(status)
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        assert answer.status == status, f"{path} answers {answer.status}"
        self._refusals.discard(status)

    def click(self, target: Locator) -> None:
        """Clicks, and counts it."""
        self.clicks += 1
        target.click()

    def link(self, name: str) -> Locator:
        """The link of exactly that name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        """The button of exactly that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def log_out(self) -> None:
        """Leaves, as one does on the page "You"."""
        self.click(self.link("You"))
        self.click(self.button("Log out"))

    def range_pill(self, label: str) -> Locator:
        """The choice of the range control with that label."""
        return self.page.get_by_role("navigation", name="Time range").get_by_role("link", name=label)

    def log_in(self, listener: str = "", demo: bool = True) -> None:
        """From an address to the overview, as the first listener unless one is named."""
        self.open("/login?demo=1" if demo else "/login")
        if listener:
            self.page.get_by_label(listener).check()
        self.button("Agree").click()
        expect(self.page.get_by_role("heading", level=1, name="Hello")).to_be_visible()
        self.page.wait_for_load_state()  # with its styles

    def track_names(self) -> list[str]:
        """The top tracks that the page shows."""
        return self.page.locator(".track-name").all_inner_texts()

    # What a page owes

    def should_fit(self) -> None:
        """The page does not scroll sideways."""
        assert self.page.evaluate(_FITS), f"{self.page.url} scrolls sideways"

    def should_have_one_title(self) -> None:
        """One heading of the first level, with words in it."""
        titles = self.page.locator("h1").all_inner_texts()
        assert len(titles) == 1, titles
        assert titles[0].strip()

    def should_be_accessible(self, rules: Sequence[str] = (), rows: int | None = None) -> None:
        """No automatic accessibility violation of these rules; without any, of all.

        `rows`: only so many of each list and table, for all come from one template.
        """
        self._should_find_nothing(_VIOLATIONS, {"exclude": _beyond(rows)}, rules)

    def should_be_well_on_every_screen(self, every_row: bool = False) -> None:
        """The page has one title; it fits and is accessible on phone and desktop, and by night.

        A desktop is asked about what it shows and a phone does not, the night about its colours, which are
        all that it changes; it falls at once where reduced motion is preferred. `every_row`: about all rules
        and every row of long lists too.
        """
        self.should_have_one_title()
        self._look_at(PHONE)
        self.should_be_accessible(rows=ROWS)
        self.page.evaluate(_REMEMBER)
        self._look_at(DESKTOP)
        self._should_find_nothing(_NEW_VIOLATIONS, _beyond(ROWS))
        self._look_at(DARK)
        if every_row:
            self.should_be_accessible()
        else:
            self.should_be_accessible(["color-contrast"], rows=ROWS)

    def _should_find_nothing(self, script: str, context: object, rules: Sequence[str] = ()) -> None:
        options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE.axe_script)
        self.page.evaluate(_COLOURS_ARE_SETTLED)
        found = AxeResults(self.page.evaluate(script, [context, options]))
        assert found.violations_count == 0, found.generate_report()

    def _look_at(self, look: Look) -> None:
        self.page.set_viewport_size({"width": look.width, "height": look.height})
        self.page.emulate_media(color_scheme=look.scheme)
        self.should_fit()

    def should_show_every_picture(self) -> None:
        """Every picture of the page loads."""
        pictures = self.page.locator("img")
        assert pictures.count() > 0, "no picture at all"
        broken = pictures.evaluate_all(_BROKEN_PICTURES)
        assert not broken, f"broken pictures: {broken}"

    # What is noticed

    def _console(self, message: ConsoleMessage) -> None:
        # Refused requests are noticed as answers, with their status and address.
        refused = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"uncaught error: {error.error.message}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc not in self.site.hosts:
            self.faults.append(f"foreign host: {request.url}")

    def _request_failed(self, request: Request) -> None:
        # What is still on its way when the person moves on is aborted: pictures, the icon of the tab.
        left_behind = request.resource_type != "document" and request.failure == "net::ERR_ABORTED"
        if not left_behind:
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._refusals:
            self.faults.append(f"{response.status}: {response.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()
