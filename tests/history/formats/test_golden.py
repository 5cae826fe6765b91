"""Each golden file is read as is expected of it, by one format and no other."""

from pathlib import Path

import pytest

from app.history.formats import FORMATS
from tests.history.formats.rows_told import expected_of, golden_files, head_of, read, recognised, told

FILES = golden_files()
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


@each_file
def test_a_file_is_read_as_expected(path: Path) -> None:
    found, expected = read(path.read_bytes()), expected_of(path)

    assert told(found.batch) == expected["rows"]
    assert dict(found.unreadable_why) == expected.get("unreadable", {})
    assert dict(found.ignored_why) == expected.get("ignored", {})
    assert found.read == len(found.batch) + found.unreadable + found.ignored


@each_file
def test_one_format_recognises_a_file_and_no_other(path: Path) -> None:
    head = head_of(path.read_bytes())

    assert [one.name for one in FORMATS if one.recognise(head)] == [expected_of(path)["format"]]


def test_every_file_has_its_expectation_beside_it() -> None:
    held = {path for path in FILES[0].parent.iterdir() if not path.name.endswith(".expected.json")}

    assert held == set(FILES)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"not a file of plays",
        b"a,b,c\n1,2,3\n",
        b"artist,title\nMira,Rain\n",
        b'[{"name": "Mira"}]',
        b'{"recording_msid": "x", "score": 1, "created": 1749776100}\n',
        b"PK\x03\x04",
    ],
)
def test_no_format_recognises_what_holds_no_plays(body: bytes) -> None:
    assert recognised(body) is None
