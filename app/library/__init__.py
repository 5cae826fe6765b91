"""The saved tracks: read from Spotify in the background, kept for a day."""
