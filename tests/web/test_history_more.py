"""Discovery, behaviour, years, podcasts and audiobooks: every number from an export made by hand."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.history_more import Row, account_row, chapter, episode, keep_private, play

PAGES = ("discovery", "behaviour", "mood", "years", "2024", "podcasts", "audiobooks")


def weekly(first: str, weeks: int, track: str, artist: str = "Mira Rose") -> list[Row]:
    """A play a week."""
    begin = datetime.fromisoformat(first)
    return [play(f"{begin + timedelta(weeks=n):%Y-%m-%d %H:%M}", track, artist) for n in range(weeks)]


@pytest.fixture
def export() -> list[Row]:
    """Two years: Tide weekly all along, Ebb for 25 weeks of the first, Foam much in a week of the second."""
    foam = [play(f"2024-06-0{day} 1{n}:00", "Foam", "Kelp") for day in (3, 4, 5) for n in range(4)]
    return [
        *weekly("2023-01-04 10:00", 104, "Tide"),
        *weekly("2023-01-05 10:00", 25, "Ebb", "Kelp"),
        *foam,
        play("2024-06-05 20:00", "Short", "Kelp", seconds=10, skipped=True, reason_end="fwdbtn"),
    ]


@pytest.fixture
def mine(app: Flask, export: list[Row]) -> Browser:
    return keep_private(app, export)[0]


def test_who_has_no_plays_is_told_what_to_do(browser: Browser) -> None:
    for page in PAGES:
        response = browser.get(f"/history/{page}", follow=True)
        assert response.status_code == 200
        assert 'href="/history/import"' in response.text
        assert browser.get(f"/history/{page}.json").status_code == 404


def test_a_question_that_makes_no_sense_is_refused(mine: Browser) -> None:
    for page, query in product(
        ["discovery", "behaviour", "mood", "years", "2024"],
        ["range=never", "from=2024-13-01", "tz=Nowhere", "threshold=241"],
    ):
        assert mine.get(f"/history/{page}?{query}", follow=True).status_code == 400
        assert mine.get(f"/history/{page}.json?{query}").status_code == 400


def test_odd_parameters_change_nothing(mine: Browser) -> None:
    odd = "endpoint=x&_external=1&_anchor=y&filename=z"
    for page in ["discovery", "behaviour", "mood", "years", "2024"]:
        assert mine.get(f"/history/{page}?{odd}", follow=True).status_code == 200


def test_the_range_is_kept_in_the_link_to_the_json(mine: Browser) -> None:
    for page in ["discovery", "behaviour", "mood"]:
        address = f"/history/{page}?from=2024-01-01&to=2024-12-31&threshold=5"
        text = mine.get(address, follow=True).text
        assert f"/history/{page}.json?from=2024-01-01&amp;to=2024-12-31&amp;threshold=5" in text


def test_a_range_without_plays_says_so(mine: Browser) -> None:
    for page in ["discovery", "behaviour", "mood"]:
        response = mine.get(f"/history/{page}?from=2010-01-01&to=2010-12-31", follow=True)
        assert response.status_code == 200
        assert "in this range" in response.text


# --- discovery ---


def test_new_artists_and_tracks_by_month(mine: Browser) -> None:
    assert mine.get("/history/discovery.json").get_json()["months"] == [
        {"month": "2023-01", "artists": 2, "tracks": 2},
        {"month": "2024-06", "artists": 0, "tracks": 1},
    ]
    in_2024 = mine.get("/history/discovery.json?from=2024-01-01&to=2024-12-31").get_json()
    assert in_2024["months"] == [{"month": "2024-06", "artists": 0, "tracks": 1}]


def test_music_is_new_for_ninety_days_and_a_young_history_tells_nothing(mine: Browser) -> None:
    new = mine.get("/history/discovery.json").get_json()["new_music"]
    # The first play was on 4 January 2023 at 10:00; Tide was on 91 times from 4 April on, Ebb 12 times.
    assert new["known_since"] == "2023-04-04"
    assert new["ms_played"] == (91 + 12 + 12) * 180_000
    assert new["new_ms_played"] == 12 * 180_000
    june = next(month for month in new["months"] if month["month"] == "2024-06")
    assert june == {"month": "2024-06", "ms_played": 16 * 180_000, "new_ms_played": 12 * 180_000}


def test_favourites_that_were_not_on_for_a_year_are_forgotten(mine: Browser) -> None:
    # The last play of all was on 25 December 2024.
    assert mine.get("/history/discovery.json").get_json()["forgotten"] == {
        "count": 1,
        "least_plays": 20,
        "not_since": "2023-12-26",
        "tracks": [
            {"name": "Ebb", "artist": "Kelp", "plays": 25, "first": "2023-01-05", "last": "2023-06-22"}
        ],
    }
    text = mine.get("/history/discovery").text
    assert "One track that you once played a lot has not been on for a year." in text
    assert "Last played 22 Jun 2023, first 5 Jan 2023" in text
    assert "/sleeve/track.svg?name=Ebb&amp;artist=Kelp" in text


def test_a_track_that_takes_over_a_week_is_an_obsession(mine: Browser) -> None:
    assert mine.get("/history/discovery.json").get_json()["obsessions"] == {
        "count": 1,
        "least_plays": 10,
        "tracks": [
            {
                "name": "Foam",
                "artist": "Kelp",
                "from": "2024-06-03",
                "weeks": 1,
                "plays": 12,
                "share": 0.9231,
            }
        ],
    }


def test_a_week_that_the_range_cuts_is_no_obsession(mine: Browser) -> None:
    cut = mine.get("/history/discovery.json?from=2024-06-04&to=2024-12-31").get_json()
    assert cut["obsessions"]["count"] == 0
    assert mine.get("/history/discovery.json?from=2024-06-03&to=2024-06-09").get_json()["obsessions"]["count"]


def test_an_obsession_is_the_listeners_week(app: Flask) -> None:
    """Twelve plays round Sunday's midnight are one week's in Auckland and two weeks' in UTC."""
    rows = [play(f"2024-06-09 {hour:02}:{n}0") for hour, n in [(h, m) for h in (22, 23) for m in (0, 1, 2)]]
    rows += [play(f"2024-06-10 {hour:02}:{n}0") for hour, n in [(h, m) for h in (0, 1) for m in (0, 1, 2)]]
    mine = keep_private(app, rows)[0]
    assert mine.get("/history/discovery.json").get_json()["obsessions"]["count"] == 0
    there = mine.get("/history/discovery.json?tz=Pacific/Auckland").get_json()["obsessions"]["tracks"]
    assert [(one["from"], one["plays"], one["share"]) for one in there] == [("2024-06-10", 12, 1.0)]


def test_weeks_that_follow_one_another_are_one_obsession(app: Flask) -> None:
    rows = [play(f"2024-06-{day:02} {10 + n}:00") for day in (3, 10, 24) for n in range(10)]
    found = keep_private(app, rows)[0].get("/history/discovery.json").get_json()["obsessions"]["tracks"]
    assert [(entry["from"], entry["weeks"], entry["plays"]) for entry in found] == [
        ("2024-06-03", 2, 20),
        ("2024-06-24", 1, 10),
    ]


def test_three_plays_in_a_week_are_no_obsession(app: Flask) -> None:
    mine = keep_private(app, [play(f"2024-06-03 1{n}:00") for n in range(3)])[0]
    assert mine.get("/history/discovery.json").get_json()["obsessions"]["count"] == 0
    assert "No track took over a week" in mine.get("/history/discovery").text


def test_on_this_day_shows_other_years(app: Flask) -> None:
    today = datetime.now(UTC).date()
    years = [today.year - 1, today.year - 3]
    days = [
        date(year, today.month, 28 if (today.month, today.day) == (2, 29) else today.day) for year in years
    ]
    rows = [play(f"{day} 1{n}:00", track) for day in days for n, track in enumerate(("Tide", "Tide", "Ebb"))]
    rows.append(play(f"{days[0] - timedelta(days=1)} 12:00", "Elsewhen"))
    mine = keep_private(app, rows)[0]
    found = mine.get("/history/discovery.json").get_json()["on_this_day"]
    if (today.month, today.day) == (2, 29):
        return
    assert [(entry["date"], entry["plays"], entry["ms_played"]) for entry in found] == [
        (str(day), 3, 540_000) for day in days
    ]
    assert found[0]["top_tracks"] == [
        {"name": "Tide", "artist": "Mira Rose", "plays": 2},
        {"name": "Ebb", "artist": "Mira Rose", "plays": 1},
    ]


# --- behaviour ---


@pytest.fixture
def restless(app: Flask) -> Browser:
    """Twenty rows each of a skipped and a beloved artist, in two years, with gaps in what is known."""
    skipped = [
        play(
            f"2023-05-01 {10 + n // 6}:{n % 6}0",
            "Nope" if n < 6 else f"Other {n}",
            "Skippy",
            seconds=40,
            skipped=None if n < 3 else True,
            reason_end="fwdbtn" if n < 12 else "trackdone",
            platform="Windows 10 (10.0.19045; x64)",
            shuffle=True,
        )
        for n in range(20)
    ]
    kept = [
        play(f"2024-05-01 {10 + n // 6}:{n % 6}0", f"Loved {n}", "Keeper", conn_country="ZZ", offline=n < 5)
        for n in range(20)
    ]
    return keep_private(app, skipped, kept, [account_row("2024-05-02 10:00", "Loved 1", "Keeper")])[0]


def test_skips_overall_by_artist_and_by_track(restless: Browser) -> None:
    skips = restless.get("/history/behaviour.json").get_json()["skips"]
    assert (skips["rows"], skips["skipped"], skips["always"]) == (41, 20, 1)
    assert skips["artists_most"] == [{"name": "Skippy", "rows": 20, "skipped": 20}]
    assert skips["artists_least"] == [
        {"name": "Keeper", "rows": 21, "skipped": 0},
        {"name": "Skippy", "rows": 20, "skipped": 20},
    ]
    assert skips["tracks"] == [{"name": "Nope", "artist": "Skippy", "rows": 6, "skipped": 6}]
    text = restless.get("/history/behaviour").text
    assert "One track you skipped every single time." in text
    assert "You skip about one in 2 of the tracks that you start." in text
    assert "/sleeve/track.svg?name=Nope&amp;artist=Skippy" in text


def test_what_is_unknown_is_left_out_and_said(restless: Browser) -> None:
    report = restless.get("/history/behaviour.json").get_json()
    assert report["shuffle"] == {"rows": 40, "shuffled": 20}
    assert report["offline"] == {"rows": 40, "offline": 5}
    text = restless.get("/history/behaviour").text
    assert "20 of 40 starts were played on shuffle. Known for 40 of 41 starts, 98%." in text


def test_how_plays_end_in_words(restless: Browser) -> None:
    endings = restless.get("/history/behaviour.json").get_json()["endings"]
    assert endings == [{"reason": "trackdone", "rows": 28}, {"reason": "fwdbtn", "rows": 12}]
    text = restless.get("/history/behaviour").text
    assert "Played to its end" in text
    assert "Skipped forward" in text


def test_devices_by_year_and_countries_in_words(restless: Browser) -> None:
    report = restless.get("/history/behaviour.json").get_json()
    assert report["years"] == [
        {"year": 2023, "rows": 20, "skipped": 20, "platforms": {"windows": 20}},
        {"year": 2024, "rows": 21, "skipped": 0, "platforms": {"ios": 20}},
    ]
    assert [(country["code"], country["plays"]) for country in report["countries"]] == [
        ("ZZ", 20),
        ("SE", 20),
    ]
    text = restless.get("/history/behaviour").text
    assert "From Windows in 2023 you came to an iPhone or iPad in 2024." in text
    assert "Sweden" in text


def test_a_country_without_a_name_is_its_code(app: Flask) -> None:
    mine = keep_private(app, [play("2024-05-01 10:00", conn_country="QQ")])[0]
    assert "You listened in one country: QQ." in mine.get("/history/behaviour").text


def test_account_data_alone_knows_nothing_of_it(app: Flask) -> None:
    mine = keep_private(app, [account_row("2024-05-01 10:00")])[0]
    text = mine.get("/history/behaviour").text
    assert "How plays ended is not known for this range." in text
    assert "Not known for anything in this range." in text
    assert "On what you listened is not known for this range." in text


@pytest.mark.parametrize("page", ["discovery", "behaviour", "years", "2024"])
def test_names_are_text(app: Flask, page: str) -> None:
    name = "<script>alert(1)</script> =cmd ‮"
    rows = [play(f"2024-05-{1 + n // 20:02} {n % 20:02}:00", name, name, album=name) for n in range(40)]
    text = keep_private(app, rows)[0].get(f"/history/{page}").text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_an_unknown_artist_has_a_name(app: Flask) -> None:
    rows = [play(f"2024-05-01 {n:02}:00", "Tide", None, album=None) for n in range(20)]
    mine = keep_private(app, rows)[0]
    for page in ("discovery", "2024"):
        assert "Unknown artist" in mine.get(f"/history/{page}").text
    assert mine.get("/history/years.json").get_json()["years"][0]["top_artist"] is None


# --- years ---


def test_the_years_side_by_side(mine: Browser) -> None:
    assert mine.get("/history/years.json").get_json()["years"] == [
        {
            "year": 2024,
            "plays": 64,
            "ms_played": 64 * 180_000,
            "tracks": 2,
            "artists": 2,
            "days": 54,
            "top_artist": "Mira Rose",
        },
        {
            "year": 2023,
            "plays": 77,
            "ms_played": 77 * 180_000,
            "tracks": 2,
            "artists": 2,
            "days": 77,
            "top_artist": "Mira Rose",
        },
    ]
    text = mine.get("/history/years").text
    assert 'href="/history/2023"' in text
    assert "2 years" in text


def test_a_year_in_review(mine: Browser) -> None:
    report = mine.get("/history/2024.json").get_json()
    assert report["totals"] == {
        "plays": 64,
        "ms_played": 64 * 180_000,
        "tracks": 2,
        "artists": 2,
        "albums": 2,
        "days": 54,
    }
    assert report["before"]["plays"] == 77
    assert [(artist["name"], artist["plays"]) for artist in report["top_artists"]] == [
        ("Mira Rose", 52),
        ("Kelp", 12),
    ]
    assert [(track["name"], track["artist"]) for track in report["top_tracks"]] == [
        ("Tide", "Mira Rose"),
        ("Foam", "Kelp"),
    ]
    assert report["busiest_day"] == {"date": "2024-06-05", "plays": 5, "ms_played": 900_000}
    assert report["longest_streak"] == {"days": 3, "from": "2024-06-03", "to": "2024-06-05"}
    assert report["new"] == {"artists": 0, "tracks": 1}
    assert report["months"][5] == {"month": "2024-06", "plays": 16, "ms_played": 16 * 180_000}
    assert report["hours"][10:14] == [55, 3, 3, 3]
    assert report["weekdays"] == [4, 4, 56, 0, 0, 0, 0]
    text = mine.get("/history/2024").text
    assert "Wednesday, 5 June" in text
    assert "▲" not in text  # the sign is the style sheet's; the words say it
    assert "17% less than in 2023" in text


def test_a_first_year_has_nothing_to_compare_with(mine: Browser) -> None:
    assert mine.get("/history/2023.json").get_json()["before"] is None
    assert "There is nothing of 2022 to compare with." in mine.get("/history/2023").text


def test_a_year_without_plays_leads_to_those_that_have(mine: Browser) -> None:
    text = mine.get("/history/2019").text
    assert "Nothing was played in 2019." in text
    assert 'href="/history/2023"' in text


def test_there_is_no_such_year(mine: Browser) -> None:
    for year in [0, 1899, 2500, 99999]:
        assert mine.get(f"/history/{year}").status_code == 404


def test_the_year_under_way_is_compared_with_the_same_days(app: Flask) -> None:
    today = datetime.now(UTC).date()
    rows = [play(f"{today.year - 1}-01-01 00:00"), play(f"{today.year - 1}-12-31 23:00")]
    mine = keep_private(app, [*rows, play(f"{today.year}-01-01 00:00")])[0]
    expected = 2 if (today.month, today.day) == (12, 31) else 1
    assert mine.get(f"/history/{today.year}.json").get_json()["before"]["plays"] == expected
    assert "So far, up to" in mine.get(f"/history/{today.year}").text


def test_new_year_is_the_listeners(app: Flask) -> None:
    mine = keep_private(app, [play("2023-12-31 23:30")])[0]
    assert [year["year"] for year in mine.get("/history/years.json").get_json()["years"]] == [2023]
    there = mine.get("/history/years.json?tz=Asia/Kathmandu").get_json()["years"]
    assert [one["year"] for one in there] == [2024]
    assert mine.get("/history/2024.json?tz=Asia/Kathmandu").get_json()["hours"][5] == 1


# --- podcasts and audiobooks ---


@pytest.fixture
def hearer(app: Flask) -> Browser:
    rows = [
        play("2024-05-01 09:00"),
        episode("2024-05-01 10:00", "One", "Talks"),
        episode("2024-05-02 10:00", "Two", "Talks"),
        episode("2024-06-01 10:00", "One", "Talks", seconds=600),
        episode("2024-06-03 10:00", "Storm", "News", seconds=5000),
        chapter("2024-06-04 10:00"),
    ]
    return keep_private(app, rows)[0]


def test_podcasts_are_counted_apart(hearer: Browser) -> None:
    assert hearer.get("/history/podcasts.json").get_json() == {
        "totals": {"plays": 4, "ms_played": 8_000_000, "episodes": 3, "shows": 2, "days": 4},
        "top_shows": [
            {"rank": 1, "name": "News", "plays": 1, "ms_played": 5_000_000},
            {"rank": 2, "name": "Talks", "plays": 3, "ms_played": 3_000_000},
        ],
        "latest_episodes": [
            {"name": "Storm", "show": "News", "date": "2024-06-03", "ms_played": 5_000_000},
            {"name": "One", "show": "Talks", "date": "2024-06-01", "ms_played": 1_800_000},
            {"name": "Two", "show": "Talks", "date": "2024-05-02", "ms_played": 1_200_000},
        ],
        "months": [
            {"month": "2024-05", "plays": 2, "ms_played": 2_400_000},
            {"month": "2024-06", "plays": 2, "ms_played": 5_600_000},
        ],
    }
    assert (
        "2 hours and 13 minutes of podcasts: 3 episodes of 2 shows." in hearer.get("/history/podcasts").text
    )


def test_audiobooks_are_counted_apart(hearer: Browser) -> None:
    report = hearer.get("/history/audiobooks.json").get_json()
    assert report["totals"] == {"plays": 1, "ms_played": 600_000, "chapters": 1, "books": 1, "days": 1}
    assert report["latest_chapters"][0]["book"] == "The Sea"
    assert "Chapter 1" in hearer.get("/history/audiobooks").text
    assert hearer.get("/history/years.json").get_json()["years"][0]["plays"] == 1


def test_a_range_without_episodes_says_so(hearer: Browser) -> None:
    text = hearer.get("/history/podcasts?from=2010-01-01&to=2010-12-31").text
    assert "No episode was played in this range." in text


def test_who_has_music_only_is_told_so(mine: Browser) -> None:
    assert "No audiobooks yet" in mine.get("/history/audiobooks").text
