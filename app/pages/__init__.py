"""Blueprints: read the request, call one report, render."""
