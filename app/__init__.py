"""Liner Notes: a site that shows a person what they listen to."""
