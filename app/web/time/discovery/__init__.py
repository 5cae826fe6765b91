"""Discovery of the listening history."""
