"""Edge cases of the catalogue: what real answers contain and tidy test data never does.

Scripts that run right to left, emoji, markup in names, a missing name, missing pictures, an album that
lost its name after a takedown, local files, and one recording on two albums.
"""

from dataclasses import replace

from app.sandbox.items import Album, Artist, Track, make_track
from app.sandbox.seeded_random import spotify_id

EDGE_CASES = "awkward"  # also what the ids are made from: it stays
_LONG_NAME = "The Incorporated Society for the Preservation of Unreasonably Long Names for Small Bands"


def _artist(seed: str, name: str | None, genres: tuple[str, ...], portrait: str = "sized") -> Artist:
    return Artist(spotify_id("artist", EDGE_CASES, seed), name, EDGE_CASES, genres, portrait)


YUUGURE = _artist("yuugure", "夕暮れ自動販売機", ("city pop", "enka"))
QAMAR = _artist("qamar", "فرقة القمر المستعجل", ("rai", "qawwali"))
EMOJI = _artist("emoji", "🦩✨ flamingo.wav ✨🦩", ("hyperpop",))
LONG = _artist("long", f"{_LONG_NAME}, Ltd", ("chamber music",))
MARKUP = _artist("markup", "<script>alert(1)</script>", ("post-punk",))
NAMELESS = _artist("nameless", None, ())
UNPICTURED = _artist("unpictured", "Nobody's Photograph", ("fado",), portrait="none")
SIZELESS = _artist("sizeless", "Грибной Дождь", ("shoegaze", "indie folk"), portrait="sizeless")

_ALBUMS: tuple[tuple[Artist, str, str, tuple[str, ...]], ...] = (
    (
        YUUGURE,
        "百円の恋人",
        "1984-07-21",
        ("つめた〜い", "あったか〜い", "お釣りはいらない", "売り切れランプ"),
    ),
    (QAMAR, "عجلة القمر", "1991", ("يا ليل تأخّرت", "قمر بلا موعد", "شاي بالنعناع (12″ remix)")),
    (EMOJI, "💿💔", "2025-02-14", ("🦩", "🌊🌊🌊 (wave check)", "👩‍🚀 solo trip")),
    (
        LONG,
        "Minutes",
        "2003-03-03",
        ("Item 1: Apologies for Absence, and for the Length of the Name", "Item 2"),
    ),
    (
        MARKUP,
        'Robert"); DROP TABLE albums;--',
        "2019",
        ("<b>Bold Move</b>", "&amp; Other Entities", "'\"><i>"),
    ),
    (NAMELESS, "Untitled", "2012", ("Untitled 1", "Untitled 2")),
    (UNPICTURED, "", "1972", ("A Casa Vazia", "Retrato Ausente")),
    (SIZELESS, "Тише воды", "2018-10", ("Подосиновик", "Мокрый асфальт")),
)


def edge_case_tracks() -> list[Track]:
    """Every track that is an edge case."""
    tracks = [track for row in _ALBUMS for track in _tracks(*row)]
    return [*tracks, _on_a_compilation(tracks[0]), *_local_files()]


def _tracks(artist: Artist, title: str, released: str, names: tuple[str, ...]) -> list[Track]:
    album = Album(spotify_id("album", artist.id, title), title, artist, released, len(names))
    return [make_track(name, (artist,), album, position) for position, name in enumerate(names, 1)]


def _on_a_compilation(track: Track) -> Track:
    """The same recording again: another id and album, the same name, artist and ISRC."""
    album_id = spotify_id("album", EDGE_CASES, "compilation")
    album = Album(album_id, "自販機ベスト", track.artists[0], "1999-12-01", 1, kind="compilation")
    other = spotify_id("track", EDGE_CASES, "compilation", track.id)
    return replace(track, id=other, key=other, album=album, number=1)


def _local_files() -> list[Track]:
    """Files on the listener's own device: no ids, no links, no pictures."""
    return [
        _local_file("Abuela's Kitchen Tape", "Abuela", "Cassettes, Side B", 187),
        _local_file("demo FINAL final (2)", "", "", 241),
    ]


def _local_file(name: str, artist: str, album: str, seconds: int) -> Track:
    uri = f"spotify:local:{artist}:{album}:{name}:{seconds}".replace(" ", "+")
    owner = Artist("", artist, EDGE_CASES, (), portrait="none")
    return Track(None, uri, name, (owner,), Album("", album, owner, "", 0), 0, seconds * 1000, "")
