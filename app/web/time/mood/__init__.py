"""Mood of the listening history."""
