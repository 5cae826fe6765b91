"""YouTube Music's plays, from `watch-history.json` of Google Takeout, where they are among all videos.

What Takeout writes is translated, but for the keys, "YouTube Music" and "YouTube". It tells when something
was opened, and not for how long it played.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import msgspec

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, Head, NotAFile, Reading, Rejected, Row, contents
from app.history.formats.text import has_keys, json_list, moment

_CHOOSE_JSON = (
    "This is YouTube's history as a web page, which cannot be read. In Google Takeout choose JSON instead of "
    "HTML for “history”, then send the new file."
)
_TOPIC = " - Topic"  # an artist's own channel, made by YouTube
# "Watched" before and behind a title.
_VERBS = (
    ("Watched ", ""),
    ("", " angesehen"),
    ("„", "“ angesehen"),
    ("Vous avez regardé ", ""),
    ("Has visto ", ""),
    ("Hai guardato ", ""),
    ("Je hebt naar ", " gekeken"),
    ("Obejrzano: ", ""),
    ("Tittade på ", ""),
    ("Så på ", ""),
    ("Så ", ""),
    ("Просмотрено видео ", ""),
    ("Ви дивилися відео ", ""),
    ("Гледахте ", ""),
    ("Zhlédli jste video ", ""),
    ("Παρακολουθήσατε το βίντεο ", ""),
    ("Ați vizionat ", ""),
    ("Pinanood ang ", ""),
    ("", " adlı videoyu izlediniz"),
    ("", " izlənildi"),
    ("", " katsottiin"),
    ("", " を視聴しました"),
    ("", " 을(를) 시청했습니다."),
    ("", " देखा"),
    ("", " دیکھی"),
    ("", " দেখা হয়েছে"),
    ("تمت مشاهدة ", " ."),
    ("تمت مشاهدة ", ""),
)
_SAMPLE = 300  # titles that tell the language
_SAMPLED_FROM = 5000  # entries
_ENOUGH = 20  # different titles, to take for a verb what all of them begin or end with
_HEADER = re.compile(r'"header"\s*:\s*"YouTube(?: Music)?"')
_PAGE_MARKS = ("mdl-", "my activity history", "youtube.com/watch")
_Verb = tuple[str, str]


class _Named(msgspec.Struct, gc=False):
    name: str | None = None


class _Entry(msgspec.Struct, gc=False):
    """What one entry tells, of all that it holds."""

    header: str | None = None
    title: str | None = None
    titleUrl: str | None = None  # noqa: N815 - YouTube's name
    time: str | None = None
    subtitles: list[_Named] | None = None
    details: list[_Named] | None = None


_WRONG = Rejected("not an entry as YouTube writes it")
_AD = Rejected("an advertisement", ignored=True)
_VIDEO = Rejected("a video, not music", ignored=True)
_NOTHING_OPENED = Rejected("nothing that was played", ignored=True)
_GONE = Rejected("the video is gone, and its name with it")
_NO_TIME = Rejected("not a time")


def _read(body: bytes, reading: Reading) -> Contents:
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise NotAFile(_CHOOSE_JSON)
    found = map(_entry, json_list(body))
    first = list(islice(found, _SAMPLED_FROM))
    verb = _verb(list(islice(_titles(first), _SAMPLE)))
    return contents(Source.YOUTUBE, (_row(entry, verb) for entry in chain(first, found)), reading)


def _entry(value: Any) -> _Entry | None:
    """`None` for what is no entry of YouTube's."""
    try:
        return msgspec.convert(value, _Entry)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter: a lone surrogate
        return None


def _row(entry: _Entry | None, verb: _Verb) -> Row | Rejected:
    if entry is None:
        return _WRONG
    if any("Google Ads" in (detail.name or "") for detail in entry.details or ()):
        return _AD
    channel = (entry.subtitles[0].name if entry.subtitles else None) or ""
    if entry.header != "YouTube Music" and not (entry.header == "YouTube" and channel.endswith(_TOPIC)):
        return _VIDEO
    if entry.titleUrl is not None and "/watch?" not in entry.titleUrl:
        return _NOTHING_OPENED
    if not channel.strip() or not entry.title:
        return _GONE
    start = moment(entry.time)
    if start is None:
        return _NO_TIME
    return Row(start, channel.removesuffix(_TOPIC), _without(verb, entry.title))


def _titles(entries: Iterable[_Entry | None]) -> Iterator[str]:
    """The titles of what was watched, as they are written."""
    for entry in entries:
        if entry is not None and entry.subtitles and entry.title and "/watch?" in (entry.titleUrl or ""):
            yield entry.title


def _verb(titles: Sequence[str]) -> _Verb:
    """What is before and behind each title: a verb that is known, or else what all of them share."""
    counts = Counter(verb for title in titles for verb in _VERBS if _has(verb, title))
    if counts:
        verb = max(counts, key=lambda verb: (counts[verb], len(verb[0] + verb[1])))
        if 2 * counts[verb] >= len(titles):
            return verb
    if len(set(titles)) < _ENOUGH:
        return "", ""
    return _common_beginning(titles), _common_beginning([title[::-1] for title in titles])[::-1]


def _common_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return first[
        : next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    ]


def _has(verb: _Verb, title: str) -> bool:
    before, behind = verb
    return len(title) > len(before) + len(behind) and title.startswith(before) and title.endswith(behind)


def _without(verb: _Verb, title: str) -> str:
    before, behind = verb
    return title[len(before) : len(title) - len(behind)] if _has(verb, title) else title


def _is_history(head: Head) -> bool:
    text = head.text
    return (
        text.startswith(("[", "{"))
        and has_keys(text, "title", "time", "products")
        and _HEADER.search(text) is not None
    )


def _is_page(head: Head) -> bool:
    """Whether it is a page of Takeout's, as it is where nobody chose JSON."""
    text = head.text.lower()
    return text.startswith(("<html", "<!doctype html")) and any(mark in text for mark in _PAGE_MARKS)


FORMATS = (Format("YouTube Music", lambda head: _is_history(head) or _is_page(head), _read),)
