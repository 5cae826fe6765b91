"""Pure functions over the nouns of `app.music`. "Now" and time zones are arguments."""
