"""Top artists month by month or year by year."""
