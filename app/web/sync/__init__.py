"""Live plays: the switch, and how they come."""
