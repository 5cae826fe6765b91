"""Pictures and the pages that "open" leads to."""

from xml.etree import ElementTree

import pytest

from app.sandbox.catalogue import catalogue
from app.sandbox.listeners import LISTENERS
from app.sandbox.pictures import draw
from tests.sandbox.conftest import Dance

SVG = "{http://www.w3.org/2000/svg}svg"
EVERY = [
    *(("album", album_id) for album_id in catalogue().albums),
    *(("artist", artist_id) for artist_id in catalogue().artists),
    *(("listener", listener.id) for listener in LISTENERS),
]


def test_every_picture_is_well_formed_and_has_nothing_active() -> None:
    for kind, item_id in EVERY:
        root = ElementTree.fromstring(draw(kind, item_id))  # noqa: S314 - our own drawing
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert root.tag == SVG
        assert root.attrib["viewBox"] == "0 0 640 640"
        assert tags <= {"svg", "g", "rect", "circle", "ellipse", "path", "polygon", "clipPath"}
        assert "href" not in draw(kind, item_id)


def test_a_picture_never_changes_and_may_be_kept(dance: Dance) -> None:
    first, again = (dance.client.get("/pictures/artist/abc.svg?size=300") for _ in range(2))

    assert first.data == again.data
    assert b'width="300" height="300"' in first.data
    assert first.content_type == "image/svg+xml; charset=utf-8"
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/pictures/cat/x.svg", f"/pictures/album/{'x' * 81}.svg", "/open/track/x"])
def test_what_is_not_there_is_not_found(dance: Dance, path: str) -> None:
    assert dance.client.get(path).status_code == 404


def test_markup_in_names_is_escaped_on_open_pages(dance: Dance) -> None:
    artist = next(
        artist for artist in catalogue().artists.values() if artist.name and "<script>" in artist.name
    )
    page = dance.client.get(f"/open/artist/{artist.id}").text

    assert '<h1 dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</h1>' in page
    assert "<script" not in page


def test_links_and_pictures_in_answers_lead_somewhere(dance: Dance) -> None:
    for listener in ("mira.after.dark", "نور-nour-✈"):
        artists = dance.read("/me/top/artists?limit=50", listener)["items"]
        tracks = dance.read("/me/top/tracks?limit=50", listener)["items"]
        me = dance.read("/me", listener)
        links = [item["external_urls"]["spotify"] for item in (me, *artists, *tracks) if item["id"]]
        images = [image["url"] for item in (me, *artists) for image in item["images"]]
        images += [image["url"] for track in tracks for image in track["album"]["images"]]
        assert {dance.client.get(url).status_code for url in (*links, *images)} == {200}
