"""Corrections of the listening history."""
