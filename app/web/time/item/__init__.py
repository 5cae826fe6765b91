"""Item of the listening history."""
