"""A day of the listening history."""
