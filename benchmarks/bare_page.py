"""A bare Flask page to compare with: the overview's template, rendered from a report in memory.

No session, no database, no Spotify: what is left is the template and Flask.
"""

import time

from flask import Flask, render_template

from app import create_app
from app.config import ROOT
from app.music import Album, Artist, ArtistName, AudioFeatures, Image, Profile, TimeRange, Track
from app.stats.genres import GenreCount
from app.stats.mood import mood_of
from app.web.now import view
from app.web.now.report import Overview
from app.web.template_filters import FILTERS, TESTS

HOME = "http://127.0.0.1:50000"


def create_bare() -> Flask:
    """The app that gunicorn serves."""
    real = create_app()  # for its addresses, which the template links to
    app = Flask("bare", root_path=str(ROOT))
    app.url_map = real.url_map
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.tests.update(TESTS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(csrf_token=lambda: "token", logged_in=True, demo=False)
    report = _report()

    def page() -> str:
        return render_template("now/page.html", report=report, view=view)

    app.view_functions.update(dict.fromkeys(real.view_functions, page))
    return app


def _report() -> Overview:
    tracks = tuple(_track(number) for number in range(50))
    return Overview(
        profile=Profile(id="bare", display_name="Bare", images=_images("listener/bare")),
        time_range=TimeRange.MEDIUM_TERM,
        top_artists=tuple(_artist(number) for number in range(50)),
        top_tracks=tracks,
        top_genre=GenreCount("dream pop", 12),
        mood=mood_of([_features(number) if number % 10 else None for number in range(50)]),
        as_of=time.time(),
    )


def _artist(number: int) -> Artist:
    return Artist(
        id=_id(number),
        name=f"Artist Number {number}",
        genres=("dream pop", "shoegaze"),
        images=_images(f"artist/{_id(number)}"),
        url=f"{HOME}/open/artist/{_id(number)}",
    )


def _track(number: int) -> Track:
    return Track(
        id=_id(number),
        name=f"Track Number {number} (Live)",
        artists=(ArtistName(id=_id(number), name=f"Artist Number {number}"),),
        album=Album(_id(number), f"The Album of Number {number}", images=_images(f"album/{_id(number)}")),
        url=f"{HOME}/open/track/{_id(number)}",
        duration_ms=180_000 + number,
    )


def _features(number: int) -> AudioFeatures:
    share = number / 50
    return AudioFeatures(
        _id(number),
        "reccobeats",
        valence=share,
        energy=share,
        danceability=share,
        instrumentalness=share,
        key=number % 12,
        mode=number % 2,
    )


def _images(path: str) -> tuple[Image, ...]:
    return tuple(Image(f"{HOME}/pictures/{path}.svg?size={width}", width) for width in (640, 300, 64))


def _id(number: int) -> str:
    """As long as Spotify's ids are, so that both pages are of one length."""
    return f"{number:022d}"
