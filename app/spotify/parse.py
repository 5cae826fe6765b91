"""Parsing at the edge: Spotify's JSON becomes our nouns, whatever is missing, null or of the wrong type.

Only an answer of another shape altogether is an error (BadAnswer); a missing field is "unknown".
"""

import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.music import Album, Artist, ArtistName, AudioFeatures, Image, Playlist, Profile, Track
from app.spotify.errors import BadAnswer

LONGEST_TEXT = 500
Json = Mapping[str, object]


def profile(answer: object) -> Profile:
    """`GET /me`."""
    person = _object(answer)
    stable_id = _text(person.get("account_id")) or None
    user_id = _text(person.get("id")) or stable_id
    if user_id is None:
        raise BadAnswer("a profile without an id")
    return Profile(
        id=user_id,
        account_id=stable_id,
        display_name=_text(person.get("display_name")) or None,
        images=_images(person),
        url=_link(person),
    )


def artists(answer: object) -> tuple[Artist, ...]:
    """A paging object of artists, in order; null entries are left out."""
    return tuple(_artist(item) for item in _items(answer))


def tracks(answer: object) -> tuple[Track, ...]:
    """A paging object of tracks, in order; null entries are left out."""
    return tuple(_track(item) for item in _items(answer))


def playlist(answer: object) -> Playlist:
    """`POST /me/playlists`."""
    made = _object(answer)
    playlist_id = _text(made.get("id"))
    if not playlist_id:
        raise BadAnswer("a playlist without an id")
    return Playlist(id=playlist_id, url=_link(made))


def audio_features(answer: object) -> dict[str, AudioFeatures]:
    """`GET /audio-features`: by track id; entries of which nothing is known are left out."""
    rows = _object(answer).get("audio_features")
    if not isinstance(rows, list):
        raise BadAnswer("audio features without a list")
    found = (features(_text(row.get("id")), "spotify", row) for row in _objects(rows))
    return {one.track_id: one for one in found if one is not None}


def features(track_id: str | None, source: str, row: Json) -> AudioFeatures | None:
    """The audio features in one row; `None` without an id or when not one of them is known.

    What is not a finite number within its scale is dropped: 0-1, decibels, beats a minute, pitch class.
    """
    if not track_id:
        return None
    one = AudioFeatures(
        track_id=track_id,
        source=source,
        danceability=_within(row.get("danceability"), 0, 1),
        energy=_within(row.get("energy"), 0, 1),
        valence=_within(row.get("valence"), 0, 1),
        acousticness=_within(row.get("acousticness"), 0, 1),
        instrumentalness=_within(row.get("instrumentalness"), 0, 1),
        liveness=_within(row.get("liveness"), 0, 1),
        speechiness=_within(row.get("speechiness"), 0, 1),
        loudness=_within(row.get("loudness"), -100, 20),
        # Spotify gives 0 where it heard no beat.
        tempo=_within(row.get("tempo"), 1, 1000),
        key=_whole(row.get("key"), 0, 11),
        mode=_whole(row.get("mode"), 0, 1),
        time_signature=_whole(row.get("time_signature"), 1, 32),
    )
    return one if one != AudioFeatures(track_id, source) else None


def _artist(item: Json) -> Artist:
    genres = item.get("genres")
    return Artist(
        id=_text(item.get("id")) or None,
        name=_text(item.get("name")),
        genres=tuple(filter(None, map(_text, genres))) if isinstance(genres, list) else (),
        images=_images(item),
        url=_link(item),
    )


def _track(item: Json) -> Track:
    album = item.get("album")
    return Track(
        id=_text(item.get("id")) or None,
        name=_text(item.get("name")),
        artists=_credits(item),
        album=_album(album) if isinstance(album, dict) else None,
        url=_link(item),
        duration_ms=_whole(item.get("duration_ms"), 0, 86_400_000 * 7),
    )


def _album(item: Json) -> Album:
    return Album(
        id=_text(item.get("id")) or None,
        name=_text(item.get("name")),
        artists=_credits(item),
        images=_images(item),
        url=_link(item),
        release_date=_text(item.get("release_date")) or None,
    )


def _credits(item: Json) -> tuple[ArtistName, ...]:
    """The artists that something is credited to, in order."""
    return tuple(
        ArtistName(id=_text(artist.get("id")) or None, name=_text(artist.get("name")))
        for artist in _objects(item.get("artists"))
    )


def _object(answer: object) -> Json:
    if not isinstance(answer, dict):
        raise BadAnswer(f"expected an object, not {type(answer).__name__}")
    return answer


def _items(answer: object) -> list[Json]:
    items = _object(answer).get("items")
    if not isinstance(items, list):
        raise BadAnswer("a page without items")
    return _objects(items)


def _objects(value: object) -> list[Json]:
    """The objects in a list; nulls and strays are left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """Clean text: no lone surrogates, no control characters, no endless names."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        value = "".join(c for c in whole if unicodedata.category(c) != "Cc")
    return value[:LONGEST_TEXT]


def _images(owner: Json) -> tuple[Image, ...]:
    """The pictures of something, in Spotify's order (widest first)."""
    return tuple(
        Image(url=url, width=_whole(one.get("width"), 1, 100_000))
        for one in _objects(owner.get("images"))
        if (url := _web_address(one.get("url")))
    )


def _link(item: Json) -> str | None:
    links = item.get("external_urls")
    return _web_address(links.get("spotify")) if isinstance(links, dict) else None


def _web_address(value: object) -> str | None:
    """An http(s) address; anything else (javascript:, data:) is not a link."""
    text = _text(value)
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def _within(value: object, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN and infinities are within nothing; a huge whole number is compared before it is converted.
    return float(value) if least <= value <= most else None


def _whole(value: object, least: int, most: int) -> int | None:
    number = _within(value, least, most)
    return int(number) if number is not None and number == int(number) else None
