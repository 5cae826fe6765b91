"""One JSON file: every entry is a row, or unreadable, or ignored; no file gives a traceback."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.batch import Batch, PlayKind
from app.history.formats import spotify as reading
from app.history.formats.rows import Contents, NotAFile, RejectedRow
from app.history.formats.spotify import read_json
from app.history.names import LONGEST_TEXT
from tests.history.made import NOON, PRIVATE, Row, account_play, body, play, plays

NOW = NOON + 1000.0


def read(*entries: object) -> Contents:
    return read_json(body(entries), NOW)


def adds_up(of: Contents, entries: int) -> bool:
    return of.read == entries == len(of.batch) + of.unreadable + of.ignored


@pytest.mark.parametrize(
    "held",
    [
        b"\xef\xbb\xbf" + body(plays(3)),
        json.dumps(plays(3), indent=2).replace("\n", "\r\n").encode(),
        json.dumps(plays(3)).encode("utf-16"),
        json.dumps(plays(3), ensure_ascii=False).encode("utf-32"),
        b" \n" + body(plays(3)) + b"\n\n",
    ],
    ids=["BOM", "CRLF", "UTF-16", "UTF-32", "blanks"],
)
def test_a_file_is_read_however_it_was_saved(held: bytes) -> None:
    found = read_json(held, NOW)
    assert (found.read, len(found.batch)) == (3, 3)


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf \r\n", "This file is empty."),
        (body(plays(3))[:-1], "This is not JSON, or it was cut short."),
        (body(plays(3))[:100], "This is not JSON, or it was cut short."),
        (b"[" * 100_000, "This is not JSON, or it was cut short."),
        (b'[{"ts":' * 20_000, "This is not JSON, or it was cut short."),
        (b"{}", "This JSON is not a list of plays."),
        (b'{"ts": "2021-01-01T00:00:00Z", "ms_played": 1}', "This JSON is not a list of plays."),
        (b"null", "This JSON is not a list of plays."),
        (b'"[]"', "This JSON is not a list of plays."),
    ],
)
def test_what_is_no_list_of_plays_is_refused_with_a_sentence(held: bytes, sentence: str) -> None:
    with pytest.raises(NotAFile) as refused:
        read_json(held, NOW)
    assert str(refused.value) == sentence


def test_a_file_made_to_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGE", 100)
    monkeypatch.setattr(reading, "MOST_ENTRIES", 50)
    with pytest.raises(NotAFile, match="far more entries"):
        read_json(b"[" + b"{}," * 60 + b"{}]", NOW)


def test_an_empty_list_holds_nothing() -> None:
    assert adds_up(read(), 0)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (7, "not an object"),
        (None, "not an object"),
        ([], "not an object"),
        ("ts", "not an object"),
        ({"ms_played": 1}, "ts is missing"),
        ({"ts": None, "ms_played": 1}, "ts is missing"),
        ({"ts": 1_600_000_000, "ms_played": 1}, "ts is not text"),
        ({"ts": "2021-01-01T00:00:00Z"}, "ms_played is missing"),
        ({"endTime": "2021-01-01 00:00"}, "msPlayed is missing"),
        ({"msPlayed": 5}, "endTime is missing"),
        (play(ms_played=None), "ms_played is missing"),
        (play(ms_played="200000"), "ms_played is not a whole number"),
        (play(ms_played=1000.5), "ms_played is not a whole number"),
        (play(ms_played=1e300), "longer than a day"),
        (play(ms_played=float("nan")), "ms_played is missing"),
        (play(ms_played=float("inf")), "ms_played is not a whole number"),
        (play(ts=float("nan")), "ts is missing"),
        (play(ms_played=True), "ms_played is not a whole number"),
        (play(ms_played=[]), "ms_played is not a whole number"),
        (play(ms_played=-1), "a length below zero"),
        (play(ms_played=-(10**30)), "a length below zero"),
        (play(ms_played=86_400_001), "longer than a day"),
        (play(ms_played=2**31), "longer than a day"),
        (play(ms_played=2**63), "longer than a day"),
        (play(ms_played=10**30), "longer than a day"),
        (play(ts="1970-01-01T00:00:00Z"), "before 2006"),
        (play(ts="2005-12-31T23:59:59Z"), "before 2006"),
        (play(ts="2090-01-01T00:00:00Z"), "in the future"),
        (play(ts="9999-12-31T23:59:59Z"), "in the future"),
        (play(ts="yesterday"), "not a time"),
        (play(ts=""), "not a time"),
        (play(ts="2021-02-30T00:00:00Z"), "not a time"),
        (play(ts="2021-13-01T00:00:00Z"), "not a time"),
        (play(ts="२०२१-01-01T00:00:00Z"), "not a time"),
        (account_play() | {"endTime": "2021-99-01 00:00"}, "not a time"),
        (account_play() | {"msPlayed": -5}, "a length below zero"),
    ],
)
def test_an_unreadable_entry_says_why_and_takes_no_other_with_it(entry: object, why: str) -> None:
    neighbours: list[list[Row]] = [[], [play()], [account_play()], [{"a": 1}]]
    for beside in neighbours:
        found = read(*beside, entry, *beside)
        assert adds_up(found, 1 + 2 * len(beside))
        assert found.unreadable_few == [RejectedRow(1 + len(beside), why)]
        assert found.unreadable_why == {why: 1}


def test_a_number_of_endless_digits_is_one_unreadable_entry() -> None:
    held = body([play(), play(ms=12345)]).replace(b"12345", b"9" * 6000)
    found = read_json(held, NOW)
    assert (found.read, len(found.batch), found.unreadable_few) == (
        2,
        1,
        [RejectedRow(2, "longer than a day")],
    )


def test_the_limits_belong_to_what_is_read() -> None:
    edges = [
        play(ms=0),
        play(ms=86_400_000),
        play(ts="2006-01-01T00:00:00Z"),
        play(end=int(NOW) + 86_400),
    ]
    assert len(read(*edges).batch) == 4


def test_the_first_few_are_told_and_all_are_counted() -> None:
    found = read(*[7] * 4, *[{"a": 1}] * 9, *[play(ms=-1)] * 8, play())
    assert found.unreadable_why == {"not an object": 4, "a length below zero": 8}
    assert [one.place for one in found.unreadable_few] == [1, 2, 3, 4, 14]
    assert [one.place for one in found.ignored_few] == [5, 6, 7, 8, 9]
    assert found.ignored_why == {"neither a play of extended history nor of account data": 9}
    assert adds_up(found, 22)


def test_objects_of_no_kind_we_know_are_ignored() -> None:
    nameless = {"ts": "2021-01-01T00:00:00Z", "ms_played": 5}
    found = read({}, {"playlist": []}, nameless, play())
    assert (found.ignored, found.unreadable, len(found.batch)) == (3, 0, 1)
    assert found.ignored_few[2] == RejectedRow(3, "names no track, episode or chapter")


def test_nulls_wrong_types_and_unknown_fields_cost_no_row() -> None:
    odd = play(shuffle="yes", platform=7, conn_country=None, skipped=None, future_field={"a": [1]})
    found = read(odd, play(offline_timestamp=float("nan")))
    assert len(found.batch) == 2
    assert found.batch.columns["shuffle"].tolist() == [-1, 0]
    assert found.batch.columns["skipped"].tolist() == [-1, -1]


def test_each_kind_is_told_from_the_others() -> None:
    nothing: Row = dict.fromkeys(
        (
            "master_metadata_track_name",
            "master_metadata_album_artist_name",
            "master_metadata_album_album_name",
            "spotify_track_uri",
        )
    )
    podcast = play(**nothing, episode_name="Ep", episode_show_name="Show")
    chapter = play(**nothing, audiobook_title="Book", audiobook_chapter_title="One", audiobook_uri="u")
    theirs = {"endTime": "2021-03-04 12:00", "msPlayed": 5, "podcastName": "Show", "episodeName": "Ep"}
    found = read(play(), podcast, chapter, account_play(), theirs)
    kinds = [found.batch.items[at].kind for at in found.batch.columns["item"]]
    assert kinds == [PlayKind.MUSIC, PlayKind.PODCAST, PlayKind.AUDIOBOOK, PlayKind.MUSIC, PlayKind.PODCAST]


def test_the_address_of_a_chapter_comes_before_that_of_its_book() -> None:
    chapter = {"ts": "2021-03-04T12:00:00Z", "ms_played": 5, "audiobook_title": "Book"}
    found = read(chapter | {"audiobook_uri": "book", "audiobook_chapter_uri": "chapter"})

    assert [item.uri for item in found.batch.items] == ["chapter"]


def test_private_fields_never_get_any_further() -> None:
    packed = read(*plays(3), {"a": 1}).batch.packed() + read(*plays(3)).batch.packed()
    for secret in PRIVATE.values():
        assert secret.encode() not in packed


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"\\ud800 half", "� half"),
        (b"\xed\xa0\x80", "�"),
        (b"broken \xff byte", "broken � byte"),
        (b"a\\u0000b\\u0007c", "abc"),
        ("日本語 🎵 ‏עברית".encode(), "日本語 🎵 ‏עברית"),
        (b"x" * 10_000_000, "x" * LONGEST_TEXT),
    ],
    ids=["surrogate", "raw surrogate", "no UTF-8", "control", "scripts", "10 MB"],
)
def test_names_of_any_kind_can_be_kept_and_shown(written: bytes, kept: str) -> None:
    found = read_json(body([play(track="NAME")]).replace(b"NAME", written), NOW)
    assert found.batch.items[0].title == kept
    assert found.batch.items[0].title.encode()
    assert Batch.unpacked(found.batch.packed()).items[0] == found.batch.items[0]


@pytest.mark.parametrize("rows", [plays(20), [account_play(NOON + 60 * at) for at in range(20)]])
def test_an_odd_neighbour_changes_no_row(rows: list[Row]) -> None:
    alone, beside = read(*rows).batch, read(*rows, {"odd": 1}, 7).batch
    assert alone.packed() == beside.packed()
    assert alone.items[0].title == ("Song 0" if "ts" in rows[0] else "Song")


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*play(), *account_play(), "skipped", "episode_name", "audiobook_title", "else"])
ENTRIES = st.one_of(
    VALUES,
    st.dictionaries(FIELDS, VALUES, max_size=6),
    st.dictionaries(FIELDS, VALUES, max_size=4).map(lambda odd: play() | odd),
    st.dictionaries(FIELDS, VALUES, max_size=4).map(lambda odd: account_play() | odd),
)


@given(st.lists(ENTRIES, max_size=8))
def test_any_entries_are_one_of_the_four(entries: list[object]) -> None:
    assert adds_up(read(*entries), len(entries))


@given(st.binary(max_size=200), st.sampled_from([b"", b"[", b'[{"ts":', b"\xff\xfe", b"\xef\xbb\xbf["]))
def test_any_bytes_are_read_or_refused(held: bytes, head: bytes) -> None:
    with suppress(NotAFile):
        found = read_json(head + held, NOW)
        assert adds_up(found, found.read)
