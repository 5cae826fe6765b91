"""Spotify's top lists."""
