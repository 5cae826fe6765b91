"""Spotify's words for devices, endings and countries in plain ones."""

FAMILIES = {
    "ios": "iPhone or iPad",
    "android": "Android",
    "windows": "Windows",
    "macos": "Mac",
    "linux": "Linux",
    "web": "Web player",
    "cast": "Cast device",
    "console": "Game console",
    "other": "Other devices",
}

ON = FAMILIES | {
    "ios": "an iPhone or iPad",
    "macos": "a Mac",
    "web": "the web player",
    "cast": "cast devices",
    "console": "a game console",
    "other": "other devices",
}

# Spotify does not document its reasons; these are what the players' buttons and their names tell.
REASONS = {
    "trackdone": "Played to its end",
    "fwdbtn": "Skipped forward",
    "backbtn": "Went back",
    "endplay": "Stopped, or something else was started",
    "clickrow": "Another track was picked",
    "playbtn": "The play button was pressed elsewhere",
    "clickside": "Something else was picked at the side",
    "remote": "Another device took over",
    "logout": "Spotify was closed or logged out",
    "trackerror": "An error in the track",
    "unexpected-exit": "Spotify ended unexpectedly",
    "unexpected-exit-while-paused": "Spotify ended unexpectedly while paused",
    "popup": "A window opened over it",
    "appload": "Spotify was started anew",
    "uriopen": "A link was opened",
    "nextbtn": "Skipped forward by the next button",
    "reconnect": "The connection was made anew",
    "switched-to-video": "Went on as video",
    "switched-to-audio": "Went on as audio",
    "unknown": "Spotify does not know",
}
