"""Pure functions over the dataclasses of `app.music`. "Now" and time zones are arguments."""
