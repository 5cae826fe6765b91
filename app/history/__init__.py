"""Years of listening from a person's own export: read, merged, kept, counted. Never asks anybody anything."""
