"""The mood page's chapters, one a file: sentence, coverage, the chart's coordinates and its table."""
