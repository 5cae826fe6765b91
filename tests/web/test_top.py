"""The top lists over weeks: snapshots, what is compared with what, entries hard to tell apart."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.answers import expire
from app.music import Album, Artist, ArtistName, TimeRange, Track
from app.spotify.errors import LoginEnded, NoAnswer, RateLimited
from app.stats.ranking import Movement
from app.store.accounts import delete_account
from app.store.snapshots import keep_snapshots
from app.store.tables import snapshot
from app.web.top.report import TopKind, TopList, entries_of, top_list
from tests.fake_site import TOP_ARTISTS, TOP_TRACKS, FakeSite

SHORT, MEDIUM, LONG = TimeRange
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def track(name: str) -> dict[str, Any]:
    """A track by an artist and on an album of the same name."""
    named = {"id": name, "name": name.title()}
    return named | {"artists": [named], "album": named}


def rank(fake_site: FakeSite, short: str, medium: str | None = None, long: str | None = None) -> None:
    """From now on Spotify ranks these tracks, a letter each; by default the same in each range."""
    for time_range, names in zip(TimeRange, (short, medium or short, long or short), strict=True):
        fake_site.api.lists[TOP_TRACKS, time_range.value] = [track(name) for name in names]
        fake_site.api.lists[TOP_ARTISTS, time_range.value] = [
            {"id": name, "name": name.title(), "genres": [f"{name} pop"]} for name in names
        ]


def look(
    fake_site: FakeSite, day: date = TODAY, time_range: TimeRange = LONG, kind: TopKind = TopKind.TRACKS
) -> TopList:
    """A visit on that day, with answers as Spotify gives them then."""
    visit = fake_site.visit()
    if visit.account_id is not None:
        expire(fake_site.store, visit.account_id)
    return top_list(fake_site.site, visit, kind, time_range, day)


def moved(report: TopList) -> dict[str, Movement | None]:
    return {item.entry.key: item.movement for item in report.items}


def kept(fake_site: FakeSite) -> list[tuple[str, str, str]]:
    with fake_site.store.reading() as connection:
        rows = connection.execute(select(snapshot.c.day, snapshot.c.kind, snapshot.c.time_range))
        return sorted((row.day, row.kind, row.time_range) for row in rows)


# --- snapshots ---


def test_a_visit_keeps_all_three_ranges_of_what_it_ranks_once_a_day(fake_site: FakeSite) -> None:
    rank(fake_site, "abc")
    for _ in range(2):
        look(fake_site)
    look(fake_site, TODAY + DAY, SHORT)

    assert kept(fake_site) == [
        (day, kind, time_range)
        for day in ("2026-11-20", "2026-11-21")
        for kind in ("albums", "tracks")  # what follows from the tracks is kept with them
        for time_range in ("long_term", "medium_term", "short_term")
    ]


def test_each_kind_has_snapshots_of_its_own(fake_site: FakeSite) -> None:
    rank(fake_site, "abc")
    for kind in TopKind:
        look(fake_site, kind=kind)

    assert {row[1] for row in kept(fake_site)} == {kind.value for kind in TopKind}
    assert len(kept(fake_site)) == 12


def test_a_report_that_is_an_old_one_keeps_nothing(fake_site: FakeSite) -> None:
    rank(fake_site, "abc")
    look(fake_site, TODAY)
    for days, error in enumerate((NoAnswer("x"), RateLimited("x", 9e9)), 1):
        fake_site.api.errors = dict.fromkeys((TOP_TRACKS, TOP_ARTISTS), error)
        for kind in (TopKind.TRACKS, TopKind.ALBUMS):
            assert look(fake_site, TODAY + days * DAY, kind=kind).stale is not None

    assert {row[0] for row in kept(fake_site)} == {"2026-11-20"}


def test_who_has_nothing_yet_keeps_nothing(fake_site: FakeSite) -> None:
    rank(fake_site, "")
    report = look(fake_site)

    assert report.items == ()
    assert (report.variety.artists, report.decades, report.tracks) == (0, (), 0)
    assert kept(fake_site) == []


def test_the_longest_range_moves_against_the_latest_snapshot_that_is_a_week_old(fake_site: FakeSite) -> None:
    rank(fake_site, "abc")
    assert moved(look(fake_site)) == {"a": None, "b": None, "c": None}
    rank(fake_site, "bca")
    assert moved(look(fake_site, TODAY + 6 * DAY)) == {"b": None, "c": None, "a": None}
    week = look(fake_site, TODAY + 7 * DAY)
    assert moved(week) == {"b": 1, "c": 1, "a": -2}
    assert (week.longest_since, week.week, week.month) == (TODAY, TODAY, None)
    rank(fake_site, "dbca")
    later = look(fake_site, TODAY + 13 * DAY)
    assert moved(later) == {"d": "new", "b": -1, "c": -1, "a": -1}  # against six days after the first
    assert later.longest_since == TODAY + 6 * DAY


def test_in_a_shorter_range_the_longest_still_moves_against_its_own_past(fake_site: FakeSite) -> None:
    rank(fake_site, "abc", "bac", "cab")
    look(fake_site)
    rank(fake_site, "cba", "cba", "cba")

    report = look(fake_site, TODAY + 7 * DAY, SHORT)

    assert [(item.entry.key, item.movement) for item in report.lists[LONG]] == [("c", 0), ("b", 1), ("a", -1)]
    assert [(item.entry.key, item.week) for item in report.items] == [("c", 2), ("b", 0), ("a", -2)]
    assert {item.week for item in report.lists[LONG]} == {None}
    assert (report.week, report.longest_since) == (TODAY, TODAY)


def test_a_shorter_range_moves_against_the_next_longer_one(fake_site: FakeSite) -> None:
    rank(fake_site, "abc", "cab", "bx")
    report = look(fake_site, time_range=SHORT)

    by_range = {one: {item.entry.key: item.movement for item in of} for one, of in report.lists.items()}
    assert by_range == {
        SHORT: {"a": 1, "b": 1, "c": -2},
        MEDIUM: {"c": "new", "a": "new", "b": -2},
        LONG: {"b": None, "x": None},
    }
    assert report.items[0].ranks == {SHORT: 1, MEDIUM: 2, LONG: None}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_days_of_visits_agree_with_a_diary(fake_site: FakeSite, seed: int) -> None:
    rng = random.Random(seed)
    diary: dict[date, str] = {}

    def noted(day: date) -> date | None:
        return max((one for one in diary if one <= day), default=None)

    def against(since: date | None, now: str) -> dict[str, Movement | None]:
        if since is None:
            return dict.fromkeys(now)
        then = diary[since]
        return {name: then.index(name) - now.index(name) if name in then else "new" for name in now}

    for days in sorted(rng.choices(range(60), k=25)):
        day, now = TODAY + days * DAY, "".join(rng.sample("abcdefghij", 6))
        rank(fake_site, now)
        report = look(fake_site, day)
        week, month = noted(day - 7 * DAY), noted(day - 30 * DAY)
        assert (report.week, report.month, report.longest_since) == (week, month, week)
        assert moved(report) == against(week, now)
        assert {item.entry.key: item.week for item in report.items} == against(week, now)
        assert {item.entry.key: item.month for item in report.items} == against(month, now)
        diary.setdefault(day, now)


def test_a_forgotten_account_leaves_no_snapshots_and_a_newcomer_finds_none(fake_site: FakeSite) -> None:
    rank(fake_site, "abc")
    look(fake_site)
    delete_account(fake_site.site.store, fake_site.account_of())
    assert kept(fake_site) == []
    fake_site.id_hashes.clear()

    assert moved(look(fake_site, TODAY + 8 * DAY)) == {"a": None, "b": None, "c": None}


def test_an_account_that_is_forgotten_before_the_lists_are_kept_ends_the_login(
    fake_site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    rank(fake_site, "abc")

    def keep_too_late(*of: Any) -> None:
        delete_account(fake_site.site.store, fake_site.account_of())
        keep_snapshots(*of)

    monkeypatch.setattr("app.web.top.report.keep_snapshots", keep_too_late)

    with pytest.raises(LoginEnded, match="deleted meanwhile"):
        look(fake_site)


# --- entries ---


def names(entries: Sequence[Any]) -> list[str | None]:
    return [entry.name for entry in entries]


def test_local_files_are_told_apart_by_artist_and_title() -> None:
    abuela, other = (ArtistName(None, "Abuela"),), (ArtistName(None, "Other"),)
    tracks = [
        Track(None, "Tape", abuela),
        Track(None, "TAPE", abuela),
        Track(None, "Tape", other),
        Track(None, None),
        Track("t1", None, other),
    ]

    keys = [entry.key for entry in entries_of(TopKind.TRACKS, tracks)]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert keys[4] == "t1"


def test_a_genre_weighs_what_its_artists_weigh() -> None:
    artists = [
        Artist("1", "One", ("dub", "house", "dub")),
        Artist("2", "Two"),
        Artist("3", None, ("house",)),
        Artist("4", "Four", ("jazz",)),
    ]

    entries = entries_of(TopKind.GENRES, artists)

    assert [(entry.key, entry.id, entry.name, entry.weight) for entry in entries] == [
        ("house", None, "house", 50 + 48),
        ("dub", None, "dub", 50),
        ("jazz", None, "jazz", 47),
    ]
    assert entries_of(TopKind.GENRES, artists[1:2]) == ()


def test_more_than_fifty_genres_are_cut_off() -> None:
    artists = [Artist(str(n), "A", tuple(f"genre {n} {m}" for m in range(3))) for n in range(50)]

    assert len(entries_of(TopKind.GENRES, artists)) == 50


def test_an_album_weighs_what_its_tracks_weigh() -> None:
    ada = (ArtistName("a", "Ada"),)
    first, second = Album("1", "First", ada), Album("2", "First", ada)
    tracks = [
        Track("t1", "T", ada, first),
        Track("t2", "T", ada, second),
        Track("t3", "T", ada, first),
        Track("t4", "T", ada, None),
        Track("t5", "T", ada, Album(None, "")),
        Track(None, "T", ada, Album(None, "Tape")),
        Track(None, "T", ada, Album(None, "TAPE", ada)),
        Track("t8", "T", ada, Album("8", "")),
        Track(None, "T", (), Album(None, "Tape")),
    ]

    entries = entries_of(TopKind.ALBUMS, tracks)

    assert [(entry.id, entry.name, entry.weight) for entry in entries] == [
        ("1", "First", 50 + 48),
        (None, "Tape", 45 + 44),
        ("2", "First", 49),
        ("8", "", 43),
        (None, "Tape", 42),
    ]
    assert entries[0].artists == ada


def test_an_artist_without_id_is_known_by_name() -> None:
    keys = [entry.key for entry in entries_of(TopKind.ARTISTS, [Artist(None, "Ada"), Artist(None, None)])]

    assert keys == ["name:ada", "name:"]
