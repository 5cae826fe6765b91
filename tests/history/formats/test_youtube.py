"""YouTube Music's plays among all that was watched; verbs in many languages; pages instead of JSON."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.formats import youtube
from app.history.formats.rows import Contents, NotAFile, Reading
from tests.history.formats.refusals import damaged, read_or_refused
from tests.history.formats.rows_told import GOLDEN, NOW, recognised, told

YOUTUBE = youtube.FORMATS[0]
Watched = dict[str, Any]


def watched(title: Any = "Watched Rain", **changed: Any) -> Watched:
    """An entry; a field that is changed to `None` is left out."""
    entry = {
        "header": "YouTube Music",
        "title": title,
        "titleUrl": "https://music.youtube.com/watch?v=aaaaaaaaaaa",
        "subtitles": [{"name": "Mira - Topic", "url": "https://www.youtube.com/channel/UCa"}],
        "time": "2024-03-01T10:00:00.123Z",
        "products": ["YouTube"],
        "activityControls": ["YouTube watch history"],
    }
    return {name: value for name, value in {**entry, **changed}.items() if value is not None}


def body_of(*entries: Any) -> bytes:
    return json.dumps(entries).encode()


def read(*entries: Any) -> Contents:
    return YOUTUBE.read(body_of(*entries), Reading(NOW.timestamp()))


def titles(*written: str) -> list[str]:
    return [row["title"] for row in told(read(*map(watched, written)).batch)]


def test_how_long_it_played_is_unknown_and_the_moment_exact() -> None:
    assert told(read(watched()).batch) == [
        {"start": "2024-03-01T10:00:00.123000Z", "source": "youtube", "artist": "Mira", "title": "Rain"}
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"header": "YouTube"}, None),
        ({"header": "YouTube", "subtitles": [{"name": "Mira"}]}, "a video, not music"),
        ({"header": "YouTube", "subtitles": None}, "a video, not music"),
        ({"header": "YouTube TV"}, "a video, not music"),
        ({"header": None}, "a video, not music"),
        ({"subtitles": [{"name": "Mira"}]}, None),
        ({"details": [{"name": "From Google Ads"}]}, "an advertisement"),
        ({"details": [{"name": "Aus Google Ads"}]}, "an advertisement"),
        ({"details": [{"name": "Watched at 18:00"}]}, None),
        (
            {"titleUrl": "https://music.youtube.com/search?q=rain", "subtitles": None},
            "nothing that was played",
        ),
    ],
)
def test_what_is_music_and_why_others_are_ignored(changed: Watched, why: str | None) -> None:
    found = read(watched(**changed))

    assert (len(found.batch), dict(found.ignored_why)) == ((0, {why: 1}) if why else (1, {}))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (watched(subtitles=None), "the video is gone, and its name with it"),
        (watched(subtitles=[]), "the video is gone, and its name with it"),
        (watched(subtitles=None, titleUrl=None), "the video is gone, and its name with it"),
        (watched(title=""), "the video is gone, and its name with it"),
        (watched(time="yesterday"), "not a time"),
        (watched(time=None), "not a time"),
        (watched(time="1969-12-31T23:59:59Z"), "before October 2002"),
        (watched(time="2026-11-21T00:00:01Z"), "in the future"),
        (watched(title=7), "not an entry as YouTube writes it"),
        (watched(subtitles="Mira"), "not an entry as YouTube writes it"),
        (watched(time=1709287200), "not an entry as YouTube writes it"),
        (7, "not an entry as YouTube writes it"),
        (None, "not an entry as YouTube writes it"),
        ([watched()], "not an entry as YouTube writes it"),
    ],
)
def test_an_unreadable_entry_says_why_and_takes_no_other_with_it(entry: Any, why: str) -> None:
    found = read(watched(), entry, watched())

    assert (len(found.batch), dict(found.unreadable_why)) == (2, {why: 1})
    assert found.unreadable_few[0].place == 2


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Watched Rain", "Rain"),
        ("Rain angesehen", "Rain"),
        ("„Rain“ angesehen", "Rain"),
        ("Vous avez regardé Rain", "Rain"),
        ("Has visto Rain", "Rain"),
        ("Je hebt naar Rain gekeken", "Rain"),
        ("Просмотрено видео Rain", "Rain"),
        ("Rain を視聴しました", "Rain"),
        ("Så på Rain", "Rain"),
        ("Watched Watched", "Watched"),
        ("Unheard of Rain", "Unheard of Rain"),
        ("Watched ", "Watched"),
    ],
)
def test_the_verb_is_taken_off_in_any_language_that_is_known(written: str, title: str) -> None:
    assert titles(written) == [title]


def test_one_language_holds_for_a_file() -> None:
    german = ["„Rain“ angesehen", "„Watched Snow“ angesehen", "„Hail“ angesehen", "Watched alone"]

    assert titles(*german) == ["Rain", "Watched Snow", "Hail", "Watched alone"]


def test_what_all_titles_share_is_the_verb_of_an_unknown_language() -> None:
    names = [f"{letter}a{number}" for letter in "RSHF" for number in range(10)]

    assert titles(*(f"Megnézte: {name}." for name in names)) == names
    assert titles(*(f"{name}-jin görüldi" for name in names)) == names
    assert titles(*names) == names


def test_a_few_titles_that_begin_alike_keep_their_beginning() -> None:
    album = [f"Sonata No. {number}" for number in range(10)]

    assert titles(*album) == album


@pytest.mark.parametrize(
    "saved",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.decode().encode("utf-16"),
        lambda body: body.decode().encode("latin-1"),
    ],
    ids=["BOM", "CRLF", "UTF-16", "Latin-1"],
)
def test_a_file_is_read_however_it_was_saved(saved: Any) -> None:
    body = (GOLDEN / "youtube.json").read_bytes()

    found = saved(body)

    assert recognised(found) is YOUTUBE
    again = YOUTUBE.read(found, Reading(NOW.timestamp()))
    assert told(again.batch) == told(YOUTUBE.read(body, Reading(NOW.timestamp())).batch)


def test_a_broken_letter_costs_itself_and_no_entry() -> None:
    body = json.dumps([watched("Watched Ráin ööö"), watched("Watched \ud800")], ensure_ascii=True).encode()
    body = body.replace(b"R\\u00e1in", b"R\xe1in")

    found = YOUTUBE.read(body.replace(b"\\u00f6", "ö".encode()), Reading(NOW.timestamp()))

    assert [row["title"] for row in told(found.batch)] == ["R�in ööö", "�"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "This file is empty."),
        (b" \r\n", "This file is empty."),
        (body_of(watched())[:-1], "This is not JSON, or it was cut short."),
        (b"[" * 100_000, "This is not JSON, or it was cut short."),
    ],
)
def test_what_is_cut_short_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(NotAFile) as refused:
        YOUTUBE.read(body, Reading(NOW.timestamp()))
    assert str(refused.value) == sentence


def test_a_giant_title_is_cut() -> None:
    found = read(watched("Watched " + "x" * 10_000_000), watched())

    assert [row["title"] for row in told(found.batch)] == ["x" * 500, "Rain"]


@pytest.mark.parametrize(
    "page",
    [
        '<html><head><title>My Activity History</title><style type="text/css">body{}</style></head>',
        "<!DOCTYPE html><html><head><title>Aktivitet</title><style>.mdl-grid{}</style></head>",
        '\ufeff<html><body>Watched <a href="https://www.youtube.com/watch?v=aaaaaaaaaaa">Rain</a></body></html>',
    ],
)
def test_a_page_is_recognised_and_says_what_to_choose(page: str) -> None:
    body = page.encode()

    assert recognised(body) is YOUTUBE
    with pytest.raises(NotAFile, match="In Google Takeout choose JSON instead of HTML"):
        YOUTUBE.read(body, Reading(NOW.timestamp()))


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>Read me first</body></html>",
        body_of(watched(header="Search")),
        b'[{"header": "YouTube", "title": "x"}]',
        b'{"header": "YouTube"}',
    ],
)
def test_other_pages_and_activities_are_not_recognised(body: bytes) -> None:
    assert recognised(body) is None


@settings(max_examples=100)
@given(st.integers(0, 10**6), st.binary(max_size=6), st.sampled_from([0, 0, 0, 1, 60]))
def test_a_damaged_file_is_read_or_refused(at: int, by: bytes, cut: int) -> None:
    body = json.dumps([watched(), watched(header="YouTube"), 7, {"title": {}}], indent=1).encode()

    read_or_refused(YOUTUBE, damaged(body, at, by, cut))


simple = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = (
    simple | st.lists(simple, max_size=2) | st.lists(st.dictionaries(st.just("name"), simple), max_size=2)
)
fields = st.dictionaries(st.sampled_from([*watched(), "details"]), values, max_size=3)


@settings(max_examples=60)
@given(st.lists(values | fields.map(lambda changed: watched() | changed), max_size=4), st.binary(max_size=60))
def test_any_json_and_any_bytes_are_read_or_refused(entries: list[Any], body: bytes) -> None:
    found = read_or_refused(YOUTUBE, json.dumps(entries).encode())
    assert found is not None
    assert found.read == len(entries)
    read_or_refused(YOUTUBE, body)
    read_or_refused(YOUTUBE, b"[" + body + b"]")


def test_a_single_entry_is_a_file_of_one() -> None:
    body = json.dumps(watched()).encode()

    assert recognised(body) is YOUTUBE
    assert len(YOUTUBE.read(body, Reading(NOW.timestamp())).batch) == 1
