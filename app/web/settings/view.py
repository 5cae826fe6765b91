"""What the settings say: permissions in plain words, and what came of a button."""

GRANTED = {
    "user-top-read": "see your top artists and tracks",
    "user-library-read": "see what you have saved",
    "user-library-modify": "save tracks for you",
    "playlist-modify-private": "make private playlists for you",
    "user-read-playback-state": "see what plays, and on which device",
    "user-modify-playback-state": "play, pause and skip on your devices",
    "user-read-recently-played": "see what you played last",
    "user-read-currently-playing": "see what is playing",
    "user-read-private": "see your country and your plan",
    "user-read-email": "see your e-mail address",
}

# By the code in `?said=`.
NOTES = {
    "kept": "Kept. Every page counts that way from now on.",
    "others-ended": "You are logged out in every other browser.",
    "sync-on": "Switched on. Your plays arrive here from now on, those of the last hours first.",
    "sync-off": "Switched off, and this site’s permission for it is forgotten. The plays that came stay.",
    "sync-refused": "Nothing was changed: Spotify says that you did not agree.",
    "sync-somebody-else": "Nothing was changed: you came back from Spotify as somebody else.",
    "forgotten": "Your history is deleted, and with it everything that this site kept for this browser.",
}
