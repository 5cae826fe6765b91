"""Corrections, as they are applied when a history is built: merged, renamed, hidden, deleted.

They are rules about names, and change no row that is kept. Names are compared `folded`. What was played goes
along a chain of names, by merges and renames, from the one that its source wrote to the one that is shown:
first the artist's, then by turns the album's and the track's, each with its artist. A rule may name any of
that chain, so that it does not matter which was made first. What passes a hidden name is hidden.

Music alone is corrected. A rule that contradicts an older one (a circle, two ways from one name) is not
applied; `is_new` refuses to make one, but accounts that are joined may have them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import YES, Batch, Columns, Ints, Item, PlayKind, Source, starts
from app.history.merge import Gathered, folded, key_of
from app.store.corrections import Correction

ARTIST, ALBUM, TRACK, PLAY = "artist", "album", "track", "play"
MERGE, RENAME, HIDE, DELETE = "merge", "rename", "hide", "delete"
MOST = 5_000  # rules of one account that are applied
SAME_PLAY = 120_000  # milliseconds between two starts of one play, as two sources tell it
DAY = 86_400
CIRCLE = "That would go round in a circle: the one is counted as the other already. Undo that first."
TWO_WAYS = "That is counted as something else already. Undo that correction first."

Key = tuple[str, ...]  # an artist; an album or a track, after its artist
Effect = tuple[int, int]  # plays, and tracks among them


class Refused(Exception):
    """A rule contradicts others. `side`: which of its names is at fault, "from" or "to"."""

    def __init__(self, side: str, why: str) -> None:
        super().__init__(why)
        self.side = side


@dataclass
class _Names:
    """The names of one kind: what each is counted as and why, how it is written, and which are hidden."""

    to: dict[Key, Key] = field(default_factory=dict)
    because: dict[Key, list[Correction]] = field(default_factory=lambda: defaultdict(list))
    rewritten: dict[Key, list[Correction]] = field(default_factory=lambda: defaultdict(list))
    written: dict[Key, Correction] = field(default_factory=dict)
    hidden: dict[Key, list[Correction]] = field(default_factory=lambda: defaultdict(list))

    def path(self, key: Key) -> list[Key]:
        """The chain from a name to the one that is shown. It ends: no circle is ever added."""
        found = [key]
        while (following := self.to.get(found[-1])) is not None:
            found.append(following)
        return found

    def add(self, source: Key, target: Key, rule: Correction) -> str | None:
        """Adds a merge or a rename; why not, where it contradicts those that are there."""
        if source == target:
            self.rewritten[source].append(rule)
        else:
            if self.to.get(source, target) != target:
                return TWO_WAYS
            if source in self.path(target):
                return CIRCLE
            self.to[source] = target
            self.because[source].append(rule)
        if rule.action == RENAME:
            self.written[target] = rule
        return None

    def about(self) -> set[str]:
        """The artists that any rule is about."""
        every = (self.to, self.rewritten, self.written, self.hidden)
        return {key[0] for keys in every for key in keys}


class Rules:
    """The rules of an account, oldest first, ready to be applied. `refused`: those that are not, and why."""

    def __init__(self, corrections: Iterable[Correction]) -> None:
        self.artists, self.albums, self.tracks = _Names(), _Names(), _Names()
        self.deleted: dict[Key, list[Correction]] = defaultdict(list)
        self.refused: list[tuple[Correction, str]] = []
        rules = distinct(corrections)[-MOST:]
        for rule in rules:
            if rule.kind == ARTIST:
                self._add(self.artists, rule, (folded(rule.from_artist),), (folded(rule.to_artist),))
        # These name artists too, whose chains are known by now.
        for rule in rules:
            source, target = (self._part(*names) for names in part_names(rule))
            if rule.kind == PLAY:
                self.deleted[source].append(rule)
            elif rule.kind != ARTIST:
                self._add(self.albums if rule.kind == ALBUM else self.tracks, rule, source, target)
        self._about = self.artists.about() | self.albums.about() | self.tracks.about()
        self._about |= {key[0] for key in self.deleted}

    def _add(self, names: _Names, rule: Correction, source: Key, target: Key) -> None:
        if rule.action == HIDE:
            names.hidden[source].append(rule)
        elif (why := names.add(source, target, rule)) is not None:
            self.refused.append((rule, why))

    def _part(self, artist: str | None, title: str | None) -> Key:
        return *self.artist_path(artist)[-1], folded(title)

    def artist_path(self, artist: str | None) -> list[Key]:
        """The chain of an artist's names, as they are compared."""
        return self.artists.path((folded(artist),))

    def writings(self) -> set[tuple[object, ...]]:
        """The renames that say how names are written now, by their `rule_key`."""
        every = (self.artists.written, self.albums.written, self.tracks.written)
        return {rule_key(rule) for written in every for rule in written.values()}

    def concern(self, item: Item) -> bool:
        """Whether any of them may be about an item."""
        if item.kind != PlayKind.MUSIC:
            return False
        artists = (item.by, item.album_by) if item.album_by is not None else (item.by,)
        return any(key[0] in self._about for artist in artists for key in self.artist_path(artist))


def part_names(rule: Correction) -> tuple[tuple[str, str | None], tuple[str | None, str | None]]:
    """The artist and the title of an album or a track: as a rule finds it, and as it leaves it."""
    if rule.kind == ALBUM:
        return (rule.from_artist, rule.from_album), (rule.to_artist, rule.to_album)
    return (rule.from_artist, rule.from_title), (rule.to_artist, rule.to_title)


def rule_key(rule: Correction) -> tuple[object, ...]:
    """What makes two rules the same. A rename also says how a name is written."""
    names = (rule.from_artist, rule.from_title, rule.from_album, rule.to_artist, rule.to_title, rule.to_album)
    written = names[3:] if rule.action == RENAME else ()
    return rule.kind, rule.action, rule.started_at, *map(folded, names), written


def distinct(corrections: Iterable[Correction]) -> list[Correction]:
    """Each rule once, the latest of those that are the same, in their order."""
    found: dict[tuple[object, ...], Correction] = {}
    for rule in corrections:
        found.pop(rule_key(rule), None)
        found[rule_key(rule)] = rule
    return list(found.values())


def is_new(rule: Correction, known: Sequence[Correction]) -> bool:
    """Whether a rule changes anything beside those that are known. Raises Refused where it contradicts."""
    before, after = Rules(known), Rules([*known, rule])
    if len(after.refused) > len(before.refused):
        _, why = after.refused[-1]
        raise Refused("to" if why is CIRCLE else "from", why)
    is_known = rule_key(rule) in map(rule_key, known)
    # A name may be written in one way, then in another, then in the first again.
    return not is_known or (rule.action == RENAME and rule_key(rule) not in before.writings())


@dataclass(frozen=True)
class Corrected:
    """Items as the rules have them, in their places.

    `hidden`: which are counted nowhere. `touched`: by the number of a rule, the items that it changes or
    hides. `deleted`: rules that delete a play, each with the items that may be it.
    """

    items: Sequence[Item]
    hidden: NDArray[np.bool_]
    touched: dict[int, list[int]]
    deleted: list[tuple[Correction, list[int]]]
    corrections: Sequence[Correction] = ()

    def take_out(self, rows: Gathered, kept: NDArray[np.bool_], threshold_ms: int) -> dict[int, Effect]:
        """Takes hidden and deleted plays out of `kept`; what each rule comes to, by its number.

        `rows`: those of these items, with their final starts and lengths. Plays are counted as pages count
        them: from a threshold on, and those without a measured length.
        """
        if not self.corrections:
            return {}
        columns = rows.columns
        counts = columns["ms"] >= threshold_ms
        if "measured" in columns:
            counts |= columns["measured"] != YES
        plays = np.bincount(columns["item"][counts & kept], minlength=len(self.items))
        effects = {number: self._effect(at, plays) for number, at in self.touched.items()}
        if self.hidden.any():
            kept &= ~self.hidden[columns["item"]]
        effects |= self._delete(columns, kept)
        by_rule = {rule_key(rule): effects.get(rule.id, (0, 0)) for rule in distinct(self.corrections)}
        return {rule.id: by_rule[rule_key(rule)] for rule in self.corrections}

    def _effect(self, items: list[int], plays: Ints) -> Effect:
        played = [number for number in items if plays[number]]
        return int(plays[played].sum()), len({key_of(self.items[number]) for number in played})

    def _delete(self, columns: Columns, kept: NDArray[np.bool_]) -> dict[int, Effect]:
        """Takes the plays that are deleted out of `kept`."""
        wanted = np.zeros(len(self.items), bool)
        for _, items in self.deleted:
            wanted[items] = True
        at = np.flatnonzero(kept & wanted[columns["item"]]) if wanted.any() else np.zeros(0, np.int64)
        some = {name: column[at] for name, column in columns.items()}
        places = defaultdict[int, list[int]](list)
        for place, number in enumerate(some["item"].tolist()):
            places[number].append(place)
        start, found = starts(some), dict[int, Effect]()
        for rule, items in self.deleted:
            track = np.array([place for number in items for place in places[number]], np.int64)
            theirs = track[_is_play(some, start, track, (rule.started_at or 0) * 1000)]
            kept[at[theirs]] = False
            found[rule.id] = len(theirs), min(len(theirs), 1)
        return found


def _is_play(columns: Columns, start: Ints, track: Ints, moment: int) -> NDArray[np.bool_]:
    """Which rows of a track are the play that starts at a moment (Unix milliseconds, a whole second).

    Those of that second. Where there is none, the nearest one that may tell the same play in another way: it
    starts about then, or lasts from before that until after it. The start of a live play is a guess that
    another import may change; it lies within the track's length before the end.
    """
    begin = start[track]
    found: NDArray[np.bool_] = begin // 1000 * 1000 == moment
    if found.any() or not len(track):
        return found
    end, earliest = begin + columns["ms"][track], begin - SAME_PLAY
    if "duration" in columns:
        is_live = columns["source"][track] == Source.LIVE
        earliest = np.where(is_live, np.minimum(earliest, end - columns["duration"][track]), earliest)
    near = (earliest <= moment) & (moment <= np.maximum(end, begin + SAME_PLAY))
    if near.any():
        away = np.where(near, np.abs(begin - moment), np.iinfo(np.int64).max)
        found[int(away.argmin())] = True
    return found


def correct_rows(rows: Gathered, corrections: Sequence[Correction]) -> tuple[Gathered, Corrected]:
    """The rows with their items as the rules have them; what else the rules do is done by `take_out`."""
    corrected = correct(rows.items, corrections)
    return replace(rows, items=corrected.items), corrected


def correct(items: Sequence[Item], corrections: Sequence[Correction]) -> Corrected:
    """Items as the rules have them."""
    hidden = np.zeros(len(items), bool)
    if not corrections:
        return Corrected(items, hidden, {}, [])
    rules, found = Rules(corrections), list(items)
    touched: dict[int, list[int]] = defaultdict(list)
    deleted: dict[int, tuple[Correction, list[int]]] = {}
    for place, item in enumerate(items):
        if not rules.concern(item):
            continue
        chain = _Chain(rules, item)
        found[place], hidden[place] = chain.item, bool(chain.hidden_by)
        for number in {rule.id for rule in (*chain.changed_by, *chain.hidden_by)}:
            touched[number].append(place)
        for rule in chain.deleted_by:
            deleted.setdefault(rule.id, (rule, []))[1].append(place)
    return Corrected(found, hidden, touched, list(deleted.values()), corrections)


def concern_batch(batch: Batch, corrections: Sequence[Correction]) -> bool:
    """Whether rules change anything about plays that are settled, and later than all others."""
    corrected = correct(batch.items, corrections)
    first = int(starts(batch.columns).min(initial=2**62)) // 1000 - DAY
    return (
        bool(corrected.touched)
        or list(corrected.items) != list(batch.items)
        or any((rule.started_at or 0) >= first for rule, _ in corrected.deleted)
    )


class _Chain:
    """An item at the end of its chain of names, and the rules that it met on the way."""

    def __init__(self, rules: Rules, item: Item) -> None:
        self._rules = rules
        self.item = item
        self.changed_by: list[Correction] = []
        self.hidden_by: list[Correction] = []
        self.deleted_by: list[Correction] = []
        path = rules.artist_path(item.by)
        for key in path[:-1]:
            self._change(rules.artists.because[key], by=rules.artists.because[key][0].to_artist)
        self._follow_parts()
        artist = (folded(self.item.by),)
        # Who was given away by a track or an album counts no more.
        for key in path if artist == path[-1] else [artist]:
            self.hidden_by += rules.artists.hidden.get(key, ())
        self._write()
        if item.album_by is not None:
            album_by = self._artist(item.album_by)
            same = folded(album_by) == folded(self.item.by)
            self._change((), album_by=None if same else album_by)

    def _follow_parts(self) -> None:
        """Goes along the names of the album and the track, an album's first."""
        seen = set[Key]()
        while True:
            artist, album, title = (folded(name) for name in (self.item.by, self.item.album, self.item.title))
            if (artist, album, title) in seen:
                return
            seen.add((artist, album, title))
            self._meet(self._rules.albums.hidden, (artist, album), self.hidden_by)
            self._meet(self._rules.tracks.hidden, (artist, title), self.hidden_by)
            self._meet(self._rules.deleted, (artist, title), self.deleted_by)
            if because := self._rules.albums.because.get((artist, album)):
                self._change(because, by=self._by(because[0]), album=because[0].to_album)
            elif because := self._rules.tracks.because.get((artist, title)):
                self._change(because, by=self._by(because[0]), title=because[0].to_title)

    def _by(self, rule: Correction) -> str | None:
        """Whose an album or a track is after a rule; written as before, where that is the same artist."""
        found = self._artist(rule.to_artist)
        return self.item.by if folded(found) == folded(self.item.by) else found or None

    def _artist(self, name: str | None) -> str | None:
        """An artist as the rules have them."""
        artists, path = self._rules.artists, self._rules.artist_path(name)
        if (rule := artists.written.get(path[-1])) is not None:
            return rule.to_artist
        return artists.because[path[-2]][0].to_artist if len(path) > 1 else name

    def _write(self) -> None:
        """Writes each name as its latest rename says."""
        artist, album, title = (folded(name) for name in (self.item.by, self.item.album, self.item.title))
        artists, albums, tracks = self._rules.artists, self._rules.albums, self._rules.tracks
        if rule := artists.written.get((artist,)):
            self._change(artists.rewritten.get((artist,), ()), by=rule.to_artist)
        if rule := albums.written.get((artist, album)):
            self._change(albums.rewritten.get((artist, album), ()), album=rule.to_album)
        if rule := tracks.written.get((artist, title)):
            self._change(tracks.rewritten.get((artist, title), ()), title=rule.to_title)

    def _meet(self, rules: dict[Key, list[Correction]], key: Key, met: list[Correction]) -> None:
        met += [rule for rule in rules.get(key, ()) if rule not in met]

    def _change(self, rules: Iterable[Correction], **names: str | None) -> None:
        self.changed_by += rules
        self.item = msgspec.structs.replace(self.item, **names)
