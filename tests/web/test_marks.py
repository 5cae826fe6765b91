"""What the marks of charts lead to: a day, an hour of the week, ranks; and what their cards tell."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.history.figures import DayCount, Ranked, YearSoFar, year_so_far
from app.history.leaders import Leaders, leading_artists
from app.history.patterns import MONTH
from app.store.accounts import add_local_account
from app.store.engine import Store
from app.web.charts.bump import bump
from app.web.charts.mood_lines import mood_lines
from app.web.charts.year_lines import year_lines
from app.web.time.range_query import RangeQuery
from app.web.time.range_with_plays import RangeWithPlays, range_with_plays
from app.web.time.ranks.report import rank_report
from tests.conftest import Browser
from tests.exports import Entry, history_of, played
from tests.history_more import bring_in, keep_private, site_of
from tests.web.test_history_lists import UTC

# Berlin is an hour ahead: the last play of the 4th is one of the 5th there.
ROWS = [
    played("2021-02-01 10:00", "Red", "Ada", album="Warm"),
    played("2021-03-04 08:00", "Blue", "Ada", album="Cold"),
    played("2021-03-04 22:10", "Blue", "Ada", album="Cold"),
    played("2021-03-04 22:20", "Green", "Bo & <Co>", ms=100_000, album="Leaf"),
    played("2021-03-04 22:30", "Skipped", "Ada", ms=5_000),
    played("2021-03-04 23:30", "Late", None),
    played("2021-03-11 22:05", "Green", "Bo & <Co>", album="Leaf"),
]


@pytest.fixture
def listener(app: Flask) -> Browser:
    return keep_private(app, ROWS)[0]


def json(browser: Browser, path: str) -> dict[str, Any]:
    answer = browser.get(path)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_day_has_its_plays_in_order(listener: Browser) -> None:
    day = json(listener, "/history/day/2021-03-04.json?tz=UTC")

    assert [(play["started_at"], play["track"], play["artist"]) for play in day["plays"]] == [
        ("2021-03-04T08:00:00Z", "Blue", "Ada"),
        ("2021-03-04T22:10:00Z", "Blue", "Ada"),
        ("2021-03-04T22:20:00Z", "Green", "Bo & <Co>"),
        ("2021-03-04T23:30:00Z", "Late", None),
    ]
    assert (day["totals"]["plays"], day["totals"]["ms_played"], day["short_plays"]) == (4, 700_000, 1)
    assert (day["before"], day["after"]) == ("2021-02-01", "2021-03-11")


def test_a_day_shows_no_length_where_nobody_knows_it(app: Flask) -> None:
    listener, account_id = keep_private(app)
    site = site_of(app)
    body = b"uts,artist,track\n1614852000,Ada,Blue\n"
    bring_in(site.store, site.uploads.ready(), account_id, body)

    (play,) = json(listener, "/history/day/2021-03-04.json?tz=UTC")["plays"]
    assert (play["track"], play["ms_played"]) == ("Blue", None)
    assert '"day-length">–<' in listener.get("/history/day/2021-03-04?tz=UTC").text
    assert "How long they lasted is known for 0 of 1 play." in listener.get("/history/2021?tz=UTC").text


def test_a_day_is_the_listeners_own(listener: Browser) -> None:
    day = json(listener, "/history/day/2021-03-05.json?tz=Europe/Berlin")

    assert [play["track"] for play in day["plays"]] == ["Late"]
    assert (day["before"], day["after"]) == ("2021-03-04", "2021-03-11")


def test_a_days_page_keeps_the_clock_and_leads_to_other_days(listener: Browser) -> None:
    listener.get("/history/day/2021-03-04?tz=UTC&threshold=20")

    assert re.findall(r'<time datetime="[^"]*">([^<]*)</time>', listener.page) == [
        "08:00",
        "22:10",
        "22:20",
        "23:30",
    ]
    assert "Bo &amp; &lt;Co&gt;" in listener.page
    assert 'rel="prev" href="/history/day/2021-02-01?tz=UTC&amp;threshold=20"' in listener.page
    assert 'rel="next" href="/history/day/2021-03-11?tz=UTC&amp;threshold=20"' in listener.page


def test_a_day_without_plays_says_so(listener: Browser) -> None:
    listener.get("/history/day/2021-03-06")

    assert "No music on this day." in listener.page


@pytest.mark.parametrize("day", ["2021-02-30", "today", "1066-10-14", "20210304"])
def test_what_is_no_day_is_not_found(listener: Browser, day: str) -> None:
    assert listener.get(f"/history/day/{day}").status_code == 404
    assert listener.get(f"/history/day/{day}.json").status_code == 404


@pytest.mark.parametrize(
    ("asked", "plays", "top"),
    [
        ("from=2021-03-01&to=2021-03-31", 5, [("Ada", 2), ("Bo & <Co>", 2)]),
        ("hour=22&weekday=3", 3, [("Bo & <Co>", 2), ("Ada", 1)]),
        ("hour=0&weekday=0", 0, []),
        ("from=2021-03-01&to=2021-03-31&artist=ADA", 2, [("Blue", 2)]),
    ],
)
def test_a_card_tells_what_was_played_most(
    listener: Browser, asked: str, plays: int, top: list[tuple[str, int]]
) -> None:
    card = json(listener, f"/history/mark.json?tz=UTC&{asked}")

    assert card["plays"] == plays
    assert [(item["name"], item["plays"]) for item in card["top"]] == top
    assert all(item["picture"] and item["href"] for item in card["top"])


@pytest.mark.parametrize(
    ("asked", "status"), [("hour=24", 400), ("weekday=7", 400), ("hour=-1", 400), ("artist=Nobody", 404)]
)
def test_a_card_that_makes_no_sense(listener: Browser, asked: str, status: int) -> None:
    assert listener.get(f"/history/mark.json?{asked}").status_code == status


def test_nobody_sees_anothers_plays(listener: Browser, app: Flask) -> None:
    stranger = Browser(app)

    for path in ("/history/mark.json", "/history/day/2021-03-04.json", "/history/ranks.json"):
        assert listener.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    assert "Green" not in stranger.get("/history/day/2021-03-04").text


def test_a_list_of_an_hour_of_the_week(listener: Browser) -> None:
    found = json(listener, "/history/tracks.json?tz=UTC&hour=22&weekday=3")
    assert [(item["name"], item["plays"]) for item in found["items"]] == [("Green", 2), ("Blue", 1)]

    listener.get("/top/tracks?source=plays&tz=UTC&hour=22&weekday=3")
    assert "Only plays of Thursdays, 22:00 to 22:59" in listener.page
    by_time = re.search(r'href="([^"]*by=time[^"]*)"', listener.page)
    assert by_time
    assert {"hour=22", "weekday=3"} <= set(by_time[1].split("&amp;"))


def test_columns_days_and_hours_lead_to_their_own_pages(listener: Browser) -> None:
    listener.get("/history?tz=UTC&from=2021-03-01&to=2021-03-31")

    for link in (
        "/history/day/2021-03-04?tz=UTC",
        "/top/artists?source=plays&amp;weekday=3&amp;hour=22&amp;from=2021-03-01&amp;to=2021-03-31&amp;tz=UTC",
    ):
        assert f'href="{link}"' in listener.page


# Ranks


def of(store: Store, rows: list[Entry], first: date | None = None) -> RangeWithPlays:
    account_id = add_local_account(store)
    history_of(store, account_id, rows)
    asked = RangeQuery(UTC, date(2021, 4, 1), 30_000, None, first)
    found = range_with_plays(store, account_id, asked)
    assert found is not None
    return found


def leaders(periods: tuple[Leaders, ...] | list[Leaders]) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(one.period, [(artist.name, artist.plays) for artist in one.artists]) for one in periods]


def test_the_leaders_of_each_month(store: Store) -> None:
    rows = [*ROWS, played("2021-06-01 10:00", "Red", "Ada")]

    assert leaders(rank_report(of(store, rows)).periods) == [
        ("2021-02", [("Ada", 1)]),
        ("2021-03", [("Ada", 2), ("Bo & <Co>", 2)]),
        ("2021-04", []),
        ("2021-05", []),
        ("2021-06", [("Ada", 1)]),
    ]


def test_a_month_goes_on_from_one_block_of_plays_to_the_next(store: Store) -> None:
    selection = of(store, ROWS)
    (plays,) = selection.plays()
    blocks = [plays.between(0, int(plays.start[3])), plays.between(int(plays.start[3]), 2**40)]

    assert leaders(leading_artists(blocks, selection.names, UTC, MONTH, 1)) == [
        ("2021-02", [("Ada", 1)]),
        ("2021-03", [("Ada", 2)]),
    ]


def test_only_the_latest_months_are_ranked_and_the_others_counted(store: Store) -> None:
    rows = [
        played(f"{year}-{month:02}-10 10:00", "Red", "Ada") for year in (2018, 2019, 2020) for month in (1, 9)
    ]
    selection = of(store, rows)

    by_year, by_month = rank_report(selection), rank_report(selection, "month")

    assert (by_year.by, [one.period for one in by_year.periods], by_year.left_out) == (
        "year",
        ["2018", "2019", "2020"],
        0,
    )
    assert (by_month.periods[0].period, by_month.periods[-1].period) == ("2019-01", "2020-09")
    assert by_month.left_out == 9


def test_lines_break_where_an_artist_is_not_among_the_first() -> None:
    first, second = Ranked(1, 0, "Ada", None, 3, 0), Ranked(2, 1, "Bo", None, 1, 0)
    periods = [
        Leaders("2019", (first, second)),
        Leaders("2020", (replace(second, rank=1, plays=3),)),
        Leaders("2021", (first, replace(second, plays=2))),
    ]

    chart = bump(periods, 2)

    ways = {line.name: [(place.at, place.rank) for place in line.places] for line in chart.lines}
    assert ways == {"Ada": [(0, 1), (2, 1)], "Bo": [(0, 2), (1, 1), (2, 2)]}
    assert {line.name: [part.at for part in line.segments] for line in chart.lines} == {
        "Ada": [],
        "Bo": [1, 2],
    }
    assert chart.tones == {1: 0, 0: 1}


def test_the_ranks_page_lists_every_period(listener: Browser) -> None:
    listener.get("/history/ranks?by=month")

    assert re.findall(r'<h3 id="period-\d+"><a [^>]*>([^<]*)<', listener.page) == [
        "March 2021",
        "February 2021",
    ]
    assert listener.get("/history/ranks?by=day").status_code == 400


# Years, and the mood over time


def test_this_year_is_compared_with_the_last_at_the_same_date() -> None:
    hour = 3_600_000
    days = [DayCount(date(2023, 1, 1), 1, 10 * hour), DayCount(date(2023, 12, 31), 1, 30 * hour)]
    days += [DayCount(date(2024, 1, 1), 1, 12 * hour), DayCount(date(2024, 2, 29), 1, 20 * hour)]
    this, last = year_so_far(days, date(2024, 2, 29)), year_so_far(days, date(2023, 12, 31))

    chart = year_lines(this, last)

    assert (this.ms[0], this.ms[-1], last.ms[-1], len(last.ms)) == (12 * hour, 32 * hour, 40 * hour, 365)
    assert chart.sentence == (
        "By 29 February you had listened for 32 h in 2024, 22 h more than by the same day of 2023."
    )
    assert (chart.weeks[-1].last, chart.weeks[-1].last_year) == (date(2024, 2, 29), "10 h")
    assert sum(week.width for week in chart.weeks) == 60


def test_years_that_are_level_say_so() -> None:
    this, last = YearSoFar(2024, (3_600_000,)), YearSoFar(2023, (3_600_000,) * 365)

    assert year_lines(this, last).sentence.endswith("as much as by the same day of 2023.")


def test_the_moods_scale_follows_the_means() -> None:
    chart = mood_lines([(0.52, 0.61), (None, None), (0.56, 0.58)])

    assert (round(chart.low, 2), round(chart.high, 2)) == (0.5, 0.65)
    assert [round(level, 3) for level, _ in chart.levels] == [0.5, 0.575, 0.65]
    assert (chart.points[1].valence, len(chart.valence)) == (None, 1)
    assert 3.0 <= (chart.points[0].energy or 0) < (chart.points[0].valence or 0) <= 97.0
