"""The fields of a correction: which make sense, and which is named where one does not."""

import pytest

from app.history.correction_fields import WrongField, correction_json, parse_correction

ARTIST = {"kind": "artist", "action": "merge", "artist": "A", "to_artist": "B"}
TRACK = {"kind": "track", "action": "merge", "artist": "A", "title": "x", "to_artist": "A", "to_title": "y"}
PLAY = {"kind": "play", "action": "delete", "artist": "A", "title": "x", "started_at": "2024-03-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "kind"),
        (TRACK | {"kind": "genre"}, "kind"),
        (TRACK | {"action": "burn"}, "action"),
        (TRACK | {"action": "delete"}, "action"),
        (PLAY | {"action": "hide"}, "action"),
        (TRACK | {"artist": ""}, "artist"),
        (TRACK | {"title": " \t"}, "title"),
        (TRACK | {"to_artist": "\u200b"}, "to_artist"),
        (TRACK | {"to_title": ""}, "to_title"),
        (TRACK | {"to_title": "X "}, "to_title"),
        (TRACK | {"action": "rename", "to_title": "x"}, "to_title"),
        (TRACK | {"title": "x" * 501}, "title"),
        (TRACK | {"to_title": "x" * 501}, "to_title"),
        (TRACK | {"kind": "album", "album": "x"}, "to_album"),
        ({"kind": "artist", "action": "merge", "artist": "A"}, "to_artist"),
        ({"kind": "artist", "action": "merge", "artist": "A", "to_artist": "a"}, "to_artist"),
        ({"kind": "artist", "action": "hide", "artist_unknown": "1"}, "artist"),
        (PLAY | {"started_at": ""}, "started_at"),
        (PLAY | {"started_at": "yesterday"}, "started_at"),
        (PLAY | {"started_at": "9999-12-31T23:59:59-23:59"}, "started_at"),
        (PLAY | {"started_at": "1960-01-01T00:00:00Z"}, "started_at"),
    ],
)
def test_the_field_that_makes_no_sense_is_named(fields: dict[str, str], field: str) -> None:
    with pytest.raises(WrongField) as wrong:
        parse_correction(fields)
    assert wrong.value.field == field


def test_names_are_taken_as_they_are_kept() -> None:
    rule = parse_correction({"kind": "artist", "action": "merge", "artist": " A\n", "to_artist": "B\u200b"})
    assert (rule.from_artist, rule.to_artist) == ("A", "B")


def test_without_another_artist_a_track_stays_with_its_own() -> None:
    rule = parse_correction({name: text for name, text in TRACK.items() if name != "to_artist"})
    assert correction_json(rule)["to"] == {"artist": "A", "title": "y"}


def test_a_moment_is_in_whole_seconds_on_any_clock() -> None:
    for text in ("2024-03-01T10:00:00Z", "2024-03-01T11:00:00.999+01:00", "2024-03-01 10:00:00"):
        assert parse_correction(PLAY | {"started_at": text}).started_at == 1_709_287_200


def test_a_rename_may_change_case_alone() -> None:
    assert parse_correction(ARTIST | {"action": "rename", "artist": "abba", "to_artist": "ABBA"})
