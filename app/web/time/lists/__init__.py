"""Lists of the listening history."""
