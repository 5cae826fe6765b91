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
    "forgotten": "Your history is deleted, and with it everything that this site kept for this browser.",
}
