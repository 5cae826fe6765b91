"""The tables. All times are Unix seconds (UTC), as floating point."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A person, as one Spotify knows them. `service` keeps the demo's invented people apart from real ones.
account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("service", String(20), nullable=False),
    Column("spotify_user_id", Text, nullable=False),
    Column("spotify_account_id", Text, nullable=False),  # the stable one; "" where a server does not send it
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double),  # kept for private local accounts alone, which end when nobody comes
    UniqueConstraint("service", "spotify_user_id", "spotify_account_id"),
)

# Where SQLite takes the numbers of new accounts from, since it would give that of a deleted one again. No row
# stays here: SQLite remembers the highest. PostgreSQL never gives a number twice.
account_number = Table(
    "account_number", metadata, Column("id", Integer, primary_key=True), sqlite_autoincrement=True
)

# Who has deleted everything lately, as keyed hashes of their ids: a login that they gave before, and that has
# not told yet whose it is, ends when it does.
deleted_account = Table(
    "deleted_account",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("deleted_at", Double, nullable=False),
)

# A browser's session. `id_hash` is the SHA-256 of the cookie's random id; `encrypted`: its values. `browser`:
# its family and system. `visitor_hash`: of the id that the cookie held before there was a row.
session = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), index=True),
    Column("sealed", LargeBinary, key="encrypted", nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("created_at", Double),
    Column("browser", String(60)),
    Column("visitor_hash", String(64), index=True),
)

# What Spotify answered for one account, parsed, as JSON. Kept past `fresh_until` as the last known answer.
answer = Table(
    "answer",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", Double, nullable=False, index=True),
    Column("fresh_until", Double, nullable=False),
)

# Audio features by track. `source` is null when every provider was asked and none knew the track.
audio_features = Table(
    "audio_features",
    metadata,
    Column("track_id", Text, primary_key=True),
    Column("source", String(20)),
    Column("asked_at", Double, nullable=False),
    *(
        Column(name, Double)
        for name in (
            "danceability",
            "energy",
            "valence",
            "acousticness",
            "instrumentalness",
            "liveness",
            "speechiness",
            "loudness",
            "tempo",
        )
    ),
    *(Column(name, SmallInteger) for name in ("key", "mode", "time_signature")),
)

# Who may do a thing that only one worker should do at a time.
lease = Table(
    "lease",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Double, nullable=False),
)

# What must not be asked before a time: a rate-limited app, a closed endpoint, a provider that is down.
pause = Table(
    "pause",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("until", Double, nullable=False),
    Column("why", Text, nullable=False),
    Column("begun_at", Double),  # null where an older version of this program began it
)

Index("ix_account_spotify_account_id", account.c.service, account.c.spotify_account_id)

# What a top list looked like on a day (ISO date): each item's key and name, best first, as JSON.
snapshot = Table(
    "snapshot",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("time_range", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("places", LargeBinary, nullable=False),
)

# The playlist at Spotify that a range's top tracks became on a day.
playlist = Table(
    "playlist",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("time_range", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("playlist_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("filled", Boolean, nullable=False),
)

# Reading a listener's saved tracks: `reading` is the number of the one under way or the latest, `shown` that
# of the latest that was finished, if any. `state`: running, paused or done. `read_at`: when it was finished.
library = Table(
    "library",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("reading", Integer, nullable=False),
    Column("shown", Integer),
    Column("state", String(10), nullable=False),
    Column("total", Integer),  # as Spotify says; null until its first answer
    Column("resume_at", Double),
    Column("trouble", String(40)),  # why it paused, as the error's class name
    Column("begun_at", Double, nullable=False),
    Column("read_at", Double),
    Column("looked_at", Double, nullable=False),
)

# A page of a reading that is kept: how many entries it brought.
library_page = Table(
    "library_page",
    metadata,
    Column("account_id", ForeignKey("library.account_id", ondelete="CASCADE"), primary_key=True),
    Column("reading", Integer, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("entries", Integer, nullable=False),
)

# A saved track of a reading. `key` is its id, or what else tells it from the others; `added_at` is 0 where
# it is unknown; among those of one moment the newer has the greater `place`. The `…_key` columns are
# case-folded, to sort and to search by.
saved_track = Table(
    "saved_track",
    metadata,
    Column("account_id", ForeignKey("library.account_id", ondelete="CASCADE"), primary_key=True),
    Column("reading", Integer, primary_key=True),
    Column("key", String(250), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("track_id", Text),
    Column("name", Text),
    Column("artists", LargeBinary, nullable=False),  # [{"id", "name"}], as JSON
    Column("artist", Text),  # the first one's name
    Column("album", Text),
    Column("url", Text),
    Column("image", Text),
    Column("added_at", Double, nullable=False),
    Column("added_month", String(7)),  # "2026-11", UTC
    Column("year", SmallInteger),
    Column("duration_ms", Integer),
    Column("explicit", Boolean, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("artist_key", Text, nullable=False),
    Column("album_key", Text, nullable=False),
    Index("ix_saved_track_newest", "account_id", "reading", "added_at", "place"),
)

# Tokens that belong to no browser's session: an app's own, and the owner's for the terminal.
stored_token = Table(
    "kept_token",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("sealed", LargeBinary, key="encrypted", nullable=False),
)

# What the catalogue answered lately, parsed, as JSON; nobody's in particular. `key` is a hash, so that the
# table does not tell what was searched for.
catalogue_answer = Table(
    "catalogue_answer",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", Double, nullable=False, index=True),
)

# How one listener wants their plays counted. `timezone` is null until they choose one.
listening = Table(
    "listening",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("timezone", String(64)),
    Column("threshold_s", SmallInteger, nullable=False),
)

# An import of an export: queued, running, done, failed, cancelled or undone.
history_import = Table(
    "history_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("note", Text),
    Column("deaths", SmallInteger, nullable=False, server_default="0"),  # workers that died while it ran
    Column("zone", String(64)),  # of stamps that are on a clock without one
    Column("day_first", Boolean),  # whether dates begin with the day, where they do not show it
)

# A file that was uploaded for an import: by what name it is stored until it is read, and what it was called.
history_upload = Table(
    "history_upload",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("import_id", ForeignKey("history_import.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("stored_as", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("read", Boolean, nullable=False),
)

# A piece of an upload that waits in the database: of PostgreSQL, whose workers may be on other machines.
history_upload_chunk = Table(
    "history_upload_chunk",
    metadata,
    Column("stored_as", String(64), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# A file of an import, with the receipt of its rows. `place` is its number in a walk through the upload;
# `format` is what people call its format, where it was recognised. `batch` holds its readable rows, packed;
# `rejected` the first of the others, as JSON; times are of the starts of plays.
history_file = Table(
    "history_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("import_id", ForeignKey("history_import.id", ondelete="CASCADE"), nullable=False),
    Column("upload_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("format", String(80)),
    Column("state", String(10), nullable=False),
    Column("note", Text),
    *(
        Column(name, Integer, nullable=False)
        for name in ("read", "kept", "duplicate", "unreadable", "ignored", "music", "podcasts", "audiobooks")
    ),
    Column("first_at", Double),
    Column("last_at", Double),
    Column("replaced", Integer, nullable=False, server_default="0"),  # live plays that its rows replace
    Column("oddities", LargeBinary, key="rejected", nullable=False),
    Column("batch", LargeBinary),
    UniqueConstraint("import_id", "upload_id", "place"),
)

# What follows from all files of an account together: names, plays in order, roll-ups; made anew as a whole.
history_part = Table(
    "history_part",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# A correction that a listener has made: a rule that is applied whenever the history is built. Names that the
# rule does not need are null; an artist whose name is unknown is "". `started_at`: of one play, Unix seconds.
# `import_id`: the import that brought it. `plays`, `tracks`: what it changes, counted at the latest build.
history_correction = Table(
    "history_correction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("import_id", ForeignKey("history_import.id", ondelete="CASCADE"), index=True),
    Column("kind", String(10), nullable=False),
    Column("action", String(10), nullable=False),
    Column("from_artist", Text, nullable=False),
    Column("from_title", Text),
    Column("from_album", Text),
    Column("to_artist", Text),
    Column("to_title", Text),
    Column("to_album", Text),
    Column("started_at", BigInteger),
    Column("created_at", Double, nullable=False),
    Column("plays", Integer),
    Column("tracks", Integer),
)

# A counter of a rate limit, in the window that ends at `expires_at`. `key` holds a keyed hash of an address.
rate_limit = Table(
    "rate_limit",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
)

# Whose plays are asked for in the background. `encrypted`: the token; `state`: on or ended;
# `trouble`: why it ended, or what went wrong in the latest round. `claimed_until`: a worker is at it.
sync = Table(
    "sync",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, key="encrypted", nullable=False),
    Column("authorized_at", Double, nullable=False),
    Column("begun_at", Double, nullable=False),
    Column("state", String(10), nullable=False),
    Column("trouble", String(20)),
    Column("due_at", Double, nullable=False, index=True),
    Column("claimed_until", Double, nullable=False, server_default="0"),
    Column("last_at", Double),  # of the latest round that went well
    Column("plays_added", Integer, nullable=False, server_default="0"),
    Column("empty_rounds", SmallInteger, nullable=False, server_default="0"),
    Column("failed_rounds", SmallInteger, nullable=False, server_default="0"),
)

# A play that Spotify told of. `key` tells plays of one moment apart: the track's address, or its names.
live_play = Table(
    "live_play",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("played_at", BigInteger, primary_key=True),  # Unix milliseconds
    Column("key", String(250), primary_key=True),
    Column("uri", Text),
    Column("artist", Text),
    Column("title", Text),
    Column("album", Text),
    Column("duration_ms", Integer),
)

# A time of which plays may be missing, in Unix milliseconds: Spotify remembers no more than fifty.
sync_gap = Table(
    "sync_gap",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("begins_at", BigInteger, primary_key=True),
    Column("ends_at", BigInteger, nullable=False),
)

# How often a service was asked on a day (ISO date, UTC), by endpoint.
call_count = Table(
    "call_count",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("endpoint", String(100), primary_key=True),
    Column("calls", Integer, nullable=False),
)

# Whose covers are fetched in the background, with the consent of `agreed_at`. `planned_at`: when it was last
# looked at what is missing, null before the first time.
cover_fetch = Table(
    "cover_fetch",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("agreed_at", Double, nullable=False),
    Column("planned_at", Double),
    Column("due_at", Double, nullable=False, index=True),
)

# The pictures of an artist, album or track of a history, as JSON; none where Spotify has none. `key` is a
# hash of its kind, name and artist.
cover = Table(
    "cover",
    metadata,
    Column("account_id", ForeignKey("cover_fetch.account_id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("images", LargeBinary, nullable=False),
    Column("fetched_at", Double, nullable=False, index=True),
)
