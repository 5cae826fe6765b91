"""Years of the listening history."""
