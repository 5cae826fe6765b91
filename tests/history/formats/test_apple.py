"""Apple's play activity: which rows are plays, which belong together, and whose titles are."""

import csv
import io
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.formats import apple, apple_names
from app.history.formats.rows import AppleNames, Contents, NotAFile, Reading
from tests.history.formats.refusals import damaged, read_or_refused
from tests.history.formats.rows_told import GOLDEN, NOW, read, recognised, told

ACTIVITY = apple.FORMATS[0]
DAILY, LIBRARY = apple_names.FORMATS
PAUSED, SCRUBBED, ENDED = "PLAYBACK_MANUALLY_PAUSED", "SCRUB_BEGIN", "NATURAL_END_OF_TRACK"
SKIPPED = "TRACK_SKIPPED_FORWARDS"
GOES_ON = "goes on with the row before"
Event = dict[str, str]


def event(start: str, ms: int, title: str = "Rain", reason: str = ENDED, **more: str) -> Event:
    """A row by its start on 2024-03-01, as "10:00:00"; `more`: columns, with "_" for spaces."""
    return {
        "Event Start Timestamp": f"2024-03-01T{start}Z",
        "Play Duration Milliseconds": str(ms),
        "Song Name": title,
        "End Reason Type": reason,
    } | {name.replace("_", " "): text for name, text in more.items()}


def as_csv(*events: Event, columns: list[str] | None = None) -> bytes:
    """A file of these rows, with all columns that any of them has."""
    out = io.StringIO(newline="")
    columns = columns or list(dict.fromkeys(name for one in events for name in one))
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(events)
    return out.getvalue().encode()


def read_events(*events: Event, names: AppleNames | None = None) -> Contents:
    return ACTIVITY.read(as_csv(*events), Reading(NOW.timestamp(), apple=names or AppleNames()))


def plays(found: Contents) -> list[tuple[str, str, int]]:
    """Start, title and length of each play, by its start."""
    return sorted((row["start"][11:-1], row["title"], row["ms"]) for row in told(found.batch))


def artists(found: Contents) -> list[str | None]:
    return [row.get("artist") for row in told(found.batch)]


# Which rows are plays


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"Event Type": "PLAY_END"}, None),
        ({"Event Type": ""}, None),
        ({"Event Type": "PLAY_START"}, "not the end of a play"),
        ({"Event Type": "LYRIC_DISPLAY"}, "not the end of a play"),
        ({"Item Type": "ITUNES_STORE_CONTENT"}, None),
        ({"Item Type": "AD"}, "an advertisement, a clip or a sum"),
        ({"Item Type": "NON_SONG_CLIP"}, "an advertisement, a clip or a sum"),
        ({"Item Type": "AGGREGATE_NON_CATALOG_PLAY_TIME"}, "an advertisement, a clip or a sum"),
        ({"Media Type": "AUDIO"}, None),
        ({"Media Type": ""}, None),
        ({"Media Type": "VIDEO"}, "a video"),
        ({"Container Origin Type": "PLAYLIST"}, None),
        ({"Container Origin Type": "STREAM_RADIO_STATION"}, "radio"),
    ],
)
def test_which_rows_are_plays_and_why_others_are_ignored(more: dict[str, str], why: str | None) -> None:
    found = read_events(event("10:00:00", 60_000, **more), event("11:00:00", 60_000, "Snow"))

    assert dict(found.ignored_why) == ({why: 1} if why else {})
    assert [row["title"] for row in told(found.batch)] == (["Snow"] if why else ["Rain", "Snow"])


@pytest.mark.parametrize(
    ("reason", "skipped", "told_as"),
    [
        ("NATURAL_END_OF_TRACK", False, "trackdone"),
        ("TRACK_SKIPPED_FORWARDS", True, "fwdbtn"),
        ("TRACK_SKIPPED_BACKWARDS", True, "backbtn"),
        ("MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM", False, "clickrow"),
        ("PLAYBACK_MANUALLY_PAUSED", False, "endplay"),
        ("SOMETHING_NEW", False, "SOMETHING_NEW"),
        ("NOT_APPLICABLE", None, None),
        ("", None, None),
    ],
)
def test_the_end_reason_tells_whether_a_play_was_skipped(
    reason: str, skipped: bool | None, told_as: str | None
) -> None:
    (row,) = told(read_events(event("10:00:00", 60_000, reason=reason)).batch)

    assert (row.get("skipped"), row.get("reason_end")) == (skipped, told_as)


@pytest.mark.parametrize(
    ("shuffle", "flag"),
    [("SHUFFLE_ON", True), ("SHUFFLE_OFF", False), ("SHUFFLE_UNKNOWN", None), ("True", True)],
)
def test_shuffle_is_told_in_words(shuffle: str, flag: bool | None) -> None:
    (row,) = told(read_events(event("10:00:00", 60_000, Shuffle_Play=shuffle)).batch)

    assert row.get("shuffle") == flag


def test_a_length_below_zero_is_none_before_the_start_is_worked_out() -> None:
    jumped = event("10:00:00", -4500, Event_End_Timestamp="2024-03-01T10:00:00.500Z")
    jumped["Event Start Timestamp"] = ""

    assert plays(read_events(jumped)) == [("10:00:00.500000", "Rain", 0)]


def test_a_start_that_is_missing_follows_from_end_and_length() -> None:
    late = event("10:00:00", 60_000, Event_End_Timestamp="2024-03-01T10:01:30Z")
    late["Event Start Timestamp"] = ""

    assert plays(read_events(late)) == [("10:00:30", "Rain", 60_000)]


def test_a_length_that_is_missing_follows_from_start_and_end_or_is_unknown() -> None:
    known, unknown = (
        event("10:00:00", 0, Event_End_Timestamp="2024-03-01T10:01:30Z"),
        event("11:00:00", 0, "Snow"),
    )
    known["Play Duration Milliseconds"] = unknown["Play Duration Milliseconds"] = ""

    rows = told(read_events(known, unknown).batch)

    assert [row.get("ms") for row in rows] == [90_000, None]


# Which rows belong together


@pytest.mark.parametrize("reason", [PAUSED, "SCRUB_BEGIN", "SCRUB_END"])
def test_a_play_goes_on_after_a_pause_or_a_jump(reason: str) -> None:
    found = read_events(event("10:00:00", 60_000, reason=reason), event("10:02:00", 30_000, reason=SKIPPED))

    (row,) = told(found.batch)
    assert (row["start"], row["ms"]) == ("2024-03-01T10:00:00Z", 90_000)
    assert (row["reason_end"], row["skipped"]) == ("fwdbtn", True)
    assert (dict(found.ignored_why), found.ignored_few[0].place) == ({GOES_ON: 1}, 2)


@pytest.mark.parametrize("reason", [ENDED, SKIPPED, "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM", ""])
def test_a_track_on_repeat_is_played_anew_each_time(reason: str) -> None:
    found = read_events(event("10:00:00", 60_000, reason=reason), event("10:01:00", 60_000))

    assert plays(found) == [("10:00:00", "Rain", 60_000), ("10:01:00", "Rain", 60_000)]


@pytest.mark.parametrize(("start", "goes_on"), [("10:03:59.999", True), ("10:04:00", False)])
def test_after_three_minutes_it_is_another_play(start: str, goes_on: bool) -> None:
    found = read_events(event("10:00:00", 60_000, reason=PAUSED), event(start, 60_000))

    assert found.ignored == int(goes_on)


def test_another_track_between_makes_it_another_play() -> None:
    found = read_events(
        event("10:00:00", 10_000, reason=PAUSED),
        event("10:00:20", 10_000, "Snow"),
        event("10:00:40", 10_000),
    )

    assert (len(found.batch), found.ignored) == (3, 0)


def test_the_same_title_of_another_artist_or_album_is_another_track() -> None:
    found = read_events(
        event("10:00:00", 10_000, reason=PAUSED, Artist_Name="Mira", Album_Name="Weather"),
        event("10:00:20", 10_000, reason=PAUSED, Artist_Name="Ólafur", Album_Name="Weather"),
        event("10:00:40", 10_000, reason=PAUSED, Artist_Name="Ólafur", Album_Name="Live"),
    )

    assert len(found.batch) == 3


def test_many_rows_are_one_play_whatever_their_order() -> None:
    events = [
        event("10:00:00", 60_000, reason=PAUSED, Media_Duration_In_Milliseconds=""),
        event("10:01:30", 0, reason="SCRUB_END", Media_Duration_In_Milliseconds="192000.0"),
        event("10:01:40", 30_000, reason=SCRUBBED),
        event("10:02:20", 30_000, reason=ENDED),
        event("10:02:50", 100_000, reason=ENDED),
    ]
    expected = [("10:00:00", "Rain", 120_000), ("10:02:50", "Rain", 100_000)]
    for order in range(10):
        shuffled = random.Random(order).sample(events, len(events))
        found = read_events(*shuffled)
        assert plays(found) == expected
        assert dict(found.ignored_why) == {GOES_ON: 3}
        assert [row.get("duration") for row in sorted(told(found.batch), key=lambda row: row["start"])] == [
            192_000,
            None,
        ]


def test_of_the_same_track_in_the_same_second_the_longest_stays() -> None:
    rows = [
        event("10:00:00.100", 0, reason=PAUSED),
        event("10:00:00.900", 189_725),
        event("10:00:00.500", 1000, reason=SKIPPED),
        event("10:00:00.500", 500, "Snow"),
    ]
    for order in range(10):
        found = read_events(*random.Random(order).sample(rows, len(rows)))

        assert plays(found) == [("10:00:00.500000", "Snow", 500), ("10:00:00.900000", "Rain", 189_725)]
        assert dict(found.ignored_why) == {"the same track in the same second as a longer row": 2}


def test_rows_of_before_1970_are_told_apart_too() -> None:
    old = [
        event(start, 1000) | {"Event Start Timestamp": f"1969-12-31T{start}Z"}
        for start in ("23:59:59", "23:59:58")
    ]

    assert dict(read_events(*old, old[0]).unreadable_why) == {"before 2006": 2}


def test_what_would_add_up_to_more_than_a_day_is_another_play() -> None:
    first = event("00:00:00", 86_400_000, reason=PAUSED)
    second = event("00:01:00", 60_000) | {"Event Start Timestamp": "2024-03-02T00:01:00Z"}

    found = read_events(first, second)

    assert plays(found) == [("00:00:00", "Rain", 86_400_000), ("00:01:00", "Rain", 60_000)]


TIMES = [f"10:00:{second:02}.{part}" for second in range(3) for part in ("000", "400")] + [
    "10:02:30",
    "10:09:00",
]
events_of_few = st.builds(
    event,
    st.sampled_from(TIMES),
    st.sampled_from([-5, 0, 400, 60_000]),
    st.sampled_from(["Rain", "Snow", ""]),
    st.sampled_from([PAUSED, SCRUBBED, ENDED, SKIPPED, ""]),
    Event_Type=st.sampled_from(["PLAY_END", "", "LYRIC_DISPLAY"]),
    Artist_Name=st.sampled_from(["Mira", ""]),
)


@settings(max_examples=100)
@given(st.lists(events_of_few, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_no_time_is_made_up(events: list[Event], chance: Any) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    found, again = read_events(*events), read_events(*shuffled)

    def by_start(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(map(repr, rows))

    assert by_start(told(found.batch)) == by_start(told(again.batch))
    assert found.ignored_why == again.ignored_why
    assert found.unreadable_why == again.unreadable_why
    assert found.read == len(events) == len(found.batch) + found.ignored + found.unreadable
    told_ms = sum(max(int(one["Play Duration Milliseconds"]), 0) for one in events)
    assert sum(row["ms"] for row in told(found.batch)) <= told_ms


# Columns and bytes

OLD = (GOLDEN / "apple_play_activity_old.csv").read_bytes()
EXPECTED = told(read(OLD).batch)


def rearranged(order: list[int]) -> bytes:
    rows = [row + [""] * (len(order) - len(row)) for row in csv.reader(io.StringIO(OLD.decode()))][:-1]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([row[at] for at in order] for row in rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("order", range(3))
def test_columns_may_stand_in_any_order(order: int) -> None:
    places = list(range(len(OLD.split(b"\n")[0].split(b","))))
    random.Random(order).shuffle(places)

    assert told(read(rearranged(places)).batch) == EXPECTED


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + OLD,
        OLD.replace(b"\n", b"\r\n"),
        OLD.decode().encode("utf-16"),
        OLD.decode().encode("latin-1"),
        OLD.replace(b"Event Start Timestamp", b" EVENT start timestamp"),
    ],
    ids=["BOM", "CRLF", "UTF-16", "Latin-1", "case"],
)
def test_a_file_is_read_however_it_was_saved(body: bytes) -> None:
    assert recognised(body) is ACTIVITY
    assert told(read(body).batch) == EXPECTED


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "This file is empty."),
        (b"a,b\n1,2\n", "This file does not have the columns of Apple's play activity."),
        (
            b"Event Start Timestamp,Play Duration Milliseconds\n,\n",
            "This file does not have the columns of Apple's play activity.",
        ),
    ],
)
def test_what_is_no_play_activity_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(NotAFile) as refused:
        ACTIVITY.read(body, Reading(NOW.timestamp()))
    assert str(refused.value) == sentence


def test_the_fewest_columns_are_enough() -> None:
    found = read_events(event("10:00:00", 60_000), event("11:00:00", 60_000, 'Snow\r\nand "ice"'))

    assert plays(found) == [("10:00:00", "Rain", 60_000), ("11:00:00", 'Snow and "ice"', 60_000)]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Event Start Timestamp": "yesterday"}, "not a time"),
        ({"Event Start Timestamp": ""}, "not a time"),
        ({"Event Start Timestamp": "1969-12-31T23:59:59Z"}, "before 2006"),
        ({"Event Start Timestamp": "2005-12-31T23:59:59Z"}, "before 2006"),
        ({"Event Start Timestamp": "2026-11-21T00:00:01Z"}, "in the future"),
        ({"Event Start Timestamp": "9999-12-31T23:59:59Z"}, "in the future"),
        ({"Play Duration Milliseconds": "long"}, "Play Duration Milliseconds is not a number"),
        ({"Play Duration Milliseconds": "86400001"}, "longer than a day"),
        ({"Play Duration Milliseconds": "1e300"}, "longer than a day"),
        ({"Song Name": " \n"}, "names no track"),
        ({"Song Name": "x" * 10_000_000}, "a cell is far too long"),
    ],
)
def test_an_unreadable_row_says_why_and_takes_no_other_with_it(changed: Event, why: str) -> None:
    whole = event("10:00:00", 60_000)
    found = read_events(whole, whole | changed, event("11:00:00", 60_000))

    assert (len(found.batch), dict(found.unreadable_why)) == (2, {why: 1})
    assert found.unreadable_few[0].place == 2


def test_what_was_cut_short_keeps_all_whole_rows() -> None:
    body = as_csv(event("10:00:00", 60_000), event("11:00:00", 60_000), event("12:00:00", 60_000))

    found = ACTIVITY.read(body[:-40], Reading(NOW.timestamp()))

    assert (found.read, len(found.batch), found.unreadable) == (3, 2, 1)


def test_private_columns_never_get_out() -> None:
    for name in ("apple_play_activity_old.csv", "apple_play_activity.csv"):
        packed = read((GOLDEN / name).read_bytes()).batch.packed()
        for private in (b"4711", b"0815CAFE", b"192.0.2.7", b"Oslo", b"NO"):
            assert private not in packed


def test_far_too_many_rows_are_refused_before_they_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class TooMany(Exception):
        pass

    def check(entries: int) -> None:
        if entries > 150:
            raise TooMany(entries)

    monkeypatch.setattr(apple, "_OFTEN", 100)
    with pytest.raises(TooMany, match="200"):
        ACTIVITY.read(as_csv(*[event("10:00:00", 1)] * 300), Reading(NOW.timestamp(), check))


# Whose titles are


def names_of(*days: tuple[str, str], library: bytes = b"[]") -> AppleNames:
    """What the files beside tell: days as "20240301", with "Artist - Title"; and a library."""
    names = AppleNames()
    reading = Reading(NOW.timestamp(), apple=names)
    daily = as_csv({"Date Played": "", "Track Description": ""}, *map(_daily, days))
    DAILY.read(daily, reading)
    LIBRARY.read(library, reading)
    return names


def _daily(day: tuple[str, str]) -> Event:
    return {"Date Played": day[0], "Track Description": day[1]}


TWO_DAYS = (("20240301", "Mira - Rain"), ("20240305", "Ólafur - Rain"))


def test_two_artists_of_one_title_are_told_apart_by_day() -> None:
    names = names_of(*TWO_DAYS)
    later = event("10:00:00", 60_000) | {"Event Start Timestamp": "2024-03-05T10:00:00Z"}

    assert artists(read_events(event("10:00:00", 60_000), later, names=names)) == ["Mira", "Ólafur"]


@pytest.mark.parametrize(("day", "artist"), [("02", "Mira"), ("04", "Ólafur"), ("03", None), ("07", None)])
def test_the_days_beside_help_since_a_day_is_on_another_clock(day: str, artist: str | None) -> None:
    names = names_of(*TWO_DAYS)
    row = event("10:00:00", 60_000) | {"Event Start Timestamp": f"2024-03-{day}T10:00:00Z"}

    assert artists(read_events(row, names=names)) == [artist]


def test_the_day_is_the_listeners() -> None:
    names = names_of(("20240302", "Mira - Rain"), ("20240301", "Ólafur - Rain"))
    rows = [
        event("23:30:00", 60_000, UTC_Offset_In_Seconds="3600"),
        event("22:30:00", 60_000, UTC_Offset_In_Seconds="3600"),
    ]

    assert artists(read_events(*rows, names=names)) == ["Mira", "Ólafur"]


def test_where_a_day_has_both_the_album_decides_and_else_nobody() -> None:
    library = b'[{"Title": "Rain", "Artist": "Mira", "Album": "Weather"}]'
    names = names_of(("20240301", "Mira - Rain"), ("20240301", "Ólafur - Rain"), library=library)
    rows = event("10:00:00", 60_000, Album_Name="WEATHER"), event("11:00:00", 60_000, Album_Name="Live")

    assert artists(read_events(*rows, names=names)) == ["Mira", None]


@pytest.mark.parametrize("number", ["Track Identifier", "Apple Music Track Identifier"])
def test_a_library_is_known_by_the_number_of_its_tracks_whichever_it_has(number: str) -> None:
    track = {"Title": "Rain", "Artist": "Mira", number: 182889262}

    assert recognised(json.dumps([track]).encode()) is LIBRARY
    assert recognised(json.dumps(track).encode()) is LIBRARY


def test_the_library_tells_by_title_where_no_day_does() -> None:
    tracks = {"RAIN": "Mira"}, {"Snow": "Mira"}, {"Snow": "Ólafur"}
    library = json.dumps(
        [{"Title": title, "Artist": by} for one in tracks for title, by in one.items()]
    ).encode()
    rows = event("10:00:00", 60_000), event("11:00:00", 60_000, "Snow")

    assert artists(read_events(*rows, names=names_of(library=library))) == ["Mira", None]


def test_an_artist_written_in_two_ways_is_one() -> None:
    names = names_of(("20240301", "MIRA - Rain"), ("20240301", "Mira - rain"))

    assert artists(read_events(event("10:00:00", 60_000), names=names)) == ["MIRA"]


def test_a_title_may_hold_what_separates_it_from_the_artist() -> None:
    names = names_of(("20240301", "Mira - Rain - Remastered 2011"))

    found = read_events(event("10:00:00", 60_000, "Rain - Remastered 2011"), names=names)

    assert artists(found) == ["Mira"]


def test_the_rows_own_artist_comes_first() -> None:
    found = read_events(event("10:00:00", 60_000, Artist_Name="Somebody"), names=names_of(*TWO_DAYS))

    assert artists(found) == ["Somebody"]


def test_track_play_history_tells_artists_too() -> None:
    names = AppleNames()
    DAILY.read((GOLDEN / "apple_track_history.csv").read_bytes(), Reading(NOW.timestamp(), apple=names))

    assert artists(read_events(event("10:00:00", 60_000), names=names)) == ["Mira"]


def test_a_title_that_no_file_names_is_a_play_without_an_artist() -> None:
    found = read_events(event("10:00:00", 60_000, "Fog"), names=names_of(*TWO_DAYS))

    assert (found.read, len(found.batch), artists(found)) == (1, 1, [None])


def test_files_that_tell_artists_are_read_first_and_hold_no_plays() -> None:
    assert [one.first for one in (DAILY, LIBRARY, ACTIVITY)] == [True, True, False]
    for name in ("apple_daily_tracks.csv", "apple_track_history.csv", "apple_library.json"):
        found = read((GOLDEN / name).read_bytes())
        assert (len(found.batch), found.read) == (0, found.ignored + found.unreadable)


@pytest.mark.parametrize("one", [DAILY, LIBRARY])
def test_an_empty_companion_is_refused_with_a_sentence(one: Any) -> None:
    for body in (b"", b"\xef\xbb\xbf\r\n"):
        with pytest.raises(NotAFile, match=r"\.$"):
            one.read(body, Reading(NOW.timestamp()))


ANY = [
    path.read_bytes() for path in sorted(GOLDEN.glob("apple_*")) if not path.name.endswith(".expected.json")
]


@settings(max_examples=100)
@given(
    st.sampled_from([ACTIVITY, DAILY, LIBRARY]),
    st.sampled_from(ANY),
    st.integers(0, 10**6),
    st.binary(max_size=6),
    st.sampled_from([0, 0, 1, 60]),
)
def test_a_damaged_file_is_read_or_refused(one: Any, body: bytes, at: int, by: bytes, cut: int) -> None:
    reading = Reading(NOW.timestamp(), apple=names_of(*TWO_DAYS))
    read_or_refused(one, damaged(body, at, by, cut), reading)


@given(st.sampled_from([ACTIVITY, DAILY, LIBRARY]), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(one: Any, body: bytes) -> None:
    read_or_refused(one, body)
    read_or_refused(one, OLD.split(b"\n")[0] + b"\n" + body)
