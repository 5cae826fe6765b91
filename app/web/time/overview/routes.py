"""`/history` with its twins."""

from typing import Any

from flask import Response, abort, render_template

from app.history.figures import DayCount, Ranked, Share, Streak
from app.web.auth import site
from app.web.imports.report import latest
from app.web.representation import json_response
from app.web.time.blueprint import blueprint, current_account_id, parse_range, summary_of
from app.web.time.empty import under_way, without_history
from app.web.time.frame import frame_of
from app.web.time.links import Links
from app.web.time.overview.view import overview_view
from app.web.time.range_query import RangeQuery
from app.web.time.summary import Summary

TOP = 50


@blueprint.get("/history")
def page() -> str:
    """The whole history, or a range of it, at a glance."""
    account_id = current_account_id()
    of = None if account_id is None else summary_of(account_id)
    if of is None:
        return without_history(account_id)
    links = Links(of.asked)
    return render_template(
        "history/overview.html",
        frame=frame_of(of, "history.page"),
        links=links,
        view=overview_view(of, links),
        under_way=under_way(account_id),
    )


@blueprint.get("/history.json")
def report_json() -> Response:
    """A range for programs."""
    account_id = current_account_id()
    if account_id is None:
        abort(404)
    asked = parse_range(account_id)
    of = summary_of(account_id)
    if of is not None:
        return json_response(_to_json(of))
    if latest(site(), account_id) is None:
        abort(404)
    return json_response(_nothing(asked))


def _nothing(asked: RangeQuery) -> dict[str, Any]:
    """The report of somebody who has imported something, but no music."""
    none = {"days": 0, "from": None, "to": None}
    return {
        "range": {
            "from": asked.first.isoformat() if asked.first else None,
            "to": asked.last.isoformat() if asked.last else None,
            "timezone": asked.zone.key,
        },
        "threshold_ms": asked.threshold_ms,
        "totals": dict.fromkeys(("plays", "ms_played", "tracks", "artists", "albums", "days"), 0),
        **{name: [] for name in ("top_artists", "top_tracks", "top_albums")},
        "clock": [[0] * 24 for _ in range(7)],
        "daily": [],
        "streaks": {"longest": none, "current": none},
        "discovery": [],
        "skips": {"rows": 0, "skipped": 0},
        "shuffle": {"rows": 0, "shuffled": 0},
        "offline": {"rows": 0, "offline": 0},
        "platforms": [],
        "countries": [],
    }


def _to_json(of: Summary) -> dict[str, Any]:
    days, rollup, totals = of.days, of.rollup, of.totals
    return {
        "range": {
            "from": days[0].isoformat() if days else None,
            "to": days[1].isoformat() if days else None,
            "timezone": of.asked.zone.key,
        },
        "threshold_ms": of.asked.threshold_ms,
        "totals": {
            "plays": totals.plays,
            "ms_played": totals.ms,
            "tracks": totals.tracks,
            "artists": totals.artists,
            "albums": totals.albums,
            "days": totals.days,
        },
        "top_artists": [_ranked(one, artist=False) for one in of.artists.top(TOP)],
        "top_tracks": [_ranked(one) for one in of.tracks.top(TOP)],
        "top_albums": [_ranked(one) for one in of.albums.top(TOP)],
        "clock": of.clock,
        "daily": [_day(one) for one in of.daily],
        "streaks": {"longest": _streak(of.longest_streak), "current": _streak(of.current_streak)},
        "discovery": [
            {"month": one.month, "artists": one.artists, "tracks": one.tracks} for one in of.discovery
        ],
        "skips": {"rows": rollup.rows, "skipped": rollup.skipped},
        "shuffle": {"rows": rollup.shuffle_rows, "shuffled": rollup.shuffled},
        "offline": {"rows": rollup.offline_rows, "offline": rollup.offline},
        "platforms": [_share(one, "name") for one in of.platforms],
        "countries": [_share(one, "code") for one in of.countries],
    }


def _ranked(one: Ranked, artist: bool = True) -> dict[str, Any]:
    by = {"artist": one.artist} if artist else {}
    return {"rank": one.rank, "name": one.name, **by, "plays": one.plays, "ms_played": one.ms}


def _day(one: DayCount) -> dict[str, Any]:
    return {"date": one.day.isoformat(), "plays": one.plays, "ms_played": one.ms}


def _streak(one: Streak) -> dict[str, Any]:
    first, last = (day.isoformat() if day else None for day in (one.first, one.last))
    return {"days": one.days, "from": first, "to": last}


def _share(one: Share, name: str) -> dict[str, Any]:
    return {name: one.name, "plays": one.plays, "ms_played": one.ms}
