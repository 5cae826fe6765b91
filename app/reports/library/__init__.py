"""The saved tracks: read from Spotify in the background, kept for a day, shown as far as they are."""
