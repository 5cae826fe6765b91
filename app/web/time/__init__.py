"""Years of listening: `/history` and what lies under it."""
