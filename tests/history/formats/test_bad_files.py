"""Every format reads any bytes, or refuses them with a sentence: whatever the encoding, cut or damaged."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.formats import FORMATS
from app.history.formats.rows import Contents, Format, NotAFile, Reading
from tests.history.formats.rows_told import NOW, expected_of, golden_files, recognised, told

FILES = [path for path in golden_files() if not path.read_bytes().startswith(b"PK")]
JSON_FILES = [path for path in FILES if path.suffix == ".json"]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
each_json = pytest.mark.parametrize("path", JSON_FILES, ids=lambda path: path.name)
any_file = st.sampled_from(FILES)
ODD_NUMBERS = (0, -1, 1e300, float("nan"), 10**30)
ODD_TEXTS = ("", "\0", "\ud800", "9" * 5000, "x" * 600)
ODD_VALUES: tuple[Any, ...] = (None, True, [], [[]], {}, {"x": {}}, *ODD_NUMBERS, *ODD_TEXTS)


def read(reader: Format, body: bytes) -> Contents | None:
    """What a reader finds, or `None` where it refuses with a sentence."""
    try:
        found = reader.read(body, Reading(NOW.timestamp()))
    except NotAFile as refusal:
        sentence = str(refusal)
    else:
        assert found.read == len(found.batch) + found.unreadable + found.ignored
        assert len(found.unreadable_few) == min(5, found.unreadable)
        assert len(found.ignored_few) == min(5, found.ignored)
        assert len(told(found.batch)) == len(found.batch)
        found.batch.packed()
        return found
    assert sentence.endswith(".")
    return None


def reader_of(path: Path) -> Format:
    found = recognised(path.read_bytes())
    assert found is not None
    return found


@each_file
@pytest.mark.parametrize(
    "saved_as",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\r\n", "\n").encode(),
    ],
    ids=["BOM", "UTF-16", "CRLF", "LF"],
)
def test_a_file_is_the_same_however_it_was_saved(path: Path, saved_as: Callable[[str], bytes]) -> None:
    body = saved_as(path.read_bytes().decode("utf-8-sig"))

    assert recognised(body) is reader_of(path)
    found = read(reader_of(path), body)

    assert found is not None
    assert told(found.batch) == expected_of(path)["rows"]


@each_file
def test_a_file_in_latin_1_is_read(path: Path) -> None:
    text = path.read_bytes().decode("utf-8-sig").replace("雨", "é")

    found = read(reader_of(path), text.encode("cp1252", "replace"))

    assert found is not None
    assert told(found.batch) == expected_of(path)["rows"]


@pytest.mark.parametrize("reader", FORMATS, ids=lambda reader: reader.name)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf\r\n", id="blank"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param(b"[" * 200_000, id="nested lists"),
        pytest.param(b'{"a":' * 100_000, id="nested objects"),
        pytest.param(b'"' * 99_999, id="quotes"),
        pytest.param(b"\xff\xfe\xfa", id="half a letter"),
        pytest.param(b"{}", id="object"),
        pytest.param(b"null", id="null"),
    ],
)
def test_a_hopeless_file_keeps_nothing(reader: Format, body: bytes) -> None:
    found = read(reader, body)

    assert found is None or len(found.batch) == 0


@each_json
def test_a_file_cut_short_is_refused(path: Path) -> None:
    body = path.read_bytes().rstrip()

    assert read(reader_of(path), body[:-1]) is None
    assert read(reader_of(path), body[: len(body) // 2]) is None


@settings(max_examples=200)
@given(st.sampled_from(JSON_FILES), st.integers(0, 10**6), st.sampled_from(ODD_VALUES))
def test_any_value_may_be_wrong(path: Path, at: int, odd: Any) -> None:
    whole = json.loads(path.read_bytes())
    places = list(_places(whole))
    holder, key = places[at % len(places)]
    is_one_value = not isinstance(holder[key], list | dict)
    holder[key] = odd

    found = read(reader_of(path), json.dumps(whole).encode())

    if is_one_value:
        assert found is not None
        assert len(found.batch) >= len(expected_of(path)["rows"]) - 1


@each_json
def test_a_key_may_be_half_a_letter(path: Path) -> None:
    whole = json.loads(path.read_bytes())
    for holder, _key in list(_places(whole)):
        if isinstance(holder, dict):
            holder["\ud800"] = "\ud800"

    read(reader_of(path), json.dumps(whole).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each value in it, as what holds it and the key it has there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


@settings(max_examples=300)
@given(any_file, st.integers(0, 10**6), st.binary(max_size=6), st.sampled_from([0, 0, 1, 40, 1000]))
def test_a_damaged_file_is_read_or_refused(path: Path, at: int, by: bytes, cut: int) -> None:
    body = path.read_bytes()
    at %= len(body) + 1
    body = (body[:at] + by + body[at + len(by) :])[: len(body) - cut % (len(body) + 1)]

    read(reader_of(path), body)
    if (reader := recognised(body)) is not None:
        read(reader, body)


@given(st.sampled_from(FORMATS), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(reader: Format, body: bytes) -> None:
    read(reader, body)


@given(st.sampled_from(FORMATS), any_file)
def test_a_reader_is_not_hurt_by_the_file_of_another(reader: Format, path: Path) -> None:
    read(reader, path.read_bytes())
