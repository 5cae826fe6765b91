"""Where audio features come from: a chain of providers behind a cache of our own."""
