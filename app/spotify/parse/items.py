"""People, artists, albums, tracks and playlists out of Spotify's JSON."""

from app.music import Album, Artist, ArtistName, Image, Playlist, Profile, Track
from app.spotify.errors import BadAnswer
from app.spotify.parse.values import Json, flag, items_of, object_of, objects, text, web_address, whole

LONGEST_TRACK = 86_400_000 * 7  # milliseconds


def profile(answer: object) -> Profile:
    """`GET /me`."""
    person = object_of(answer)
    stable_id = text(person.get("account_id")) or None
    user_id = text(person.get("id")) or stable_id
    if user_id is None:
        raise BadAnswer("a profile without an id")
    return Profile(
        id=user_id,
        account_id=stable_id,
        display_name=text(person.get("display_name")) or None,
        images=images(person),
        url=link(person),
    )


def artists(answer: object) -> tuple[Artist, ...]:
    """A paging object of artists, in order; null entries are left out."""
    return tuple(artist(item) for item in items_of(answer))


def tracks(answer: object) -> tuple[Track, ...]:
    """A paging object of tracks, in order; null entries are left out."""
    return tuple(track(item) for item in items_of(answer))


def artist_alone(answer: object) -> Artist:
    """`GET /artists/{id}`."""
    return artist(object_of(answer))


def track_alone(answer: object) -> Track:
    """`GET /tracks/{id}`."""
    return track(object_of(answer))


def playlist(answer: object) -> Playlist:
    """`POST /me/playlists`."""
    made = object_of(answer)
    playlist_id = text(made.get("id"))
    if not playlist_id:
        raise BadAnswer("a playlist without an id")
    return Playlist(id=playlist_id, url=link(made))


def artist(item: Json) -> Artist:
    """An artist in full."""
    genres = item.get("genres")
    return Artist(
        id=text(item.get("id")) or None,
        name=text(item.get("name")),
        genres=tuple(filter(None, map(text, genres))) if isinstance(genres, list) else (),
        images=images(item),
        url=link(item),
    )


def track(item: Json) -> Track:
    """A track, in full or as an album lists it."""
    on = item.get("album")
    return Track(
        id=text(item.get("id")) or None,
        name=text(item.get("name")),
        artists=_credits(item),
        album=album(on) if isinstance(on, dict) else None,
        url=link(item),
        duration_ms=whole(item.get("duration_ms"), 0, LONGEST_TRACK),
        explicit=flag(item.get("explicit")),
        disc=whole(item.get("disc_number"), 1, 10_000),
        number=whole(item.get("track_number"), 1, 100_000),
    )


def album(item: Json) -> Album:
    """An album, without its tracks."""
    return Album(
        id=text(item.get("id")) or None,
        name=text(item.get("name")),
        artists=_credits(item),
        images=images(item),
        url=link(item),
        release_date=text(item.get("release_date")) or None,
        kind=text(item.get("album_type")) or None,
        total_tracks=whole(item.get("total_tracks"), 0, 100_000),
    )


def _credits(item: Json) -> tuple[ArtistName, ...]:
    """The artists that something is credited to, in order."""
    return tuple(
        ArtistName(id=text(artist.get("id")) or None, name=text(artist.get("name")))
        for artist in objects(item.get("artists"))
    )


def images(owner: Json) -> tuple[Image, ...]:
    """The pictures of something, in Spotify's order (widest first)."""
    return tuple(
        Image(url=url, width=whole(image.get("width"), 1, 100_000))
        for image in objects(owner.get("images"))
        if (url := web_address(image.get("url")))
    )


def link(item: Json) -> str | None:
    """Where the item is at Spotify."""
    links = item.get("external_urls")
    return web_address(links.get("spotify")) if isinstance(links, dict) else None
