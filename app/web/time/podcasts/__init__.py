"""Podcasts of the listening history."""
