"""The mood page's charts: coordinates for SVG from figures, one chart a file. Pure functions.

Each file names its own field; x grows to the right and y downwards, as in SVG, rounded to a tenth.
"""
