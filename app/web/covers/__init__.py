"""The consent to fetch covers for a history."""
