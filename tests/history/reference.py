"""What an export adds up to, counted the plain way: entries as dicts, a loop a figure, no code of the site's.

Written from what the site promises about years of listening, to hold its engine to it.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Entry = Any
MUSIC, PODCAST, AUDIOBOOK = "music", "podcast", "audiobook"
NEVER = datetime.min.replace(tzinfo=UTC)
FAMILIES = {
    "iOS 9.3.5 (iPhone8,1)": "ios",
    "Android OS 13 API 33 (Google, Pixel 7)": "android",
    "Windows 10 (10.0.19045; x64)": "windows",
    "OS X 14.0.0 [arm 2]": "macos",
    "Linux [x86-64 0]": "linux",
    "web_player linux undefined;chrome 120": "web",
    "Partner google cast;Chromecast": "cast",
    "Partner sony_ps4 Sony;PS4": "console",
    "garmin": "other",
}
_TOLD = (
    "shuffle",
    "skipped",
    "offline",
    "incognito_mode",
    "reason_start",
    "reason_end",
    "platform",
    "conn_country",
    "master_metadata_album_album_name",
    "spotify_track_uri",
    "spotify_episode_uri",
    "audiobook_chapter_uri",
)


@dataclass(frozen=True)
class Play:
    """A readable row. `exact`: it is of extended history. `told`: how much of the row is not null.

    `offline_at`: the moment that its `offline_timestamp` names, if it can be one of this play.
    """

    kind: str
    end: datetime
    offline_at: datetime | None
    ms: int
    artist: str | None
    title: str | None
    album: str | None
    uri: str | None
    exact: bool
    told: int
    row: dict[str, Any]
    estimated: bool = False

    @property
    def start(self) -> datetime:
        """When it began."""
        if self.row.get("offline") is True and self.offline_at is not None:
            return self.offline_at
        return self.end - timedelta(milliseconds=self.ms)

    @property
    def track(self) -> tuple[str, str]:
        """What single and album releases share; where the title is unknown, the address tells them apart."""
        return folded(self.artist), folded(self.title) if self.title else f"\0{self.uri}"

    @property
    def skipped(self) -> bool:
        """Whether it was skipped, as far as is known."""
        said = self.row.get("skipped")
        return said is True or (said is None and self.row.get("reason_end") == "fwdbtn")


def folded(name: str | None) -> str:
    """A name as it is compared."""
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name or "").casefold())
    return normal.strip()


def read(entry: Entry, now: datetime) -> Play | str:
    """The play that an entry is, or else "unreadable" or "ignored"."""
    if not isinstance(entry, dict):
        return "unreadable"
    extended, account = {"ts", "ms_played"} & entry.keys(), {"endTime", "msPlayed"} & entry.keys()
    if not extended and not account:
        return "ignored"
    when, ms = (entry.get(name) for name in (("ts", "ms_played") if extended else ("endTime", "msPlayed")))
    if type(ms) is float and ms == ms // 1:
        ms = int(ms)
    if type(when) is not str or type(ms) is not int or not 0 <= ms <= 24 * 3_600_000:
        return "unreadable"
    try:
        shape = "%Y-%m-%dT%H:%M:%SZ" if extended else "%Y-%m-%d %H:%M"
        end = datetime.strptime(when, shape).replace(tzinfo=UTC)
    except ValueError:
        return "unreadable"
    if end.year < 2006 or end > now + timedelta(days=1):
        return "unreadable"
    row = {name: value for name, value in entry.items() if value is not None}
    for name in ("offline", "shuffle", "skipped", "incognito_mode"):
        if type(row.get(name)) is float:
            row[name] = row[name] == 1.0
    if row.get("artistName") == "Unknown Artist":
        row["artistName"] = ""
        if row.get("trackName") == "Unknown Track":
            row["trackName"] = ""

    def play(kind: str, artist: str, title: str, album: str = "", uri: str = "") -> Play:
        told = sum(name in row for name in _TOLD)
        return Play(
            kind,
            end,
            offline_at(row.get("offline_timestamp"), end),
            ms,
            written(row.get(artist)),
            written(row.get(title)),
            written(row.get(album)),
            row.get(uri),
            exact=bool(extended),
            told=told,
            row=row,
        )

    if not extended:
        if "artistName" in row or "trackName" in row:
            return play(MUSIC, "artistName", "trackName")
        if "podcastName" in row or "episodeName" in row:
            return play(PODCAST, "podcastName", "episodeName")
        if "audiobookName" in row or "chapterName" in row:
            return play(AUDIOBOOK, "audiobookName", "chapterName")
    elif "master_metadata_track_name" in row or "spotify_track_uri" in row:
        return play(
            MUSIC,
            "master_metadata_album_artist_name",
            "master_metadata_track_name",
            "master_metadata_album_album_name",
            "spotify_track_uri",
        )
    elif "episode_name" in row or "spotify_episode_uri" in row:
        return play(PODCAST, "episode_show_name", "episode_name", uri="spotify_episode_uri")
    elif "audiobook_title" in row or "audiobook_chapter_title" in row:
        return play(AUDIOBOOK, "audiobook_title", "audiobook_chapter_title", uri="audiobook_chapter_uri")
    return "ignored"


def offline_at(said: Any, end: datetime) -> datetime | None:
    """The moment that an `offline_timestamp` names: seconds or milliseconds, from 2006 on, not after `ts`."""
    if type(said) not in (int, float) or not 1e9 < said < 1e13:
        return None
    seconds = said / 1000 if said > 1e11 else said
    found = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(seconds * 1000))
    return found if datetime(2006, 1, 1, tzinfo=UTC) <= found <= end else None


def written(name: str | None) -> str | None:
    """A name as it is shown: on one line, with nothing invisible around it; `None` where nothing is left."""
    if name is None:
        return None
    for line_end in ("\r\n", "\t", "\n", "\r"):
        name = name.replace(line_end, " ")
    name = "".join(one for one in name if unicodedata.category(one) != "Cc")
    while name and (name[0].isspace() or unicodedata.category(name[0]) == "Cf"):
        name = name[1:]
    while name and (name[-1].isspace() or unicodedata.category(name[-1]) == "Cf"):
        name = name[:-1]
    return name or None


def kept(plays: Iterable[Play]) -> list[Play]:
    """The plays that count once, in order of their start."""
    every = list(plays)
    extended, account = ([play for play in every if play.exact is exact] for exact in (True, False))
    rows = _one_of_each(extended, starts_near)
    left = _one_of_each(account, lambda one, other: minute(one) == minute(other))
    covered = [play.end for play in extended]
    return sorted(rows + without_partner(left, rows, covered), key=lambda one: one.start)


@dataclass(frozen=True)
class Live:
    """A play that Spotify told of as it happened."""

    played_at: datetime
    artist: str
    title: str
    album: str
    uri: str | None
    duration_ms: int


def with_live(plays: Sequence[Play], live: Iterable[Live]) -> list[Play]:
    """These plays of exports, and the live ones that none of them tells again, in order of their start."""
    near = timedelta(minutes=1)
    free = list(plays)
    left = []
    for one in sorted(set(live), key=lambda play: play.played_at):
        rivals = [
            play
            for play in free
            if (play.uri is not None and play.uri == one.uri)
            or play.track == (folded(one.artist), folded(one.title))
            if near >= min(abs(play.start - one.played_at), abs(_stopped(play) - one.played_at))
        ]
        if rivals:
            free.remove(rivals[0])
        else:
            left.append(one)
    ends = [_stopped(play) for play in plays] + [play.played_at for play in left]
    found = [*plays]
    for one in left:
        before = max((end for end in ends if end < one.played_at), default=None)
        since = one.duration_ms if before is None else (one.played_at - before) // timedelta(milliseconds=1)
        length = min(one.duration_ms, since)
        names = (one.artist, one.title, one.album, one.uri)
        found.append(Play(MUSIC, one.played_at, None, length, *names, True, 0, {}, estimated=True))
    return sorted(found, key=lambda entry: entry.start)


def _stopped(play: Play) -> datetime:
    return play.start + timedelta(milliseconds=play.ms)


def _one_of_each(plays: Iterable[Play], same: Callable[[Play, Play], bool]) -> list[Play]:
    """One of those that are the same: the row that tells most.

    Which of equal ones stays is anybody's choice, but always the same: the earliest, and of one moment the
    first in the order of what they say.
    """
    alike: dict[Any, list[Play]] = defaultdict(list)
    for play in plays:
        alike[play.track, play.ms].append(play)
    found = []
    for rivals in alike.values():
        chosen: list[Play] = []
        for play in sorted(rivals, key=_most_told):
            if not any(same(play, other) for other in chosen):
                chosen.append(play)
        found += chosen
    return found


def starts_near(one: Play, other: Play) -> bool:
    """Whether two rows of extended history are the same play."""
    return abs(one.start - other.start) < timedelta(seconds=30)


def minute(play: Play) -> datetime:
    """The minute in which it ended."""
    return play.end.replace(second=0)


def without_partner(
    account: Sequence[Play], extended: Sequence[Play], covered: Sequence[datetime]
) -> list[Play]:
    """The rows of account data that no row of extended history tells too. `covered`: every `ts` there is."""
    free = sorted(extended, key=lambda one: (one.end, one.offline_at or NEVER))
    stays = []
    for play in sorted(account, key=minute):
        partner = next((one for one in free if _is_partner(play, one, covered)), None)
        if partner is None:
            stays.append(play)
        else:
            free.remove(partner)
    return stays


def _is_partner(account: Play, extended: Play, covered: Sequence[datetime]) -> bool:
    if (account.track, account.ms) != (extended.track, extended.ms):
        return False
    begins = minute(account)
    if begins > max(covered):
        return False
    reported = begins <= extended.end <= begins + timedelta(days=1)
    if reported and begins + timedelta(seconds=59) >= min(covered):
        return True
    if extended.offline_at is None:
        return False
    stopped = extended.offline_at + timedelta(milliseconds=extended.ms)
    return abs(stopped - begins) <= timedelta(minutes=2)


def _most_told(play: Play) -> tuple[Any, ...]:
    known = play.offline_at.timestamp() if play.offline_at else 0.0
    return -play.told, play.start, -known, play.end, _said(play)


def _said(play: Play) -> tuple[Any, ...]:
    words = [play.row.get(name, "") for name in ("conn_country", "platform", "reason_end", "reason_start")]
    flags = [play.row.get(name, -1) for name in ("incognito_mode", "offline", "skipped", "shuffle")]
    kind = (MUSIC, PODCAST, AUDIOBOOK).index(play.kind)
    return (*words, *flags, kind, *_written(play))


def _written(play: Play) -> tuple[str, str, str, str]:
    return play.artist or "", play.title or "", play.album or "", play.uri or ""


def report(
    plays: Sequence[Play],
    zone: ZoneInfo,
    threshold_s: int,
    today: date,
    first: date | None = None,
    last: date | None = None,
    kind: str = MUSIC,
) -> dict[str, Any]:
    """All of `/history.json` but the range, out of the plays that were kept."""
    every = [play for play in plays if play.kind == kind]

    def within(play: Play) -> bool:
        day = play.start.astimezone(zone).date()
        return (first is None or day >= first) and (last is None or day <= last)

    rows = [play for play in every if within(play)]
    counting, ever = (
        [play for play in some if play.estimated or play.ms >= threshold_s * 1000] for some in (rows, every)
    )
    days: dict[date, list[Play]] = defaultdict(list)
    clock = [[0] * 24 for _ in range(7)]
    for play in counting:
        local = play.start.astimezone(zone)
        days[local.date()].append(play)
        clock[local.weekday()][local.hour] += 1
    daily = [{"date": str(day), **_sums(days[day])} for day in sorted(days)]
    tops = {
        "artists": _top(counting, every, _artist, lambda play: play.artist),
        "tracks": _top(counting, every, _track, lambda play: play.title, credit=True),
        "albums": _top(counting, every, _album, lambda play: play.album, credit=True),
    }
    known = {
        name: [play.row[name] for play in rows if type(play.row.get(name)) is bool]
        for name in ("shuffle", "offline")
    }
    return {
        "threshold_ms": threshold_s * 1000,
        "totals": {
            **_sums(counting),
            "ms_estimated": sum(play.ms for play in counting if play.estimated),
            "plays_without_time": 0,
            **{name: len(ranked) for name, ranked in tops.items()},
            "days": len(days),
        },
        **{f"top_{name}": ranked[:50] for name, ranked in tops.items()},
        "clock": clock,
        "daily": daily,
        "streaks": _streaks(sorted(days), min(today, last) if last else today),
        "discovery": _discovery(ever, zone, within),
        "skips": {
            "rows": sum(not play.estimated for play in rows),
            "skipped": sum(play.skipped for play in rows),
        },
        "shuffle": {"rows": len(known["shuffle"]), "shuffled": sum(known["shuffle"])},
        "offline": {"rows": len(known["offline"]), "offline": sum(known["offline"])},
        "platforms": _shares(counting, "name", lambda row: FAMILIES.get(row.get("platform", ""))),
        "countries": _shares(counting, "code", lambda row: row.get("conn_country")),
    }


def sessions(plays: Iterable[Play], threshold_s: int) -> list[tuple[int, int]]:
    """The sessions of music, each from when to when in seconds: a gap of over 30 minutes ends one."""
    found: list[tuple[int, int]] = []
    for play in plays:
        if play.kind != MUSIC or play.ms < threshold_s * 1000:
            continue
        start = int(play.start.timestamp())
        end = start + -(-play.ms // 1000)
        if found and start - found[-1][1] <= 30 * 60:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _track(play: Play) -> tuple[str, str] | None:
    return play.track if play.title else None


def _artist(play: Play) -> str | None:
    return folded(play.artist) or None


def _album(play: Play) -> tuple[str, str] | None:
    return (folded(play.artist), folded(play.album)) if play.album else None


def _sums(plays: Sequence[Play]) -> dict[str, int]:
    return {"plays": len(plays), "ms_played": sum(play.ms for play in plays)}


def _top(
    counting: Sequence[Play],
    every: Sequence[Play],
    key: Callable[[Play], Any],
    name: Callable[[Play], str | None],
    credit: bool = False,
) -> list[dict[str, Any]]:
    groups: dict[Any, list[Play]] = defaultdict(list)
    for play in counting:
        if key(play) is not None:
            groups[key(play)].append(play)
    shown: dict[Any, str] = {}
    artists: dict[str, str] = {}
    for play in sorted(every, key=lambda play: (play.end, _written(play))):
        shown[key(play)] = name(play) or ""
        artists[folded(play.artist)] = play.artist or ""
    found: list[dict[str, Any]] = []
    for one, plays in groups.items():
        by = {"artist": artists.get(folded(plays[0].artist)) or None} if credit else {}
        found.append({"name": shown[one], **by, **_sums(plays)})
    found.sort(key=lambda one: (-one["plays"], -one["ms_played"], one["name"], one.get("artist") or ""))
    return [{"rank": rank, **entry} for rank, entry in enumerate(found, 1)]


def _streaks(days: Sequence[date], today: date) -> dict[str, Any]:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len, default=[])
    going_on = runs and today - runs[-1][-1] in (timedelta(0), timedelta(days=1))
    return {"longest": _run(longest), "current": _run(runs[-1] if going_on else [])}


def _run(days: Sequence[date]) -> dict[str, Any]:
    ends = (str(days[0]), str(days[-1])) if days else (None, None)
    return {"days": len(days), "from": ends[0], "to": ends[1]}


def _discovery(ever: Sequence[Play], zone: ZoneInfo, within: Callable[[Play], bool]) -> list[dict[str, Any]]:
    found: dict[str, Counter[str]] = {"artists": Counter(), "tracks": Counter()}
    seen: set[Any] = set()
    for play in sorted(ever, key=lambda play: play.start):
        for what, key in (("artists", _artist(play)), ("tracks", _track(play))):
            if key is not None and (what, key) not in seen:
                seen.add((what, key))
                found[what][f"{play.start.astimezone(zone):%Y-%m}"] += within(play)
    months = {month for counts in found.values() for month, count in counts.items() if count}
    return [
        {"month": month, **{what: counts[month] for what, counts in found.items()}}
        for month in sorted(months)
    ]


def _shares(
    plays: Sequence[Play], label: str, of: Callable[[dict[str, Any]], str | None]
) -> list[dict[str, Any]]:
    groups: dict[str, list[Play]] = defaultdict(list)
    for play in plays:
        if (name := of(play.row)) is not None:
            groups[name].append(play)
    found: list[dict[str, Any]] = [{label: name, **_sums(those)} for name, those in groups.items()]
    return sorted(found, key=lambda entry: (-entry["plays"], -entry["ms_played"], entry[label]))
