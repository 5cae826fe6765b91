"""The saved tracks."""
