"""Behaviour of the listening history."""
