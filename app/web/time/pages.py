"""What every page under `/history` has round it, and the pages for who has nothing to show there."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Response, after_this_request, render_template, request, url_for

from app.web.auth import logged_in, site
from app.web.format import counted, date_span, long_time, number, service_name
from app.web.imports import report as imports
from app.web.time.current_account import current_account_id
from app.web.time.range_query import Preset, RangeQuery
from app.web.time.range_with_plays import MUSIC, kinds_of
from app.web.time.read_report import RangeReport

PRESETS = {
    Preset.FOUR_WEEKS: "4 weeks",
    Preset.SIX_MONTHS: "6 months",
    Preset.YEAR: "This year",
    Preset.LAST_YEAR: "Last year",
    Preset.ALL: "All time",
}
TABS = (
    ("history.page", "Overview"),
    ("history.years", "Years"),
    ("history.ranks", "Ranks"),
    ("history.discovery", "Discovery"),
    ("history.behaviour", "Behaviour"),
)
TOP_TABS = ("artists", "tracks", "albums")
RANGE = ("range", "from", "to", "tz", "threshold", "from_source")


@dataclass(frozen=True)
class Frame:
    """The page about a report. `address`: what its own address needs beside the range.

    `has_ranges`: whether there is a range to choose. `path`: what stands in the address's path.
    """

    found: RangeReport[Any]
    endpoint: str
    address: dict[str, Any] = field(default_factory=dict)
    has_ranges: bool = True
    path: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> RangeQuery:
        """Which plays it is about."""
        return self.found.query

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and last day, where known."""
        return self.found.days

    @property
    def label(self) -> str:
        """What the tabs are."""
        return "Kind of list" if self.endpoint == "top.page" else "Time"

    def tabs(self) -> list[tuple[str, str, bool]]:
        """The pages beside this one: name, address, and whether it is this one. None for the mood."""
        if self.endpoint == "top.page":
            kept = {"source": self.address["source"]}
            tabs = [
                (
                    kind.capitalize(),
                    self.query.link("top.page", kind=kind, **kept),
                    kind == self.address["kind"],
                )
                for kind in TOP_TABS
            ]
            return [*tabs, ("Genres", url_for("top.page", kind="genres"), False)] if logged_in() else tabs
        if self.endpoint == "mood.page":
            return []
        return [(name, self.query.link(tab), tab == self.endpoint) for tab, name in TABS]

    def ranges(self) -> list[tuple[str, str, bool]]:
        """The ranges that have a name, likewise."""
        query = self.query
        return [
            (
                name,
                query.link_to_preset(self.endpoint, preset, **self.path, **self.address),
                query.preset is preset,
            )
            for preset, name in PRESETS.items()
        ]

    @property
    def chosen(self) -> tuple[object, object]:
        """What the fields for days of one's own hold: what was typed, else the range's first and last day."""
        typed, days = dict(self.query.address), self.days or ("", "")
        return typed.get("from") or days[0], typed.get("to") or days[1]

    @property
    def period(self) -> str:
        """The range in words; "" where it is not known how far it reaches."""
        return date_span(self.days) if self.days else ""

    @property
    def threshold(self) -> str:
        """From when on a play counts: "30 seconds"."""
        return counted(self.query.threshold_ms // 1000, "second")

    @property
    def estimated(self) -> str:
        """For how many plays the listening time is known, and how much of it is estimated; "" where all is
        measured.
        """
        found, sentences = self.found, []
        if found.plays_without_time:
            known, plays = found.plays - found.plays_without_time, counted(found.plays, "play")
            sentences.append(f"How long they lasted is known for {number(known)} of {plays}.")
        if found.estimated_plays:
            time, plays = long_time(found.estimated_ms), counted(found.estimated_plays, "play")
            which = "whose length nobody measured" if len(found.services) > 1 else "that arrived live"
            sentences.append(f"About {time} of the listening time is estimated, for {plays} {which}.")
        return " ".join(sentences)

    def sources(self) -> list[tuple[str, str, bool]]:
        """The services that told of plays: name, the page about their plays, and whether it is this one.

        None where there is one service.
        """
        query, services = self.query, self.found.services
        if len(services) < 2 and not query.service:
            return []
        return [
            (
                service_name(service) if service else "All sources",
                query.from_service(service).link(self.endpoint, **self.path, **self.address),
                query.service == service,
            )
            for service in (None, *services)
        ]

    @property
    def zone(self) -> str:
        """The time zone's name."""
        return self.query.zone.key

    @property
    def action(self) -> str:
        """Where the form for a range of one's own leads."""
        return url_for(self.endpoint, **self.path, **self.address).partition("?")[0]

    @property
    def hidden(self) -> dict[str, str]:
        """What a form on the page carries along, beside the range."""
        in_path = ("kind",) if self.endpoint == "top.page" else ()
        return {name: value for name, value in self.address.items() if value and name not in in_path}

    @property
    def all_time(self) -> str:
        """The same page about the whole history."""
        return self.query.link_to_all_time(self.endpoint, **self.path, **self.address)


def history_page(
    template: str,
    found: RangeReport[Any],
    endpoint: str,
    address: dict[str, Any] | None = None,
    has_ranges: bool = True,
    **values: Any,
) -> str:
    """The page at `endpoint` about a report, with its frame round it."""
    frame = frame_of(found, endpoint, address, has_ranges)
    return render_template(template, frame=frame, report=found.report, query=range_arguments(), **values)


def frame_of(
    found: RangeReport[Any],
    endpoint: str,
    address: dict[str, Any] | None = None,
    has_ranges: bool = True,
    path: dict[str, Any] | None = None,
) -> Frame:
    """What goes round the page at `endpoint`. Days that are none make its status a 400."""
    if found.query.wrong:

        @after_this_request
        def say_so(response: Response) -> Response:
            response.status_code = 400
            return response

    return Frame(found, endpoint, address or {}, has_ranges, path or {})


def range_arguments() -> dict[str, Any]:
    """The range as the address has it, for links that keep it."""
    return {name: request.args[name] for name in RANGE if name in request.args}


def no_history(account_id: int | None) -> str:
    """The page in place of any other, for somebody without music in their history."""
    kinds = kinds_of(site().store, account_id) if account_id is not None else ()
    return render_template(
        "time/nothing.html",
        under_way=import_under_way(account_id),
        failed=_import_failed(account_id),
        others=[kind for kind in kinds if kind != MUSIC],
    )


def no_plays(title: str, what: str = "plays") -> str:
    """The page for who has no plays of a kind; while an import goes on, it says so and looks again."""
    under_way = import_under_way(current_account_id())
    return render_template("time/nothing_of_it.html", heading=title, what=what, under_way=under_way)


def import_under_way(account_id: int | None) -> str | None:
    """How far the import is that goes on, in a sentence; `None` without one."""
    receipt = imports.latest(site(), account_id) if account_id is not None else None
    if receipt is None or not receipt.under_way:
        return None
    read = receipt.rows["read"]
    return f"{counted(read, 'row')} read so far." if read else "It has just begun."


def _import_failed(account_id: int | None) -> bool:
    receipt = imports.latest(site(), account_id) if account_id is not None else None
    if receipt is None:
        return False
    kept_nothing = receipt.state == imports.DONE and not receipt.rows["kept"]
    return kept_nothing or receipt.state == imports.FAILED
