"""One artist, album or track."""
