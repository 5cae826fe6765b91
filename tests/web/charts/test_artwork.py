"""Artwork: pictures at several widths, and the stand-in."""

from app.music import Image
from app.web.charts.artwork import Picture, artwork, picture
from app.web.sleeves.view import sleeve_address


def test_a_picture_offers_every_width_and_falls_back_to_the_smallest_that_is_wide_enough() -> None:
    images = (Image("https://i/640", 640), Image("https://i/300", 300), Image("https://i/64", 64))
    assert picture(images, wanted=96) == Picture(
        "https://i/300", "https://i/64 64w, https://i/300 300w, https://i/640 640w"
    )


def test_a_picture_smaller_than_wanted_is_better_than_none() -> None:
    assert picture((Image("https://i/64", 64),), wanted=320) == Picture("https://i/64", "https://i/64 64w")


def test_without_widths_the_first_image_is_taken() -> None:
    assert picture((Image("https://i/a"), Image("https://i/b", 64)), wanted=96) == Picture("https://i/a", "")


def test_images_that_may_not_be_shown_give_way_to_the_sleeve() -> None:
    hidden = (Image("ftp://example.com/a", 64),)
    assert artwork(hidden, "Blue", 96, "track", "Mira Rose") == Picture(
        sleeve_address("Blue", "track", "Mira Rose")
    )
