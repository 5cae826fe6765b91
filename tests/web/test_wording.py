"""Values as words: percentages, lengths, ages, clock times, and which addresses may be shown."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from time_machine import travel

from app.music import Artist, Profile, TimeRange, Track
from app.stats.genres import GenreCount
from app.stats.mood import Coverage, Figure, Mood
from app.web import format as wording
from app.web.now import view
from app.web.now.report import Overview

BERLIN, GMT = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()
UNKNOWN = Figure(None, None)


def mood(known: int, total: int, sources: dict[str, int]) -> Mood:
    return Mood(Coverage(known, total), sources, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, None)


def report(
    artists: tuple[Artist, ...] = (), tracks: tuple[Track, ...] = (), genre: GenreCount | None = None
) -> Overview:
    return Overview(
        profile=Profile(id="mira"),
        time_range=TimeRange.MEDIUM_TERM,
        top_artists=artists,
        top_tracks=tracks,
        top_genre=genre,
        mood=mood(0, len(tracks), {}),
        as_of=NOW,
    )


def said(overview: Overview) -> str:
    return "".join(piece.text for piece in view.lead(overview))


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.634, "63%"), (0.0, "0%"), (1.0, "100%"), (0.001, "<1%"), (0.005, "<1%"), (0.006, "1%"), (None, "–")],
)
def test_percent(share: float | None, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(187_000, "3:07"), (59_999, "0:59"), (3_723_000, "1:02:03"), (0, "0:00"), (None, "–")],
)
def test_duration(milliseconds: int | None, text: str) -> None:
    assert wording.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (760, "12 minutes ago"),
        (3600, "1 hour ago"),
        (3 * 3600 + 5, "3 hours ago"),
        (2 * 86400, "2 days ago"),
    ],
)
def test_age(seconds: float, text: str) -> None:
    assert wording.age(NOW - seconds, NOW) == text


@pytest.mark.parametrize(
    ("moment", "timezone", "text"),
    [
        (datetime(2026, 11, 20, 13, 5, tzinfo=UTC), BERLIN, "14:05"),
        (datetime(2026, 11, 20, 23, 5, tzinfo=UTC), BERLIN, "00:05 tomorrow"),
        (datetime(2026, 11, 21, 14, 5, tzinfo=UTC), GMT, "14:05 tomorrow (UTC)"),
        (datetime(2026, 12, 3, 13, 5, tzinfo=UTC), BERLIN, "14:05 on 3 December"),
        (datetime(2027, 1, 3, 13, 5, tzinfo=UTC), BERLIN, "14:05 on 3 January 2027"),
        (datetime(2026, 11, 20, 13, 5, tzinfo=UTC), GMT, "13:05 (UTC)"),
    ],
)
def test_clock_time_is_on_the_readers_clock(moment: datetime, timezone: ZoneInfo, text: str) -> None:
    assert wording.clock_time(moment.timestamp(), NOW, timezone) == text


def test_the_clock_filter_takes_the_time_zone_of_the_request() -> None:
    with Flask(__name__).app_context(), travel(NOW, tick=False):
        assert wording.clock(NOW + 86400) == "12:00 tomorrow (UTC)"
        g.timezone = BERLIN
        assert wording.clock(NOW + 86400) == "13:00 tomorrow"


def test_iso_is_in_utc() -> None:
    assert wording.iso(NOW + 0.7) == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    "url",
    [
        "http://spotify.test:8080/a.jpg",  # a server of the owner's network; the policy decides what loads
        "https://i.scdn.co/image/ab67",
        "/sandbox/art/1.svg",
        "http://127.0.0.1:5001/art/1.svg",
        "http://[::1]:5001/art/1.svg",
    ],
)
def test_showable(url: str) -> None:
    assert wording.showable(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:image/svg+xml,x",
        "http://",
        "//example.com/a.jpg",
        "/\\example.com/a.jpg",
        "https://",
        "https://[broken/a.jpg",
        "https://example.com/a.jpg 2x, https://example.com/b.jpg",
        "java\nscript:alert(1)",
        "images/a.jpg",
    ],
)
def test_not_showable(url: str | None) -> None:
    assert not wording.showable(url)


def test_the_lead_names_what_comes_first() -> None:
    overview = report((Artist("a", "Neon Coast"),), (Track("t", "Static"),), GenreCount("dream pop", 12))
    assert said(overview) == (
        "Over about the last 6 months, Spotify ranks Neon Coast first among your artists and "
        "Static first among your tracks. The genre you meet most is dream pop."
    )
    assert [piece.text for piece in view.lead(overview) if piece.is_name] == [
        "Neon Coast",
        "Static",
        "dream pop",
    ]


def test_the_lead_without_artists_or_genre() -> None:
    overview = report(tracks=(Track("t", "Static"),))
    assert said(overview) == "Over about the last 6 months, Spotify ranks Static first among your tracks."


def test_the_lead_without_names() -> None:
    overview = report((Artist(None, None),), (Track(None, None),))
    assert said(overview) == (
        "Over about the last 6 months, Spotify ranks an unnamed artist first among your artists and "
        "an unnamed track first among your tracks."
    )


def test_an_empty_report_has_no_lead() -> None:
    assert view.lead(report()) == ()


def test_coverage_says_how_many_and_from_whom() -> None:
    sources = {"spotify": 6, "reccobeats": 40}
    assert (
        wording.coverage(mood(46, 50, sources))
        == "Mood known for 46 of 50 tracks: 40 from ReccoBeats, 6 from Spotify."
    )


def test_coverage_from_one_source() -> None:
    assert wording.coverage(mood(1, 1, {"reccobeats": 1})) == "Mood known for 1 of 1 track, from ReccoBeats."


def test_coverage_of_nothing() -> None:
    assert wording.coverage(mood(0, 50, {})) == "The mood is not known for any of the 50 tracks."
