"""The mood of the top tracks."""
