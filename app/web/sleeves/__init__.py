"""Sleeves: what stands in for a picture that is not known."""
