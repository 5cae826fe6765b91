"""Spotify's Web API: OAuth, transport, client, parsing, errors. Knows nothing of Flask."""
