"""Every answer of the Web API against Spotify's OpenAPI file (OpenAPI 3.0, so `nullable` counts).

Excused, because Spotify really answers so and its file does not say it:

- `available_markets` of an album is required in the file, and is not sent to new development-mode apps;
- `display_name` and `name` may be null;
- a local file has null where the file wants ids, links and dates;
- a removed track is null in a library; so is the context of what plays from no album, artist or playlist;
- `next` and `cursors` of recently played are null at the end;
- `album_group`, `label`, `popularity` and `genres` are not sent to new development-mode apps;
- the 403 of audio features has no `message`.
"""

from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from app.sandbox.catalogue import catalogue
from app.sandbox.listeners import LISTENERS
from tests.sandbox.conftest import Dance

FILE = Path(__file__).parents[1] / "contract" / "spotify-open-api.yml"
SCOPE = (
    "user-top-read user-read-private user-read-email "
    "user-library-read user-library-modify user-read-playback-state user-modify-playback-state "
    "user-read-recently-played"
)
RANGES = ("short_term", "medium_term", "long_term")
CUT = {"available_markets", "album_group", "label", "popularity", "genres"}
NULL = {"name", "display_name", "track", "context", "next", "cursors"}
LOCAL = {"id", "href", "uri", "album_type", "release_date", "release_date_precision", "type"}


@lru_cache(maxsize=1)
def _specification() -> Any:
    found = yaml.load(FILE.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    for name in ("CurrentlyPlayingContextObject", "CurrentlyPlayingObject"):
        # The file would have a track or an episode, told apart by a mapping that it does not hold.
        found["components"]["schemas"][name]["properties"]["item"] = {
            "$ref": "#/components/schemas/TrackObject"
        }
    return found


def _faults(answer: Any, path: str, status: str = "200", method: str = "get") -> list[Any]:
    """What is wrong with `answer`, by the schema of that operation's answer."""
    specification = _specification()
    at = f"#/paths/{path.replace('/', '~1')}/{method}/responses/{status}"
    reference = specification["paths"][path][method]["responses"][status].get("$ref", at)
    schema = {"$ref": f"urn:spotify{reference}/content/application~1json/schema"}
    resource = DRAFT4.create_resource(specification)
    registry: Registry[Any] = Registry().with_resource("urn:spotify", resource)
    found: list[Any] = []
    for fault in OAS30Validator(schema, registry=registry).iter_errors(answer):
        found += _leaves(fault)
    return found


def _leaves(fault: Any) -> list[Any]:
    return [leaf for inner in fault.context for leaf in _leaves(inner)] if fault.context else [fault]


def _unexcused(answer: Any, faults: list[Any]) -> list[str]:
    return [
        f"{list(fault.absolute_path)}: {fault.message}" for fault in faults if not _excused(answer, fault)
    ]


def _excused(answer: Any, fault: Any) -> bool:
    path = list(fault.absolute_path)
    if fault.validator == "required":
        return fault.message.split("'")[1] in CUT and fault.instance["type"] == "album"
    if fault.instance is not None or not path:
        return False
    return path[-1] in NULL or (path[-1] in LOCAL and _in_local_file(answer, path))


def _in_local_file(answer: Any, path: list[Any]) -> bool:
    within = [answer]
    for step in path[:-1]:
        within.append(within[-1][step])
    return any(isinstance(part, dict) and part.get("is_local") is True for part in within)


def test_the_validator_would_notice(dance: Dance) -> None:
    page = dance.read("/me/top/tracks?limit=1")
    page["items"][0]["duration_ms"] = "long"
    page["items"][0]["id"] = 7
    del page["total"]

    assert len(_unexcused(page, _faults(page, "/me/top/tracks"))) == 3


def test_a_listeners_answers_keep_the_contract(dance: Dance) -> None:
    for new_app, listener, path in product(
        [True, False], [listener.id for listener in LISTENERS], ["/me", "/me/top/artists", "/me/top/tracks"]
    ):
        dance.knobs.new_app = new_app
        token = dance.tokens(listener, scope=SCOPE)["access_token"]
        for name in RANGES if "top" in path else RANGES[:1]:
            answer = dance.get(f"{path}?limit=50&time_range={name}", token).get_json()
            assert _unexcused(answer, _faults(answer, path)) == []


def test_audio_features_a_track_and_an_artist_keep_the_contract(dance: Dance) -> None:
    dance.knobs.new_app, dance.knobs.audio_features_open = False, True
    tracks = dance.read("/me/top/tracks?limit=50")["items"]
    features = dance.read(f"/audio-features?ids={','.join(track['id'] for track in tracks)}")
    known = {"audio_features": [row for row in features["audio_features"] if row]}  # null is excused: unknown

    assert _faults(known, "/audio-features") == []
    assert _faults(dance.read(f"/tracks/{tracks[0]['id']}"), "/tracks/{id}") == []
    assert _faults(dance.read(f"/artists/{tracks[0]['artists'][0]['id']}"), "/artists/{id}") == []


def test_a_playlist_and_what_fills_it_keep_the_contract(dance: Dance) -> None:
    for new_app, listener in product([True, False], [listener.id for listener in LISTENERS]):
        dance.knobs.new_app = new_app
        token = dance.tokens(listener, scope="playlist-modify-private")["access_token"]
        made = dance.post("/me/playlists", token, {"name": "Mine", "public": False}).get_json()
        track_id = next(track.id for track in catalogue().tracks.values() if track.id)
        uris = [f"spotify:track:{track_id}"]
        filled = dance.post(f"/playlists/{made['id']}/items", token, {"uris": uris}).get_json()

        assert _faults(made, "/me/playlists", "201", "post") == []
        assert _faults(filled, "/playlists/{playlist_id}/items", "201", "post") == []
        gone = dance.post(f"/playlists/{made['id']}/tracks", token, {"uris": uris}).get_json()
        assert _faults(gone, "/playlists/{playlist_id}/tracks", "403", "post") == []


def test_libraries_keep_the_contract(dance: Dance) -> None:
    for new_app, listener in product([True, False], [listener.id for listener in LISTENERS]):
        dance.knobs.library_size, dance.knobs.library_edge_cases = None, False
        dance.knobs.new_app = new_app
        token = dance.tokens(listener, scope=SCOPE)["access_token"]
        track_id = next(iter(catalogue().tracks))

        for offset in (0, 50, 100):
            answer = dance.get(f"/me/tracks?limit=50&offset={offset}", token).get_json()
            assert _unexcused(answer, _faults(answer, "/me/tracks")) == []
        dance.knobs.library_size, dance.knobs.library_edge_cases = 50, True
        answer = dance.get("/me/tracks?limit=50", token).get_json()
        assert _unexcused(answer, _faults(answer, "/me/tracks")) == []
        answer = dance.get(f"/me/library/contains?uris=spotify:track:{track_id}", token).get_json()
        assert _faults(answer, "/me/library/contains") == []


def test_searches_keep_the_contract(dance: Dance) -> None:
    for new_app, query in product([True, False], ["a", "夕暮れ", "untitled", "o"]):
        dance.knobs.new_app = new_app
        for offset in (0, 10, 20):
            answer = dance.read(f"/search?q={query}&type=artist,album,track&limit=10&offset={offset}")
            assert _unexcused(answer, _faults(answer, "/search")) == []


def test_every_album_keeps_the_contract(dance: Dance) -> None:
    for new_app in [True, False]:
        dance.knobs.new_app = new_app
        token = dance.tokens()["access_token"]
        # Validation takes a while: every twentieth album, and all edge cases.
        for at, album in enumerate(catalogue().albums.values()):
            if at % 20 and album.artist.family != "awkward":
                continue
            answer = dance.get(f"/albums/{album.id}", token).get_json()
            assert _unexcused(answer, _faults(answer, "/albums/{id}")) == []
            answer = dance.get(f"/albums/{album.id}/tracks", token).get_json()
            assert _unexcused(answer, _faults(answer, "/albums/{id}/tracks")) == []


def test_what_an_artist_made_keeps_the_contract(dance: Dance) -> None:
    for new_app, name in product(
        [True, False], ["Velvet Modem", "Everett Overmuch", "Various Artists", None]
    ):
        dance.knobs.new_app = new_app
        artist = next(artist for artist in catalogue().artists.values() if artist.name == name)

        answer = dance.read(f"/artists/{artist.id}/albums?limit=10")
        assert _unexcused(answer, _faults(answer, "/artists/{id}/albums")) == []


def test_a_player_keeps_the_contract(dance: Dance) -> None:
    for new_app, from_album, listener in product(
        [True, False],
        [True, False],
        [listener.id for listener in LISTENERS if listener.premium and listener.saves],
    ):
        dance.knobs.new_app = new_app
        token = dance.tokens(listener, scope=SCOPE)["access_token"]
        devices = dance.get("/me/player/devices", token).get_json()
        track = next(iter(catalogue().tracks.values()))
        what = {"uris": [f"spotify:track:{track.id}"]}
        album = {"context_uri": f"spotify:album:{track.album.id}"}
        path = f"/me/player/play?device_id={devices['devices'][0]['id']}"

        assert dance.send("PUT", path, token, album if from_album else what).status_code == 204
        assert _faults(devices, "/me/player/devices") == []
        for path in ("/me/player", "/me/player/currently-playing"):
            answer = dance.get(path, token).get_json()
            assert _unexcused(answer, _faults(answer, path)) == []
        refused = dance.send("PUT", "/me/player/pause?device_id=nothing", token).get_json()
        assert _faults(refused, "/me/player/pause", "403", "put") == []


def test_recently_played_keeps_the_contract(dance: Dance) -> None:
    for new_app, query in product((True, False), ("?limit=50", f"?after={10**14}")):
        dance.knobs.new_app = new_app
        answer = dance.read(f"/me/player/recently-played{query}", scope=SCOPE)
        assert _unexcused(answer, _faults(answer, "/me/player/recently-played")) == []


def test_refusals_keep_the_contract(dance: Dance) -> None:
    unauthorized = dance.get("/me", "made-up").get_json()
    forbidden = dance.get("/me/top/tracks", dance.tokens(scope="user-read-email")["access_token"]).get_json()

    assert _faults(unauthorized, "/me", "401") == []
    assert _faults(forbidden, "/me/top/tracks", "403") == []
