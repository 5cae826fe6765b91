"""Sleeves, the stand-ins for pictures, and the tints of names."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from app.web.sleeves.tints import TINTS, page_tints, tint
from app.web.sleeves.view import KINDS, VERSION, sleeve, sleeve_address

THEME = (Path(__file__).parents[2] / "static/css/theme.css").read_text()
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [f"Name {number}" for number in range(200)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sleeve_is_the_same_for_the_same_name_and_another_for_another(kind: str) -> None:
    drawn = [sleeve(kind, name, "Somebody") for name in NAMES]
    assert drawn[0] == sleeve(kind, NAMES[0].upper(), "somebody").replace("NAME 0", "Name 0")
    assert len({re.sub("<title>.*</title>", "", one) for one in drawn}) > 180


@pytest.mark.parametrize(
    "name", ["<script>&\"'", "\x00\x08\ufffe\U000e0001", "\ud800", "椎名林檎", "‏שלום", "1" * 500]
)
def test_any_name_makes_a_well_formed_picture(name: str) -> None:
    root = ElementTree.fromstring(sleeve("album", name, name))  # noqa: S314 - our own
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "rect", "circle", "path", "g")
    }
    assert not [one for element in root.iter() for one in element.attrib if one.startswith("on")]


def test_a_sleeve_is_kept_for_a_year_by_everybody(site_without_spotify: Flask) -> None:
    client = site_without_spotify.test_client()
    client.get("/")
    answer = client.get(sleeve_address("Blue & Green", "album", "Mira Rose"))
    assert answer.request.full_path == f"/sleeve/album.svg?name=Blue+%26+Green&artist=Mira+Rose&v={VERSION}"
    assert answer.text == sleeve("album", "Blue & Green", "Mira Rose")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/sleeve/album.svg", 404),
        ("/sleeve/show.svg?name=A", 404),
        (f"/sleeve/track.svg?name={'a' * 501}", 400),
        (f"/sleeve/track.svg?name=A&artist={'a' * 501}", 400),
    ],
)
def test_what_is_no_sleeve_is_not_kept(site_without_spotify: Flask, address: str, status: int) -> None:
    answer = site_without_spotify.test_client().get(address)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_chapters_of_a_page_have_all_tints_once_beginning_with_the_names() -> None:
    for name in NAMES:
        assert page_tints(name)[0] == tint(name) == tint(name.upper())
        assert sorted(page_tints(name)) == list(range(TINTS))
    assert {tint(name) for name in NAMES} == set(range(TINTS))


def test_every_tint_can_be_read_in_light_and_dark() -> None:
    light, dark = THEME.split("@media screen and (prefers-color-scheme: dark)")[:2]
    for scheme in (light, dark):
        colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", scheme))
        for number in range(TINTS):
            ground = colours[f"tint-{number}"]
            assert contrast(ground, colours["on-tint"]) >= 4.5, (number, ground)
            assert contrast(ground, colours["paper"]) >= 4.5, (number, ground)
        assert len({colours[f"tint-{number}"] for number in range(TINTS)}) == TINTS
    for number in range(TINTS):
        assert f".tint-{number} {{\n  --tint: var(--tint-{number});\n}}" in THEME


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
