"""Hypothesis strategies for the entries of an export: few names and moments, so that much of it collides."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.history.reference import FAMILIES

ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Europe/London",
    "America/New_York",
)
# Around these something happens to some clock, or a day, month or year ends.
TURNS = tuple(
    datetime.fromisoformat(moment).replace(tzinfo=UTC)
    for moment in (
        "2008-03-09 03:31",  # St John's puts its clocks forward at a minute past midnight,
        "2010-11-07 02:31",  # and back into the day before
        "2011-12-30 10:00",  # Apia leaves out a day
        "2018-11-04 03:00",  # São Paulo has no midnight,
        "2019-02-17 02:00",  # then an hour before midnight twice
        "2019-05-05 02:00",  # Casablanca for Ramadan,
        "2019-06-09 02:00",  # and after it
        "2021-03-28 01:00",  # London
        "2021-10-31 01:00",
        "2021-03-14 07:00",  # New York
        "2021-10-02 15:30",  # Lord Howe, by half an hour
        "2022-04-02 15:00",
        "2019-12-31 23:59",
        "2020-02-29 18:15",  # midnight in Kathmandu
        "2020-02-29 18:30",  # midnight in Kolkata
    )
)
_ARTISTS = st.sampled_from(
    ["Mira", "MIRA", "Straße", "STRASSE", "Ólafur", "=1+1", "\tMira", "A\nB", "", None]
)
_TITLES = st.sampled_from(["Rain", "rain", "Snow", "İstanbul", "Rain \u200b", "R\u200dain", " \r\n", ""])
_ALBUMS = st.sampled_from(["Weather", "WEATHER", "Mira", None])
_LENGTHS = st.sampled_from(
    [0, 1_500, 29_999, 30_000, 61_000, 180_500, 239_999, 240_000, 3_700_000, 86_400_000]
)
_FLAG = st.sampled_from([True, False, None, 1.0])
_APART = st.one_of(
    st.integers(-95, 95),
    st.integers(-150, 150).map(lambda minutes: minutes * 60),
    st.integers(-3, 3).map(lambda days: days * 86_400 + 29),
)


@st.composite
def ends(draw: st.DrawFn) -> datetime:
    """When plays end."""
    return draw(st.sampled_from(TURNS)) + timedelta(seconds=draw(_APART))


def _extended(**named: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {
        "platform": st.sampled_from([*FAMILIES, None]),
        "conn_country": st.sampled_from(["SE", "JP", "ZZ", None]),
        "reason_start": st.sampled_from(["trackdone", "clickrow", None]),
        "reason_end": st.sampled_from(["trackdone", "fwdbtn", "endplay", None]),
        "shuffle": _FLAG,
        "skipped": _FLAG,
        "offline": _FLAG,
        "incognito_mode": _FLAG,
        "ip_addr": st.just("203.0.113.7"),
        "username": st.just("mira"),
        "offline_timestamp": st.sampled_from([None, 0, -1, "1600000000", 1_600_000_000, 1_136_073_599]),
    }
    rows = st.fixed_dictionaries(
        {"ts": ends().map(lambda end: f"{end:%Y-%m-%dT%H:%M:%SZ}"), "ms_played": _LENGTHS, **named},
        optional=optional,
    )
    return st.one_of(rows, st.tuples(rows, _BEFORE, st.sampled_from([1, 1000, 1000.0])).map(_stamped))


# Milliseconds from an `offline_timestamp` to its `ts`.
_BEFORE = st.one_of(
    st.integers(-3, 200).map(lambda seconds: seconds * 1000),
    st.integers(0, 100_000),
    st.integers(0, 3_000).map(lambda minutes: minutes * 60_000),
)


def _stamped(given: tuple[dict[str, Any], int, float]) -> dict[str, Any]:
    """The row with an `offline_timestamp` near its `ts`, in seconds or milliseconds."""
    row, before, unit = given
    end = datetime.strptime(row["ts"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    said = int(end.timestamp() * 1000) - before
    return row | {"offline_timestamp": said // 1000 if unit == 1 else type(unit)(said)}


tracks = _extended(
    master_metadata_track_name=_TITLES,
    master_metadata_album_artist_name=_ARTISTS,
    master_metadata_album_album_name=_ALBUMS,
    spotify_track_uri=st.sampled_from(["spotify:track:one", "spotify:track:two", None]),
)
episodes = _extended(episode_name=_TITLES, episode_show_name=_ARTISTS, spotify_episode_uri=st.none())
chapters = _extended(audiobook_title=_ARTISTS.filter(bool), audiobook_chapter_title=_TITLES)
_MINUTES = ends().map(lambda end: f"{end:%Y-%m-%d %H:%M}")
account_tracks = st.fixed_dictionaries(
    {
        "endTime": _MINUTES,
        "msPlayed": _LENGTHS,
        "artistName": st.one_of(_ARTISTS, st.just("Unknown Artist")),
        "trackName": st.one_of(_TITLES, st.just("Unknown Track")),
    }
)
account_episodes = st.fixed_dictionaries(
    {"endTime": _MINUTES, "msPlayed": _LENGTHS, "podcastName": _ARTISTS, "episodeName": _TITLES}
)
account_chapters = st.fixed_dictionaries(
    {
        "endTime": _MINUTES,
        "msPlayed": _LENGTHS,
        "audiobookName": _ARTISTS,
        "chapterName": _TITLES,
        "authorName": _ARTISTS,
    }
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
_WRONG_TIMES: st.SearchStrategy[Any] = st.sampled_from(
    ["1970-01-01T00:00:00Z", "2005-12-31T23:59:59Z", "2999-01-01T00:00:00Z", "", 5]
)
_WRONG_LENGTHS: st.SearchStrategy[Any] = st.sampled_from(
    [-1, 86_400_001, 10**30, 1.5, "30000", None, True, [], 2**63]
)
odd = st.one_of(
    _anything,
    tracks.flatmap(lambda row: _WRONG_TIMES.map(lambda when: row | {"ts": when})),
    tracks.flatmap(lambda row: _WRONG_LENGTHS.map(lambda ms: row | {"ms_played": ms})),
    tracks.map(lambda row: {name: value for name, value in row.items() if name != "ts"}),
    account_tracks.flatmap(lambda row: _WRONG_LENGTHS.map(lambda ms: row | {"msPlayed": ms})),
    st.just({"ts": "2020-01-01T00:00:00Z", "ms_played": 5_000}),
)
plays = st.one_of(
    tracks, tracks, tracks, account_tracks, episodes, chapters, account_episodes, account_chapters
)
anything = st.one_of(plays, plays, plays, odd)
days = st.one_of(
    st.none(),
    st.sampled_from(TURNS).flatmap(
        lambda turn: st.integers(-2, 2).map(lambda apart: turn.date() + timedelta(days=apart))
    ),
)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[date | None, date | None]:
    """From a day to a day, either of them open."""
    first, last = draw(days), draw(days)
    return (last, first) if first and last and first > last else (first, last)
