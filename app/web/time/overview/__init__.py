"""Overview of the listening history."""
