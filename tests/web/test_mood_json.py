"""Mood for programs: every figure recomputed with Python's own statistics, odd values, and what it costs."""

import csv
import json
import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine

from app.sandbox import Fault, Knobs, SandboxServer
from app.sandbox import top as ranked
from app.sandbox.items import Track
from app.sandbox.listeners import LISTENERS
from app.sandbox.sound import reccobeats_knows, sound_of, spotify_knows
from benchmarks.rounds import in_sequence
from tests.conftest import Browser
from tests.web.conftest import Guest
from tests.web.other_spotify import (
    FEATURES,
    ME,
    RECCOBEATS,
    TRACKS,
    Answer,
    OtherSpotify,
    ReceivedRequest,
    page_of,
    refused,
    row,
    said,
    track,
)

RANGES = ("short_term", "medium_term", "long_term")
SHARES = (
    "valence",
    "energy",
    "danceability",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
)
MEASURES = (*SHARES, "tempo", "loudness")
PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIRA, THEO, NOUR, NEWEST = "mira.after.dark", "theo_sideb", LISTENERS[3].id, LISTENERS[4].id
COLUMNS = [
    "rank",
    "id",
    "name",
    "artists",
    "album",
    "release_date",
    "source",
    *MEASURES,
    "key",
    "mode",
    "time_signature",
]

# A track's id and what is known of its sound, best-ranked first.
Sounds = list[tuple[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The lists of our own Spotify change at midnight; here it is noon."""
    with time_machine.travel(NOON):
        yield


def read(browser: Browser, time_range: str = "short_term") -> Any:
    answer = browser.get(f"/mood.json?time_range={time_range}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    assert "NaN" not in answer.text
    assert "Infinity" not in answer.text
    return answer.get_json()


def table(browser: Browser, time_range: str = "short_term") -> list[dict[str, str]]:
    answer = browser.get(f"/mood.csv?time_range={time_range}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mood-{time_range}.csv"'
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def check(report: Any, sounds: Sounds) -> None:
    """Every figure of the report, recomputed."""
    for name in MEASURES:
        known = [(sound[name], track_id) for track_id, sound in sounds if sound.get(name) is not None]
        check_feature(report["features"][name], [value for value, _ in known], known, name in SHARES)
    both = [(one["valence"], one["energy"]) for _, one in sounds if {"valence", "energy"} <= one.keys()]
    assert report["quadrants"] == {
        "happy": sum(valence >= 0.5 and energy >= 0.5 for valence, energy in both),
        "angry": sum(valence < 0.5 and energy >= 0.5 for valence, energy in both),
        "sad": sum(valence < 0.5 and energy < 0.5 for valence, energy in both),
        "calm": sum(valence >= 0.5 and energy < 0.5 for valence, energy in both),
    }
    keys = Counter((one["key"], one["mode"]) for _, one in sounds if {"key", "mode"} <= one.keys())
    assert report["keys"] == [
        {
            "key": key,
            "mode": mode,
            "name": f"{PITCHES[key]} {'major' if mode else 'minor'}",
            "count": count,
        }
        for (key, mode), count in keys.most_common()  # which keeps the order of the ranks
    ]
    modes = [one["mode"] for _, one in sounds if "mode" in one]
    assert report["modes"] == {"major": modes.count(1), "minor": modes.count(0)}


def check_feature(feature: Any, values: list[float], known: list[tuple[float, str]], is_share: bool) -> None:
    assert feature["count"] == len(values)
    assert feature["mean"] == (pytest.approx(statistics.mean(values)) if values else None)
    assert feature["median"] == (pytest.approx(statistics.median(values)) if values else None)
    if len(values) > 1:
        q1, _, q3 = statistics.quantiles(values, n=4, method="inclusive")
        spread = (q1, q3, statistics.stdev(values))
        assert (feature["q1"], feature["q3"], feature["stdev"]) == pytest.approx(spread)
    else:
        assert (feature["q1"], feature["q3"], feature["stdev"]) == (None, None, None)
    for name, extreme in (("min", min), ("max", max)):
        if not values:
            assert feature[name] is None
            continue
        value = extreme(values)
        first = next(track_id for one, track_id in known if one == value)
        assert feature[name] == {"value": value, "track_id": first}
    bins = feature["histogram"]
    for span in bins:
        closed = is_share and span is bins[-1]
        assert span["count"] == sum(
            span["from"] <= value < span["to"] or (closed and value == span["to"]) for value in values
        )
    assert sum(span["count"] for span in bins) == len(values)
    if is_share:
        assert [span["from"] for span in bins] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


# --- from our own Spotify ---


def sounds_of(tracks: list[Track], open_to_us: bool) -> tuple[Sounds, dict[str, int]]:
    """What is known of these tracks, and from whom."""
    sounds, sources = [], {"spotify": 0, "reccobeats": 0}
    for heard in tracks:
        from_spotify = open_to_us and spotify_knows(heard.key)
        if heard.id and (from_spotify or reccobeats_knows(heard.key)):
            sounds.append((heard.id, dict(sound_of(heard))))
            sources["spotify" if from_spotify else "reccobeats"] += 1
    return sounds, sources


@pytest.mark.parametrize("open_to_us", [False, True], ids=["a new app", "an older app"])
@pytest.mark.parametrize("who", [MIRA, NOUR, NEWEST])
def test_every_figure_is_what_the_tracks_say(
    browser: Browser, knobs: Knobs, who: str, open_to_us: bool
) -> None:
    knobs.audio_features_open = open_to_us
    browser.log_in(who)
    for time_range in RANGES:
        tracks = ranked.top_tracks(who, time_range, NOON)
        sounds, sources = sounds_of(tracks, open_to_us)
        report = read(browser, time_range)
        assert report["time_range"] == time_range
        assert report["coverage"] == {"known": len(sounds), "total": len(tracks)}
        assert report["sources"] == sources
        check(report, sounds)


def test_the_shape_is_the_one_we_promise(browser: Browser) -> None:
    browser.log_in()
    report = read(browser)
    assert list(report) == [
        "time_range",
        "coverage",
        "sources",
        "features",
        "quadrants",
        "keys",
        "modes",
    ]
    assert list(report["coverage"]) == ["known", "total"]
    assert tuple(report["features"]) == MEASURES
    for feature in report["features"].values():
        assert list(feature) == [
            "count",
            "mean",
            "median",
            "q1",
            "q3",
            "stdev",
            "min",
            "max",
            "histogram",
        ]
        assert list(feature["min"]) == list(feature["max"]) == ["value", "track_id"]
        assert all(list(one) == ["from", "to", "count"] for one in feature["histogram"])
    assert list(report["quadrants"]) == ["happy", "angry", "sad", "calm"]
    assert all(list(key) == ["key", "mode", "name", "count"] for key in report["keys"])
    assert list(report["modes"]) == ["major", "minor"]


@pytest.mark.parametrize("who", [MIRA, NOUR, NEWEST])
def test_the_table_has_a_row_for_every_track_known_or_not(browser: Browser, who: str) -> None:
    browser.log_in(who)
    tracks = ranked.top_tracks(who, "medium_term", NOON)
    rows = table(browser, "medium_term")
    assert len(rows) == len(tracks)
    for rank, (found, one) in enumerate(zip(rows, tracks, strict=True), 1):
        assert list(found) == COLUMNS
        known = bool(one.id) and reccobeats_knows(one.key)
        sound: dict[str, Any] = dict(sound_of(one)) if known else {}
        sound.pop("time_signature", None)  # which ReccoBeats does not tell
        written = {name: str(value) for name, value in sound.items()}
        assert {name: found[name] for name in COLUMNS[7:]} == dict.fromkeys(COLUMNS[7:], "") | {
            name: value if name in ("key", "mode") else str(float(value)) for name, value in written.items()
        }
        assert (found["rank"], found["id"]) == (str(rank), one.id or "")
        assert found["name"] == one.name
        assert found["artists"] == ", ".join(artist.name or "" for artist in one.artists)
        assert (found["album"], found["release_date"]) == (one.album.name, one.album.released)
        assert found["source"] == ("reccobeats" if known else "")


def test_without_a_range_it_is_six_months_and_an_unknown_one_is_400(browser: Browser) -> None:
    browser.log_in()
    assert browser.get("/mood.json").get_json() == read(browser, "medium_term")
    for suffix in ("", ".json", ".csv"):
        assert browser.get(f"/mood{suffix}?time_range=forever").status_code == 400


# --- what it costs ---


def test_a_cold_mood_takes_two_round_trips_and_a_warm_one_none(
    app_warmed_up: Browser, browser: Browser, spotify: SandboxServer, knobs: Knobs
) -> None:
    assert app_warmed_up is not browser
    browser.log_in(MIRA)
    knobs.latency = 0.25
    before = len(spotify.calls)
    read(browser)
    calls = spotify.calls[before:]
    asked = Counter((call.path, call.query.get("time_range")) for call in calls)
    features = asked.pop(("/reccobeats/v1/audio-features", None))
    assert asked == Counter([("/v1/me", None), *(("/v1/me/top/tracks", one) for one in RANGES)])
    assert 2 <= features <= 3
    assert in_sequence(calls) == 2
    before = len(spotify.calls)
    for time_range in RANGES[:1] * 2:
        read(browser, time_range)
        table(browser, time_range)
    assert len(spotify.calls) == before


@pytest.fixture
def app_warmed_up(browser: Browser) -> Browser:
    """Somebody else was here before, so that it is known that Spotify's audio features are closed."""
    other = Browser(browser.client.application)
    other.log_in(THEO)
    read(other)
    return other


def three_disjoint_lists(asked: ReceivedRequest) -> Answer:
    first = 50 * RANGES.index(asked.query["time_range"])
    return page_of(*map(track, range(first, first + 50)))


def opened(asked: ReceivedRequest) -> Answer:
    return said({"audio_features": [row(one, id=one) for one in asked.query["ids"].split(",")]})


@pytest.mark.parametrize(
    ("features", "alone"),
    [(refused(403), 2 + 1 + 2), (opened, 2 + 1)],
    ids=["closed", "open"],
)
def test_comparing_three_disjoint_ranges_costs_at_most_three_calls_more(
    ana: Guest, other: OtherSpotify, features: Any, alone: int
) -> None:
    other.script(TRACKS, three_disjoint_lists)
    other.script(FEATURES, features)
    before = len(other.asked)
    report = read(ana)
    # Alone it is the profile, one list, Spotify's features and, where those are closed, two of ReccoBeats'.
    assert report["coverage"] == {"known": 50, "total": 50}
    assert len(other.asked) - before <= alone + 3
    assert other.count(ME) == 1


def test_each_range_is_known_in_full_when_it_is_chosen(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, three_disjoint_lists)
    for time_range in RANGES:
        assert read(ana, time_range)["coverage"] == {"known": 50, "total": 50}
    asked = Counter(
        one for call in other.asked if call.path == RECCOBEATS for one in call.query["ids"].split(",")
    )
    assert len(asked) == 150
    assert set(asked.values()) == {1}


def test_when_the_lists_fail_the_last_known_mood_says_so(browser: Browser, knobs: Knobs) -> None:
    browser.log_in()
    fresh = read(browser)
    knobs.faults["/v1/me/top"] = Fault(status=429, headers={"Retry-After": "600"})
    with time_machine.travel(datetime(2026, 11, 20, 14, tzinfo=UTC)):
        old = read(browser)
    stale = old.pop("stale")
    assert old == fresh
    assert stale["reason"] == "Spotify has had enough of our questions for now."
    assert stale["resume_at"].startswith("2026-11-20T14:1")


# --- from servers that are not ours ---

T = [track(number)["id"] for number in range(50)]
FULL = row(
    "",
    valence=0.5,
    energy=0.25,
    danceability=1.0,
    acousticness=0,
    instrumentalness=0.125,
    liveness=0.0625,
    speechiness=0.75,
    tempo=120,
    loudness=-6.5,
    key=9,
    mode=0,
)


def play(other: OtherSpotify, *changes: dict[str, object] | None) -> None:
    """As many tracks, with what ReccoBeats says of each; `None` where it does not know one."""
    other.script(TRACKS, page_of(*map(track, range(len(changes)))))
    rows = [
        FULL | {"href": f"https://open.spotify.com/track/{track_id}"} | changed
        for track_id, changed in zip(T, changes, strict=False)
        if changed is not None
    ]
    other.script(RECCOBEATS, said({"content": rows[::-1]}))


def known_of(*changes: dict[str, object] | None) -> Sounds:
    """What should be known: the same, without what was dropped (given here as `None`)."""
    names = (*MEASURES, "key", "mode")
    return [
        (track_id, {name: value for name in names if (value := (FULL | changed)[name]) is not None})
        for track_id, changed in zip(T, changes, strict=False)
        if changed is not None
    ]


NO_VALUES: tuple[object, ...] = (
    *(None, float("nan"), float("inf"), float("-inf"), "0.5", True, [], {}, -200, 10**400, 5000.5),
)


@pytest.mark.parametrize("name", [*MEASURES, "key", "mode"])
def test_a_value_that_is_none_is_dropped_and_no_other(ana: Guest, other: OtherSpotify, name: str) -> None:
    odd: list[dict[str, object]] = [{name: value} for value in NO_VALUES]
    none: list[dict[str, object]] = [{name: None}] * len(odd)
    play(other, {}, *odd, None, {"valence": 0.75})
    report = read(ana)
    assert report["coverage"] == {"known": len(odd) + 2, "total": len(odd) + 3}
    assert report["sources"] == {"spotify": 0, "reccobeats": len(odd) + 2}
    if name in MEASURES:
        assert report["features"][name]["count"] == 2
    check(report, known_of({}, *none, None, {"valence": 0.75}))
    assert {row[name] for row in table(ana)[1 : len(odd) + 1]} == {""}


@pytest.mark.parametrize("name", SHARES)
def test_a_share_beyond_its_scale_is_dropped(ana: Guest, other: OtherSpotify, name: str) -> None:
    odd: list[dict[str, object]] = [{name: value} for value in (-0.001, 1.001, 2, -1)]
    none: list[dict[str, object]] = [{name: None}] * len(odd)
    play(other, *odd, {})
    report = read(ana)
    assert report["features"][name]["count"] == 1
    check(report, known_of(*none, {}))


def test_zero_and_one_are_on_the_scale(ana: Guest, other: OtherSpotify) -> None:
    ends: list[dict[str, object]] = [{name: end for name in SHARES} for end in (0, 1)]  # noqa: C420
    play(other, *ends)
    report = read(ana)
    check(report, known_of(*ends))
    assert [one["count"] for one in report["features"]["energy"]["histogram"]] == [1, *[0] * 8, 1]
    assert report["quadrants"] == {"happy": 1, "angry": 0, "sad": 1, "calm": 0}


def test_all_unknown_is_null_and_zero_throughout(ana: Guest, other: OtherSpotify) -> None:
    play(other, None, None, None)
    report = read(ana)
    assert report["coverage"] == {"known": 0, "total": 3}
    assert report["sources"] == {"spotify": 0, "reccobeats": 0}
    assert report["keys"] == []
    check(report, [])
    assert [found["source"] for found in table(ana)] == ["", "", ""]


def test_all_equal_has_no_spread(ana: Guest, other: OtherSpotify) -> None:
    play(other, *[{}] * 50)
    report = read(ana)
    check(report, known_of(*[{}] * 50))
    for name in MEASURES:
        feature = report["features"][name]
        assert feature["stdev"] == 0
        assert feature["q1"] == feature["q3"] == feature["median"] == FULL[name]
        assert feature["min"] == feature["max"] == {"value": FULL[name], "track_id": T[0]}
    assert report["keys"] == [{"key": 9, "mode": 0, "name": "A minor", "count": 50}]


def test_one_track_has_a_middle_and_no_spread(ana: Guest, other: OtherSpotify) -> None:
    play(other, {})
    report = read(ana)
    check(report, known_of({}))
    assert report["features"]["tempo"]["histogram"] == [{"from": 120.0, "to": 130.0, "count": 1}]
    assert report["features"]["valence"]["stdev"] is None


def test_no_tracks_at_all(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of())
    report = read(ana)
    assert report["coverage"] == {"known": 0, "total": 0}
    check(report, [])
    assert table(ana) == []
    assert other.count(RECCOBEATS) == 0


def test_a_track_that_is_listed_twice_counts_twice_and_is_asked_for_once(
    ana: Guest, other: OtherSpotify
) -> None:
    play(other, {}, {"valence": 0.125})
    other.script(TRACKS, page_of(track(1), track(0), track(1), track(2, id=None)))
    report = read(ana)
    assert report["coverage"] == {"known": 3, "total": 4}
    assert report["features"]["valence"]["count"] == 3
    assert report["features"]["valence"]["min"] == {"value": 0.125, "track_id": T[1]}
    asked = [one for call in other.asked if call.path == RECCOBEATS for one in call.query["ids"].split(",")]
    assert sorted(asked) == sorted(T[:2])


def test_the_json_is_strict(ana: Guest, other: OtherSpotify) -> None:
    play(other, {"loudness": float("nan"), "tempo": float("inf")}, {"loudness": float("-inf")})

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    report = json.loads(ana.get("/mood.json?time_range=short_term").text, parse_constant=refuse)
    assert report["features"]["loudness"]["count"] == 0
    assert report["features"]["tempo"]["count"] == 1


def test_names_that_begin_like_a_formula_are_none_in_the_table(ana: Guest, other: OtherSpotify) -> None:
    odd = track(
        0,
        name="=1+1",
        artists=[{"id": "a", "name": "@SUM"}],
        album={"id": "b", "name": "+A", "release_date": "-1"},
    )
    other.script(TRACKS, page_of(odd))
    found = table(ana)[0]
    assert [found[name] for name in ("name", "artists", "album", "release_date")] == [
        "'=1+1",
        "'@SUM",
        "'+A",
        "'-1",
    ]
