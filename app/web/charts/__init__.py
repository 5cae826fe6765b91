"""Charts as coordinates for SVG, one kind a file. Pure functions.

x grows to the right and y downwards, as in SVG, rounded to a tenth.
"""
