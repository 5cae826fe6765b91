"""Years of listening, counted from the plays of a person's own export."""
