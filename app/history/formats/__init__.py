"""Files with plays, one module a format. Each is known by how it begins, whatever it is called."""

from app.history.formats import (
    apple,
    apple_names,
    deezer,
    koito,
    lastfm,
    listenbrainz,
    maloja,
    own_corrections,
    own_csv,
    own_json,
    pano,
    scrobbler_log,
    spotify,
    tidal,
    youtube,
)
from app.history.formats.rows import Format, Head

# Asked in this order: the first that recognises a file reads it.
FORMATS: tuple[Format, ...] = (
    *spotify.FORMATS,
    *listenbrainz.FORMATS,
    *lastfm.FORMATS,
    *maloja.FORMATS,
    *koito.FORMATS,
    *apple_names.FORMATS,
    *apple.FORMATS,
    *deezer.FORMATS,
    *youtube.FORMATS,
    *pano.FORMATS,
    *scrobbler_log.FORMATS,
    *own_csv.FORMATS,
    *own_json.FORMATS,
    *own_corrections.FORMATS,
    *tidal.FORMATS,
)


def format_of(head: Head) -> Format | None:
    """Which format a file has, by its beginning; `None` where it holds no plays that can be read."""
    return next((one for one in FORMATS if one.recognise(head)), None)
