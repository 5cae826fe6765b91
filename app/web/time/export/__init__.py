"""Export of the listening history."""
