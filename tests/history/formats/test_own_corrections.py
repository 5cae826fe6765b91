"""Corrections, written and read again, are the same corrections."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.correction_fields import WrongField, parse_correction
from app.history.corrections import rule_key
from app.history.formats.own_corrections import read, written
from app.history.formats.rows import Reading
from app.store.corrections import Correction

NAMES = st.sampled_from(["Rain", "rain", "Ólafur", 'a "b"', "=1+1", "東京", "x" * 500])
FIELDS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["artist", "album", "track", "play"]),
        "action": st.sampled_from(["merge", "rename", "hide", "delete"]),
        "title": NAMES,
        "album": NAMES,
        "to_artist": NAMES,
        "to_title": NAMES,
        "to_album": NAMES,
        "started_at": st.just("2025-06-13T00:55:00Z"),
    },
    optional={"artist": NAMES, "artist_unknown": st.just("1")},
)


@settings(max_examples=60)
@given(st.lists(FIELDS, max_size=8))
def test_corrections_are_read_as_they_were_written(forms: list[dict[str, str]]) -> None:
    rules: list[Correction] = []
    for fields in forms:
        try:
            rules.append(replace(parse_correction(fields), id=len(rules) + 1, plays=5))
        except WrongField:
            continue
    found = read(written(rules), Reading(2e9))
    assert list(map(rule_key, found.corrections)) == list(map(rule_key, rules))
    assert (found.read, found.ignored, found.unreadable, len(found.batch)) == (len(rules), len(rules), 0, 0)
