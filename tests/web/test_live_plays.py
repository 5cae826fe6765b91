"""Live plays from another server that speaks the API: the switch, the rounds, what goes wrong."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from app.history.build import rebuild
from app.history.stored import stored_history
from app.site import Site
from app.store.accounts import accounts, delete_account, find_or_add_account
from app.store.history import stale_mark
from app.store.sync import claim, due_accounts, gaps_of, live_plays, switch_on, sync_of
from app.store.tables import sync
from app.sync import Round, Scheduler, Slots, Syncer, sync_now
from tests.history_more import bring_in, play, zipped
from tests.waiting import until
from tests.web.conftest import Guest
from tests.web.other_spotify import (
    EMPTY,
    HTML,
    TOKEN,
    Answer,
    OtherSpotify,
    ReceivedRequest,
    refused,
    said,
    track,
)

RECENT = "/v1/me/player/recently-played"
SCOPES = "user-top-read user-library-read user-read-recently-played"
NOW = 1_795_700_000  # 2026-11-26


def played(*numbers: int, **changed: Any) -> Answer:
    """An answer: track `number`, which ended so many minutes after NOW; newest first."""
    items = [
        {"track": track(number), "played_at": iso(NOW + 60 * number), "context": None} | changed
        for number in sorted(numbers, reverse=True)
    ]
    cursors = {"after": str((NOW + 60 * max(numbers)) * 1000), "before": "0"} if numbers else None
    return said({"items": items, "cursors": cursors, "limit": 50, "next": None})


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def site_of(app: Flask) -> Site:
    site: Site = app.extensions["site"]
    return site


def syncer_of(app: Flask, daily_calls: int = 600) -> Syncer:
    site = site_of(app)
    return Syncer(
        site.store,
        site.services,
        site.sessions,
        site.sync_tokens,
        3600.0,
        daily_calls,
        rebuild=lambda: None,
    )


def status_of(guest: Guest) -> dict[str, Any]:
    report: dict[str, Any] | None = guest.get("/history/sync.json").json
    assert report is not None
    return report


@pytest.fixture
def switched_on(other: OtherSpotify, elsewhere: Flask, ana: Guest) -> int:
    """Ana, for whom it is on: the number of her account."""
    other.scope = SCOPES
    ana.get("/settings")
    agree(ana, ana.post("/settings/sync", on="1"))
    return accounts(site_of(elsewhere).store)[0].id


def agree(guest: Guest, asked: Any) -> None:
    """Agrees at Spotify, where it asks, and comes back."""
    assert asked.status_code == 303
    if "/authorize" in asked.headers["Location"]:
        state = asked.headers["Location"].partition("state=")[2].partition("&")[0]
        back = guest.come_back(state).headers["Location"]
        assert back == "/settings/sync/resume"
        asked = guest.get(back)
    assert asked.headers["Location"] == "/settings?said=sync-on"


def test_the_first_time_spotify_asks_and_after_that_nobody_does(other: OtherSpotify, ana: Guest) -> None:
    ana.get("/settings")
    asked = ana.post("/settings/sync", on="1")
    assert asked.status_code == 303
    assert "user-read-recently-played" in asked.headers["Location"]
    assert status_of(ana)["state"] == "off"
    other.scope = SCOPES
    agree(ana, asked)
    assert status_of(ana)["state"] == "on"
    assert ana.post("/settings/sync", on="0").headers["Location"] == "/settings?said=sync-off"
    assert status_of(ana)["state"] == "off"
    assert ana.post("/settings/sync", on="1").headers["Location"] == "/settings?said=sync-on"


def test_a_round_asks_once_and_keeps_what_is_new(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.script(RECENT, played(1, 2, 3), played(2, 3, 4))
    syncer, store = syncer_of(elsewhere), site_of(elsewhere).store
    assert syncer.round(switched_on) == Round(switched_on, added=3)
    assert syncer.round(switched_on) == Round(switched_on, added=1)
    first, second = (asked.query for asked in other.asked if asked.path == RECENT)
    assert first == {"limit": "50"}
    assert second == {"limit": "50", "after": str((NOW + 180) * 1000)}
    plays = live_plays(store, switched_on)
    assert [play.played_at for play in plays] == [(NOW + 60 * number) * 1000 for number in (1, 2, 3, 4)]
    assert (plays[0].artist, plays[0].title, plays[0].album) == ("Artist 1", "Track 1", "Album 1")
    report = status_of(ana)
    assert (report["plays_added"], report["trouble"], report["gaps"]) == (4, None, [])
    now = iso(time.time())[:19]
    assert report["last_at"][:19] <= now < report["next_at"] < report["ends_at"]


@pytest.mark.parametrize(
    "answer",
    [
        played(),
        Answer(204),
        said({"items": [None], "cursors": None}),
        said({"items": [{"track": None, "played_at": iso(NOW)}], "cursors": None}),
        said({"items": [{"track": track(1), "played_at": "yesterday"}]}),
    ],
)
def test_an_answer_without_plays_is_an_empty_round(
    other: OtherSpotify, elsewhere: Flask, switched_on: int, answer: Answer
) -> None:
    other.script(RECENT, answer)
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on)
    assert live_plays(site_of(elsewhere).store, switched_on) == []


def test_a_local_file_and_a_track_without_id_are_plays_by_their_names(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    local = track(1, id=None, is_local=True, name="Demo tape", artists=[{"id": None, "name": "Us"}])
    moment = iso(NOW)
    twice = {"track": local, "played_at": moment}
    other.script(RECENT, said({"items": [twice, twice, {"track": track(2), "played_at": moment}]}))
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on, added=2)
    assert {play.uri for play in live_plays(site_of(elsewhere).store, switched_on)} == {
        None,
        f"spotify:track:{track(2)['id']}",
    }


def test_a_full_page_behind_the_cursor_is_a_gap(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.script(RECENT, played(1), played(*range(10, 60)), played(*range(10, 60)))
    syncer = syncer_of(elsewhere)
    for _ in range(3):
        syncer.round(switched_on)
    minute = 60_000
    assert gaps_of(site_of(elsewhere).store, switched_on) == [(NOW * 1000 + minute, NOW * 1000 + 10 * minute)]
    first, last = (iso(NOW + 60 * number)[:19] + "Z" for number in (1, 10))
    assert status_of(ana)["gaps"] == [{"from": first, "to": last}]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (refused(403, "Insufficient client scope"), "scope"),
        (refused(403, "Active premium subscription required for the owner of the app."), "owner_premium"),
        (refused(403, "Check settings, the user may not be registered."), "not_registered"),
    ],
)
def test_a_refusal_ends_it_for_that_account_and_every_page_says_so(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int, answer: Answer, trouble: str
) -> None:
    other.script(RECENT, answer)
    syncer = syncer_of(elsewhere)
    assert syncer.round(switched_on) == Round(switched_on, trouble=trouble)
    report = status_of(ana)
    assert (report["state"], report["trouble"], report["next_at"]) == ("ended", trouble, None)
    assert 'action="/settings/sync"' in ana.get("/privacy").text
    assert syncer.round(switched_on) is None  # it is not asked again
    other.script(RECENT, played(1))
    agree(ana, ana.post("/settings/sync", on="1"))
    assert syncer.round(switched_on) == Round(switched_on, added=1)
    assert 'action="/settings/sync"' not in ana.get("/privacy").text


@pytest.mark.parametrize("answer", [refused(502), HTML, EMPTY, Answer(reset=True), refused(404, "No")])
def test_no_answer_is_tried_again_later_and_later(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int, answer: Answer
) -> None:
    other.script(RECENT, answer)
    syncer, store = syncer_of(elsewhere), site_of(elsewhere).store
    pauses = []
    for _ in range(3):
        assert syncer.round(switched_on) == Round(switched_on, trouble="unreachable")
        row = sync_of(store, switched_on)
        assert row is not None
        pauses.append((row.due_at - time.time()) / 3600)
    assert 0.8 < pauses[0] < 1.2 < 1.7 < pauses[1] < 2.3 < 3.5 < pauses[2] < 4.5
    assert status_of(ana)["state"] == "on"
    other.script(RECENT, played(1))
    assert syncer.round(switched_on) == Round(switched_on, added=1)
    assert status_of(ana)["trouble"] is None


def test_a_429_waits_as_long_as_it_says_and_pages_go_on(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.script(RECENT, refused(429, "API rate limit exceeded", Retry_After="120"))
    syncer = syncer_of(elsewhere)
    result = syncer.round(switched_on)
    assert result is not None
    assert result.trouble == "rate_limited"
    report = status_of(ana)
    assert (report["state"], report["trouble"]) == ("paused", "rate_limited")
    assert report["resume_at"] > iso(time.time() + 110)
    calls = other.count(RECENT)
    again = syncer.round(switched_on)
    assert again is not None
    assert again.trouble == "rate_limited"
    assert other.count(RECENT) == calls
    assert ana.get("/top/tracks.json").status_code == 200


@pytest.mark.parametrize(("headers", "least"), [({"Retry_After": "7200"}, 7100), ({}, 3500)])
def test_an_exceeded_quota_stops_the_background_of_the_whole_app(
    other: OtherSpotify,
    elsewhere: Flask,
    ana: Guest,
    switched_on: int,
    headers: dict[str, str],
    least: float,
) -> None:
    answer = refused(429, "API rate limit exceeded", **headers)
    body = {"error": {"status": 429, "message": "API rate limit exceeded", "reason": "QUOTA_EXCEEDED"}}
    other.script("/v1/me/top/tracks", said(body, 429, headers=answer.headers))
    ana.get("/top/tracks.json")
    result = syncer_of(elsewhere).round(switched_on)
    assert result is not None
    assert result.trouble == "quota"
    assert result.until is not None
    assert least < result.until - time.time() < least + 101
    assert other.count(RECENT) == 0
    report = status_of(ana)
    assert (report["state"], report["trouble"]) == ("paused", "quota")


def test_the_background_leaves_the_rest_of_a_day_to_pages(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.script(RECENT, played(1))
    ana.get("/top/tracks.json")
    calls = sum(asked.path.startswith("/v1/") for asked in other.asked)
    assert status_of(ana)["calls_today"] == calls
    result = syncer_of(elsewhere, daily_calls=calls).round(switched_on)
    assert result is not None
    assert result.trouble == "quota"
    assert other.count(RECENT) == 0
    assert syncer_of(elsewhere, daily_calls=calls + 1).round(switched_on) == Round(switched_on, added=1)


def test_a_dead_token_ends_it_and_a_new_login_takes_its_place(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.script(RECENT, refused(401, "The access token expired"))
    other.script(TOKEN, said({"error": "invalid_grant", "error_description": "Refresh token revoked"}, 400))
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on, trouble="login_ended")
    other.mend(TOKEN)
    other.script(RECENT, played(1))
    asked = ana.post("/settings/sync", on="1")
    assert "/authorize" in asked.headers["Location"]  # the session's token is of the same consent
    agree(ana, asked)
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on, added=1)


class Rotating:
    """A token endpoint that gives a new refresh token each time, and refuses every older one."""

    def __init__(self, other: OtherSpotify) -> None:
        self._other = other
        self.good: str | None = None
        self.refused = 0

    def __call__(self, asked: ReceivedRequest) -> Answer:
        sent = asked.form.get("refresh_token")
        if self.good is not None and sent != self.good:
            self.refused += 1
            return said({"error": "invalid_grant"}, 400)
        answer = self._other.grant(asked)
        self.good = json.loads(answer.body)["refresh_token"]
        return answer


def test_a_page_and_a_round_that_renew_in_turn_both_go_on(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    other.rotates = True
    rotating = Rotating(other)
    other.script(TOKEN, rotating)
    syncer = syncer_of(elsewhere)
    for number in range(1, 4):
        other.script(RECENT, refused(401, "The access token expired"), played(number))
        assert syncer.round(switched_on) == Round(switched_on, added=1)
        other.script("/v1/me/top/tracks", refused(401, "The access token expired"), said({"items": []}))
        assert ana.post("/your-music/refresh").status_code < 400
        assert ana.get("/top/tracks.json").status_code == 200
    assert rotating.refused == 0


def test_a_plain_logout_keeps_it_and_forgetting_everything_ends_it(
    elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    store = site_of(elsewhere).store
    ana.post("/logout")
    assert sync_of(store, switched_on) is not None
    ana.enter("ana")
    ana.get("/your-music")
    ana.post("/settings/end-other-sessions")
    assert sync_of(store, switched_on) is None


def test_many_accounts_that_are_due_are_asked_once_each_four_at_a_time(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    site = site_of(elsewhere)
    row = sync_of(site.store, switched_on)
    assert row is not None
    numbers = [switched_on]
    values = site.sync_tokens.read(switched_on)
    for number in range(19):
        account_id = find_or_add_account(site.store, "spotify", f"listener{number}", None)
        token = dict(values or {}) | {"access_token": f"access-listener{number}-1"}
        switch_on(site.store, account_id, site.sync_tokens.encrypt(token), row.authorized_at, time.time())
        numbers.append(account_id)
    under_way, most = [0], [0]

    def count(_asked: ReceivedRequest) -> Answer:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        other.closing.wait(0.02)
        under_way[0] -= 1
        return played(1)

    other.script(RECENT, count)
    assert sorted(due_accounts(site.store, 1e6)) == sorted(numbers)
    counted = site.services.calls_today("spotify")
    sync_now(syncer_of(elsewhere, daily_calls=counted + 6), numbers, lambda _round: None)
    assert 3 <= other.count(RECENT) <= 6  # never more than a day may have
    results: list[Round] = []
    with ThreadPoolExecutor(2) as machines:
        for done in [
            machines.submit(sync_now, syncer_of(elsewhere), numbers, results.append) for _ in range(2)
        ]:
            done.result()
    assert most[0] <= 4
    assert all(result.trouble is None for result in results)
    assert all(len(live_plays(site.store, account_id)) == 1 for account_id in numbers)


def built(app: Flask, account_id: int) -> None:
    """What a worker does with a stale history."""
    if stale_mark(site_of(app).store, account_id) is not None:
        rebuild(site_of(app).store, account_id)


def test_live_plays_alone_are_a_whole_history(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    assert 'action="/settings/sync"' in ana.get("/history").text  # in place of an empty history
    other.script(RECENT, played(1, 5, 9))
    syncer_of(elsewhere).round(switched_on)
    built(elsewhere, switched_on)
    other.script(RECENT, played(13))
    syncer_of(elsewhere).round(switched_on)
    assert stale_mark(site_of(elsewhere).store, switched_on) is None  # added without a rebuild
    totals = ana.get("/history.json?tz=UTC").get_json()["totals"]
    # As long as the track, three minutes and some, but for the time since the one before.
    assert (totals["plays"], totals["ms_played"], totals["ms_estimated"]) == (4, 720_028, 720_028)
    text = ana.get("/history").text
    assert "of the listening time is estimated, for 4 plays that arrived live." in text
    assert "Track 13" in ana.get("/your-music").text


@pytest.mark.parametrize("where", ["app.sync.add_live_plays", "app.sync.note_round", "app.sync.add_plays"])
def test_killed_at_any_point_nothing_is_lost_or_doubled(
    other: OtherSpotify, elsewhere: Flask, switched_on: int, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any, **_values: Any) -> None:
        raise Killed

    other.script(RECENT, played(1, 2, 3))
    store = site_of(elsewhere).store
    with monkeypatch.context() as mortal:
        mortal.setattr(where, die)
        with pytest.raises(Killed):
            syncer_of(elsewhere).round(switched_on)
    if not where.endswith("add_plays"):
        assert syncer_of(elsewhere).round(switched_on) is None  # the dead one's claim lasts
    with time_machine.travel(time.time() + 46):
        syncer_of(elsewhere).round(switched_on)
    built(elsewhere, switched_on)
    assert len(live_plays(store, switched_on)) == 3
    found = stored_history(store, switched_on)
    assert found is not None
    assert found.manifest.rows["music"] == [3]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_stops_nobody(
    other: OtherSpotify, elsewhere: Flask, switched_on: int, hours: int
) -> None:
    other.script(RECENT, played(1))
    store = site_of(elsewhere).store
    with time_machine.travel(time.time() + 3600 * hours):
        syncer_of(elsewhere).round(switched_on)
    assert len(due_accounts(store, syncer_of(elsewhere).longest)) in (0, 1)
    with time_machine.travel(time.time() + 3 * 3600):
        assert due_accounts(store, syncer_of(elsewhere).longest) == [switched_on]
        assert syncer_of(elsewhere).round(switched_on) == Round(switched_on)
    assert len(live_plays(store, switched_on)) == 1


def test_after_empty_rounds_it_is_asked_less_often_and_after_a_full_page_sooner(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    store = site_of(elsewhere).store

    def pause() -> float:
        syncer_of(elsewhere).round(switched_on)
        row = sync_of(store, switched_on)
        assert row is not None
        return (row.due_at - time.time()) / 3600

    other.script(RECENT, played())
    pauses = [pause() for _ in range(5)]
    assert all(0.89 < found < 1.11 for found in pauses[:2])
    assert 1.79 < pauses[2] < 2.21
    assert all(2.69 < found < 3.31 for found in pauses[3:])
    other.script(RECENT, played(*range(50)))
    assert 0.37 < pause() < 0.46
    other.script(RECENT, played(*range(20, 70)))  # full, but not all of it is new
    assert 0.89 < pause() < 1.11


def test_what_a_killed_worker_held_is_free_within_a_minute(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    other.script(RECENT, played(1))
    store, slots = site_of(elsewhere).store, Slots(site_of(elsewhere).store)
    assert all(slots.take() for _ in range(4))
    assert claim(store, switched_on)
    assert slots.take() is None
    assert syncer_of(elsewhere).round(switched_on) is None
    with time_machine.travel(time.time() + 30):
        assert slots.take() is not None
        assert due_accounts(store, 1e6) == [switched_on]
        assert syncer_of(elsewhere).round(switched_on) == Round(switched_on, added=1)


def test_deleted_while_a_round_is_under_way_nothing_of_it_stays(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    store = site_of(elsewhere).store

    def answer(_asked: ReceivedRequest) -> Answer:
        delete_account(store, switched_on)
        return played(1)

    other.script(RECENT, answer)
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on)
    assert live_plays(store, switched_on) == []


def test_an_import_that_ends_while_a_round_is_under_way_and_the_round_both_count(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    site = site_of(elsewhere)

    def answer(_asked: ReceivedRequest) -> Answer:
        body = zipped([play("2026-11-20 10:00"), play("2026-11-20 11:00", "Track 1", "Artist 1")])
        bring_in(site.store, site.uploads.ready(), switched_on, body)
        return played(1)

    other.script(RECENT, answer)
    assert syncer_of(elsewhere).round(switched_on) == Round(switched_on, added=1)
    built(elsewhere, switched_on)
    totals = ana.get("/history.json").get_json()["totals"]
    assert (totals["plays"], totals["ms_estimated"]) == (3, 180_001)


def test_after_weeks_without_network_there_is_a_banner_one_call_and_one_gap(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    syncer, store = syncer_of(elsewhere), site_of(elsewhere).store
    other.script(RECENT, played(1))
    syncer.round(switched_on)
    with time_machine.travel(time.time() + 29 * 86_400):
        other.script(RECENT, Answer(reset=True))
        syncer.round(switched_on)
        assert "Spotify did not answer" in ana.get("/privacy").text
        calls, later = other.count(RECENT), 29 * 1440
        other.script(RECENT, played(*range(later, later + 50)))
        assert syncer.round(switched_on) == Round(switched_on, added=50)
        assert other.count(RECENT) == calls + 1
        assert "Spotify did not answer" not in ana.get("/privacy").text
    assert gaps_of(store, switched_on) == [((NOW + 60) * 1000, (NOW + 60 * later) * 1000)]


def test_the_scheduler_asks_whoever_is_due_and_stops_when_it_is_told(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    came = Event()

    def answer(_asked: ReceivedRequest) -> Answer:
        came.set()
        return played(1)

    other.script(RECENT, answer)
    scheduler = Scheduler(syncer_of(elsewhere))
    scheduler.start()
    assert came.wait(10)
    until(lambda: len(live_plays(site_of(elsewhere).store, switched_on)) == 1)
    scheduler.close()
    assert other.count(RECENT) == 1


def test_a_new_login_with_the_permission_takes_the_place_of_a_dead_one(
    other: OtherSpotify, elsewhere: Flask, switched_on: int
) -> None:
    store = site_of(elsewhere).store
    other.script(RECENT, refused(403, "Insufficient client scope"))
    syncer_of(elsewhere).round(switched_on)
    another = Guest(elsewhere)
    other.scope = "user-top-read"
    another.enter("ana")
    another.get("/your-music")
    row = sync_of(store, switched_on)
    assert row is not None
    assert row.state == "ended"
    other.scope = SCOPES
    another = Guest(elsewhere)
    another.enter("ana")
    another.get("/your-music")
    row = sync_of(store, switched_on)
    assert row is not None
    assert (row.state, row.trouble) == ("on", None)


def test_thirty_days_before_the_consent_ends_every_page_says_so(
    other: OtherSpotify, elsewhere: Flask, ana: Guest, switched_on: int
) -> None:
    assert "Spotify ends your permission" not in ana.get("/privacy").text
    store = site_of(elsewhere).store
    long_ago = time.time() - 160 * 86400
    with store.writing() as connection:
        mine = sync.c.account_id == switched_on
        connection.execute(update(sync).where(mine).values(authorized_at=long_ago))
    assert "Spotify ends your permission" in ana.get("/privacy").text
    # The button asks Spotify, whatever the session may do; the old one works until the new one does.
    asked = ana.post("/settings/sync", on="1")
    assert switched_on in due_accounts(store, 1e6)
    if "/authorize" in asked.headers["Location"]:
        agree(ana, asked)
    assert "Spotify ends your permission" not in ana.get("/privacy").text
    assert other.count(RECENT) == 0
