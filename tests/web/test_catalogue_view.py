"""Values of the catalogue as words: dates, lengths, names, and where a page lies in its list."""

import re

import pytest
from flask import Flask, render_template_string
from werkzeug.exceptions import BadRequest

from app.music import Album, ArtistName, Page, Track
from app.web.format import album_name, playing_time, release_date, track_name
from app.web.paging import next_offset, page_span, previous_offset
from app.web.representation import is_spotify_id, offset_from

ID = "4Z8W4fKeB5YxbusRsdQVPb"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1973", "1973"),
        ("1973-03", "March 1973"),
        ("1973-03-14", "14 March 1973"),
        ("2026-12-01", "1 December 2026"),
        ("1973-13", "1973"),
        ("1973-02-30", "1973"),
        ("1973-00-00", "1973"),
        ("0000", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("19733", None),
        ("1973-3-1", None),
        ("\N{ARABIC-INDIC DIGIT ONE}973", None),
    ],
)
def test_a_release_date_is_as_precise_as_it_is_known(text: str | None, words: str | None) -> None:
    assert release_date(text) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (2_512_000, "41 min 52 s"),
        (3_600_000, "1 h"),
        (4_359_000, "1 h 12 min"),
    ],
)
def test_a_playing_time(milliseconds: int, words: str) -> None:
    assert playing_time(milliseconds) == words


@pytest.mark.parametrize(
    "text",
    [None, "", "x", ID[:-1], f"{ID}x", f"{ID[:-1]}/", f"{ID[:-1]}é", f"{ID}\n", "٣" * 22, " " + ID[1:]],
)
def test_only_22_letters_and_digits_are_an_id(text: str | None) -> None:
    assert is_spotify_id(ID)
    assert not is_spotify_id(text)


@pytest.mark.parametrize(
    "wanted", ["-1", "1.5", "ten", "1001", "+1", " 1", "1_0", "٣", "9" * 30, "0x1", "1e2"]
)
def test_an_offset_that_makes_no_sense_is_refused(wanted: str) -> None:
    with pytest.raises(BadRequest):
        offset_from(wanted, 1000)


def test_an_offset_is_a_whole_number_up_to_the_most() -> None:
    assert [offset_from(one, 1000) for one in (None, "", "0", "10", "007", "1000")] == [0, 0, 0, 10, 7, 1000]


@pytest.mark.parametrize(
    ("offset", "end", "total", "words", "previous", "following", "stops"),
    [
        (0, 10, 134, "1–10 of 134", None, 10, False),
        (10, 20, 134, "11–20 of 134", 0, 20, False),
        (5, 15, 134, "6–15 of 134", 0, 15, False),
        (130, 134, 134, "131–134 of 134", 120, None, False),
        (133, 134, 134, "134 of 134", 123, None, False),
        (0, 7, 7, "7", None, None, False),
        (0, 0, 0, "", None, None, False),
        (200, 200, 134, "none of 134 from here on", 190, None, False),
        (990, 1000, 12_345, "991–1,000 of 12,345", 980, 1000, False),
        (1000, 1010, 12_345, "1,001–1,010 of 12,345", 990, None, True),
    ],
)
def test_where_a_page_lies_in_its_list(
    offset: int,
    end: int,
    total: int,
    words: str,
    previous: int | None,
    following: int | None,
    stops: bool,
) -> None:
    page: Page[Track] = Page((), offset, total, end)

    assert (page_span(page), previous_offset(page, 10)) == (words, previous)
    assert next_offset(page, last_offset=1000) == following
    assert (page.more and following is None) == stops


def test_names_that_are_missing_have_words() -> None:
    assert [album_name(one) for one in (None, "", "  ", " A ")] == [
        "Album without a name",
        "Untitled (no longer at Spotify)",
        "Album without a name",
        "A",
    ]
    assert [track_name(one) for one in (None, "", "T")] == [
        "Unknown title",
        "Untitled (no longer at Spotify)",
        "T",
    ]


def rendered(app: Flask, template: str, **values: object) -> str:
    """A component as a page shows it."""
    with app.test_request_context():
        return " ".join(render_template_string(template, **values).split())


def test_only_what_has_a_page_of_ours_is_linked(app: Flask) -> None:
    artists = (ArtistName(ID, "A"), ArtistName("short", "B"), ArtistName(None, None))
    track = Track("../../etc", "T", artists, url="javascript:alert(1)")

    names = '{% from "components/credits.html" import credits %}{{ credits(artists) }}'
    row = '{% from "components/song_row.html" import song_row with context %}{{ song_row(track) }}'

    assert rendered(app, names, artists=artists) == (
        f'<bdi><a class="item-link" href="/artist/{ID}">A</a></bdi>, '
        '<bdi><a class="item-link" href="/artist?name=B">B</a></bdi>, <bdi>Unknown artist</bdi>'
    )
    html = rendered(app, row, track=track)
    assert re.findall(r'href="([^"]*)"', html) == [
        "/track?name=T&amp;artist=A",
        f"/artist/{ID}",
        "/artist?name=B",
    ]


@pytest.mark.parametrize(
    ("album", "on_artist", "note", "by"),
    [
        (
            Album(ID, "L", (ArtistName(ID, "A"),), release_date="1973-03", kind="single"),
            False,
            "1973 · Single or EP",
            True,
        ),
        (Album(ID, "L", (ArtistName(ID, "A"),), release_date="1973-03", kind="single"), True, "1973", False),
        (Album(ID, "L"), True, None, False),
        (Album(ID, "L", kind="surprise"), False, None, False),
    ],
)
def test_a_tile_says_on_an_artists_page_only_what_is_not_plain(
    app: Flask, album: Album, on_artist: bool, note: str | None, by: bool
) -> None:
    macro = '{% from "components/catalogue_tile.html" import album_tile with context %}'
    html = rendered(app, macro + "{{ album_tile(album, on_artist) }}", album=album, on_artist=on_artist)

    assert re.findall(r'tile-note">([^<]*)<', html) == ([note] if note else [])
    assert ("tile-by" in html) == by
