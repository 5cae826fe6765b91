"""Parsing at the edge: every shape that Spotify is known to send, and every one that it is not."""

import json
import math
from contextlib import suppress
from dataclasses import fields
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.music import Album, Artist, ArtistName, AudioFeatures, Image, Profile, Track
from app.spotify import parse
from app.spotify.errors import BadAnswer

SOUND = [field.name for field in fields(AudioFeatures) if field.name not in ("track_id", "source")]


def page(*items: object) -> dict[str, object]:
    """A paging object."""
    return {"href": "…", "items": list(items), "limit": 50, "next": None, "total": len(items)}


def artist(**item: object) -> Artist:
    (one,) = parse.artists(page(item))
    return one


def track(**item: object) -> Track:
    (one,) = parse.tracks(page(item))
    return one


def features(**row: object) -> AudioFeatures | None:
    return parse.features("t", "spotify", row)


def test_a_profile_as_older_apps_get_it() -> None:
    profile = parse.profile(
        {
            "country": "SE",
            "display_name": "Mira",
            "email": "mira@example.org",
            "explicit_content": {"filter_enabled": False},
            "external_urls": {"spotify": "https://open.spotify.com/user/mira"},
            "followers": {"href": None, "total": 3},
            "id": "mira",
            "account_id": "stable-1",
            "images": [{"url": "https://i.scdn.co/image/a", "height": 300, "width": 300}],
            "product": "premium",
        }
    )

    assert profile == Profile(
        id="mira",
        account_id="stable-1",
        display_name="Mira",
        images=(Image("https://i.scdn.co/image/a", 300),),
        url="https://open.spotify.com/user/mira",
    )


def test_a_profile_with_nothing_but_an_id() -> None:
    assert parse.profile({"id": "mira", "display_name": None, "images": []}) == Profile("mira")
    assert parse.profile({"id": "mira", "images": None, "external_urls": None}) == Profile("mira")


def test_a_profile_known_only_by_its_stable_id() -> None:
    assert parse.profile({"account_id": "stable-1"}) == Profile("stable-1", "stable-1")


@pytest.mark.parametrize("answer", [{}, {"id": None}, {"id": ""}, {"id": 7}, {"id": "\x00"}, [], None, "me"])
def test_a_profile_of_nobody_is_a_bad_answer(answer: object) -> None:
    with pytest.raises(BadAnswer):
        parse.profile(answer)


def test_an_artist_as_older_and_as_new_apps_get_it() -> None:
    names = {"id": "a", "name": "Ada", "external_urls": {"spotify": "https://open.spotify.com/artist/a"}}
    url = "https://open.spotify.com/artist/a"

    older = artist(**names, genres=["soul", "funk"], popularity=50, followers={"total": 1})
    new = artist(**names)

    assert older == Artist("a", "Ada", genres=("soul", "funk"), url=url)
    assert new == Artist("a", "Ada", genres=(), url=url)


def test_pictures_may_have_no_size_and_no_picture() -> None:
    images = [
        {"url": "https://i.scdn.co/640", "height": 640, "width": 640},
        {"url": "https://i.scdn.co/any", "height": None, "width": None},
        {"url": "https://i.scdn.co/none"},
        {"url": "https://i.scdn.co/odd", "width": "wide"},
        {"url": None, "width": 64},
        {"width": 64},
        None,
    ]

    assert artist(id="a", name="Ada", images=images).images == (
        Image("https://i.scdn.co/640", 640),
        Image("https://i.scdn.co/any"),
        Image("https://i.scdn.co/none"),
        Image("https://i.scdn.co/odd"),
    )


def test_a_track_in_full() -> None:
    one = track(
        id="t",
        name="Tune",
        artists=[{"id": "a", "name": "Ada"}, {"id": None, "name": "Guest"}],
        album={
            "id": "l",
            "name": "Long",
            "artists": [{"id": "a", "name": "Ada"}],
            "images": [{"url": "https://i.scdn.co/640", "width": 640}],
            "external_urls": {"spotify": "https://open.spotify.com/album/l"},
            "release_date": "1981-12",
        },
        duration_ms=215_000,
        external_urls={"spotify": "https://open.spotify.com/track/t"},
        external_ids={"isrc": "SEXXX0000001"},
        is_local=False,
    )

    assert one == Track(
        id="t",
        name="Tune",
        artists=(ArtistName("a", "Ada"), ArtistName(None, "Guest")),
        album=Album(
            id="l",
            name="Long",
            artists=(ArtistName("a", "Ada"),),
            images=(Image("https://i.scdn.co/640", 640),),
            url="https://open.spotify.com/album/l",
            release_date="1981-12",
        ),
        url="https://open.spotify.com/track/t",
        duration_ms=215_000,
    )


def test_a_local_track_has_no_id_no_link_and_no_picture() -> None:
    one = track(
        id=None,
        href=None,
        name="Tape",
        is_local=True,
        artists=[{"id": None, "name": "Band", "external_urls": {}}],
        album={"id": None, "name": "", "images": []},
        external_urls={},
        duration_ms=1000,
    )

    band = (ArtistName(None, "Band"),)
    assert one == Track(None, "Tape", artists=band, album=Album(None, ""), duration_ms=1000)


def test_an_album_that_was_taken_down_has_an_empty_name() -> None:
    assert track(id="t", name="T", album={"name": ""}).album == Album(None, "")
    assert track(id="t", name="T", album=None).album is None


def test_null_entries_are_left_out_and_the_order_stays() -> None:
    answer = page(None, {"id": "b", "name": "B"}, None, 7, "x", [], {"id": "a", "name": "A"})

    assert [artist.id for artist in parse.artists(answer)] == ["b", "a"]
    assert [track.id for track in parse.tracks(answer)] == ["b", "a"]
    assert parse.artists(page()) == ()


@pytest.mark.parametrize("answer", [{}, {"items": None}, {"items": {}}, {"items": "x"}, [], None, 7, "x"])
def test_a_page_of_another_shape_is_a_bad_answer(answer: object) -> None:
    for parser in (parse.artists, parse.tracks):
        with pytest.raises(BadAnswer):
            parser(answer)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Björk", "Björk"),
        ("宇多田ヒカル", "宇多田ヒカル"),
        ("فيروز", "فيروز"),
        ("🎧👩‍🎤", "🎧👩‍🎤"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\x00b\x1b[31mc\r\nd\x7f", "ab[31mcd"),
        ("half \ud83c emoji", "half \ufffd emoji"),
        ("\ud83c\udfa7", "🎧"),
        ("x" * 5000, "x" * 500),
        (None, None),
        (7, None),
        (["Ada"], None),
    ],
)
def test_names_are_clean_text(raw: object, name: str | None) -> None:
    assert artist(id="a", name=raw).name == name
    assert track(id="t", name=raw).name == name


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        "https://[::1",
        "open.spotify.com",
        "",
        None,
        7,
        {},
    ],
)
def test_what_is_no_web_address_is_no_link_and_no_picture(address: object) -> None:
    one = artist(id="a", name="A", external_urls={"spotify": address}, images=[{"url": address}])

    assert one == Artist("a", "A")


@pytest.mark.parametrize(
    ("duration", "ms"),
    [
        *((0, 0), (215_000, 215_000), (215_000.0, 215_000)),
        *((odd, None) for odd in (-1, 1.5, True, "1", 10**400, math.nan, math.inf, None)),
    ],
)
def test_durations_are_whole_and_sensible(duration: object, ms: int | None) -> None:
    assert track(id="t", name="T", duration_ms=duration).duration_ms == ms


def test_audio_features_with_null_entries() -> None:
    rows = [None, {"id": "b", "energy": 0.5, "key": 1, "mode": 0, "type": "audio_features"}, None]

    found = parse.audio_features({"audio_features": rows})

    assert found == {"b": AudioFeatures("b", "spotify", energy=0.5, key=1, mode=0)}


@pytest.mark.parametrize("row", [{}, {"id": "b"}, {"id": None, "energy": 0.5}, {"energy": 0.5}, {"id": ""}])
def test_a_row_that_tells_nothing_about_a_track_is_left_out(row: object) -> None:
    assert parse.audio_features({"audio_features": [row]}) == {}


@pytest.mark.parametrize("answer", [{}, {"audio_features": None}, {"audio_features": {}}, [], None, "x"])
def test_audio_features_of_another_shape_are_a_bad_answer(answer: object) -> None:
    with pytest.raises(BadAnswer):
        parse.audio_features(answer)


def test_every_feature_is_read() -> None:
    row = dict.fromkeys(SOUND, 0.5) | {
        "loudness": -6.5,
        "tempo": 127.4,
        "key": 9,
        "mode": 1,
        "time_signature": 4,
    }

    assert features(**row) == AudioFeatures(
        track_id="t",
        source="spotify",
        danceability=0.5,
        energy=0.5,
        valence=0.5,
        acousticness=0.5,
        instrumentalness=0.5,
        liveness=0.5,
        speechiness=0.5,
        loudness=-6.5,
        tempo=127.4,
        key=9,
        mode=1,
        time_signature=4,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("energy", -0.01), ("energy", 1.01), ("valence", 10**400), ("valence", math.nan)),
        *(("danceability", math.inf), ("liveness", "0.5"), ("speechiness", True), ("acousticness", None)),
        *(("loudness", -101), ("loudness", 21), ("tempo", 0), ("tempo", 1001), ("tempo", [])),
        *(("key", -1), ("key", 12), ("key", 1.5), ("mode", -1), ("mode", 2), ("time_signature", 0)),
    ],
)
def test_what_is_off_its_scale_is_unknown(name: str, value: object) -> None:
    known = "energy" if name != "energy" else "valence"

    assert features(**{name: value}) is None
    assert features(**{name: value, known: 0.25}) == AudioFeatures("t", "spotify", **{known: 0.25})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"), [("instrumentalness", 0.0), ("key", 0), ("mode", 0), ("energy", 0)]
)
def test_zero_is_a_value(name: str, value: float) -> None:
    found = features(**{name: value})

    assert found is not None
    assert getattr(found, name) == value


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(["https://i.scdn.co/x", "javascript:x", 10**400, math.nan, -1, "\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = (
    *("id", "account_id", "name", "display_name", "genres", "images", "artists", "album", "duration_ms"),
    *("external_urls", "url", "width", "spotify", *SOUND),
)
objects = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything))
nested = st.fixed_dictionaries(
    {},
    optional={
        "id": anything,
        "images": st.lists(objects, max_size=3),
        "artists": st.lists(objects, max_size=3),
        "album": objects,
        "external_urls": objects,
        "genres": st.lists(anything, max_size=4),
        "duration_ms": anything,
    },
)
answers = (
    anything
    | nested
    | st.lists(objects | nested | anything, max_size=4).map(lambda rows: {"items": rows})
    | st.lists(objects | anything, max_size=4).map(lambda rows: {"audio_features": rows})
)


@given(answer=answers)
@example(answer={"items": [{"id": "\ud800", "name": "\udfff" * 600, "duration_ms": 10**4000}]})
def test_no_json_breaks_us_and_what_comes_out_can_be_kept(answer: object) -> None:
    """Over the wire and back, so that it is JSON as Python reads it: NaN, huge numbers, lone surrogates."""
    received = json.loads(json.dumps(answer))

    for parser in (parse.profile, parse.artists, parse.tracks, parse.audio_features):
        with suppress(BadAnswer):
            should_be_kept(parser(received))


def should_be_kept(parsed: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(parsed), type=type(parsed)) is not None
    for text in texts_of(parsed):
        text.encode()
        assert "\x00" not in text
        assert len(text) <= 500


def texts_of(value: object) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts_of(one)]
    if isinstance(value, tuple):
        return [text for one in value for text in texts_of(one)]
    if hasattr(value, "__dataclass_fields__"):
        return [text for name in value.__dataclass_fields__ for text in texts_of(getattr(value, name))]
    return []
