"""Spotify's scopes, in plain words for the authorize page."""

SCOPES = {
    "user-top-read": "See which artists and tracks Spotify ranks first for you",
    "user-read-private": "See your country and the kind of account you have",
    "user-read-email": "See your email address",
    "user-read-recently-played": "See what you played recently",
    "user-read-currently-playing": "See what is playing now",
    "user-read-playback-state": "See what is playing, and on which device",
    "user-modify-playback-state": "Play, pause and skip on your devices",
    "user-read-playback-position": "See where you stopped in an episode",
    "user-library-read": "See what you saved",
    "user-library-modify": "Save things for you, and remove them",
    "user-follow-read": "See whom you follow",
    "user-follow-modify": "Follow and unfollow for you",
    "playlist-read-private": "See your private playlists",
    "playlist-read-collaborative": "See the playlists you make with others",
    "playlist-modify-public": "Make and change your public playlists",
    "playlist-modify-private": "Make and change your private playlists",
    "ugc-image-upload": "Upload playlist covers for you",
    "streaming": "Play music in your browser",
    "app-remote-control": "Control Spotify on this device",
}
ALWAYS = "See your name and picture"


def in_plain_words(scope: str) -> list[str]:
    """What an app asks for with `scope` (space-separated), one sentence each."""
    return [ALWAYS, *(SCOPES[name] for name in scope.split())]


def unknown(scope: str) -> list[str]:
    """The scopes in `scope` that Spotify does not have."""
    return [name for name in scope.split() if name not in SCOPES]
