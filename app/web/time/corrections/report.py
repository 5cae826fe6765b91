"""A listener's corrections with what each comes to, and names that they may want to merge."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.history.correction_fields import PART, WrongField, correction_json, parse_correction
from app.history.corrections import ALBUM, ARTIST, MERGE, MOST, TRACK, Refused, distinct, is_new, rule_key
from app.history.items import find_item
from app.history.merge import folded
from app.history.stored import MUSIC, stored_history
from app.history.suggestions import Suggestion, suggestions_of
from app.site import Site
from app.store.corrections import Correction, add_correction, corrections_of, remove_corrections
from app.store.history import stale_mark
from app.web.time.range_with_plays import RangeWithPlays, VersionGone

__all__ = [
    "PART",
    "Correction",
    "CorrectionsReport",
    "Refused",
    "Suggestion",
    "TooMany",
    "WrongField",
    "add",
    "correction_json",
    "corrections_report",
    "find_suggestions",
    "parse_correction",
    "take_back",
]


class TooMany(Exception):
    """An account has as many corrections as are applied."""


@dataclass(frozen=True)
class CorrectionsReport:
    """The corrections, newest first. `being_made`: the history does not say yet what they do."""

    corrections: Sequence[Correction]
    being_made: bool


def corrections_report(site: Site, account_id: int) -> CorrectionsReport:
    """The corrections of an account."""
    # In this order: what is counted while this is read is told of as still to come.
    being_made = stale_mark(site.store, account_id) is not None
    return CorrectionsReport(distinct(corrections_of(site.store, account_id))[::-1], being_made)


def find_suggestions(selection: RangeWithPlays, known: Sequence[Correction]) -> list[Suggestion]:
    """What may be merged of a whole history, but for what a correction is about already."""
    about = {
        (rule.kind, folded(rule.from_artist), folded(rule.from_title or rule.from_album)) for rule in known
    }
    found = suggestions_of(selection.history)
    return [one for one in found if (one.kind, folded(one.artist), folded(one.title)) not in about]


def add(site: Site, account_id: int, rule: Correction) -> bool:
    """Makes a correction; the history follows. False where the account is gone.

    Raises Refused where it contradicts others, and TooMany.
    """
    written = _as_written(site, account_id, rule) if rule.action == MERGE else rule

    def check(known: Sequence[Correction]) -> bool:
        if len(known) >= MOST:
            raise TooMany
        return is_new(written, known)

    added = add_correction(site.store, account_id, written, check)
    site.jobs.read_imports()
    return added


def take_back(site: Site, account_id: int, number: int) -> bool:
    """Takes a correction back, as often as it was made. False where the account has none of that number."""
    known = corrections_of(site.store, account_id)
    found = next((rule_key(rule) for rule in known if rule.id == number), None)
    if found is None:
        return False
    remove_corrections(site.store, account_id, [rule.id for rule in known if rule_key(rule) == found])
    site.jobs.read_imports()
    return True


def _as_written(site: Site, account_id: int, rule: Correction) -> Correction:
    """A merge with what it leads to, written as the history has it, where it has it."""
    with suppress(VersionGone):
        stored = stored_history(site.store, account_id)
        history = stored.history(MUSIC, 0) if stored else None
        if history is None:
            return rule
        names = history.names
        title = {ARTIST: rule.to_artist, ALBUM: rule.to_album, TRACK: rule.to_title}[rule.kind] or ""
        found = find_item(names, rule.kind, title, [rule.to_artist or None])
        if found is None:
            return rule
        by, number = found
        artist = names.artists[by] if by >= 0 else ""
        if rule.kind == ARTIST:
            return replace(rule, to_artist=artist)
        if rule.kind == ALBUM:
            return replace(rule, to_artist=artist, to_album=names.albums[number])
        return replace(rule, to_artist=artist, to_title=names.tracks[number])
    return rule
