"""The Web API's library: what a listener saved, saving, removing, and whether something is saved."""

import re
from datetime import UTC, datetime

from flask import Response, jsonify, request

from app.sandbox.caller import asking, asking_with, part_of_the_web_api, shapes
from app.sandbox.changes import Change, change, changes_of
from app.sandbox.context import current_sandbox
from app.sandbox.errors import Refusal
from app.sandbox.listeners import Listener
from app.sandbox.lookup import find_album, find_track, large_library
from app.sandbox.merged import Before, Merged
from app.sandbox.paging import asked_window
from app.sandbox.saves import LargeLibrarySaves, Saved, saves

library = part_of_the_web_api("library")

_LARGEST_BATCH = 40
_URI = re.compile(r"spotify:(track|album):([0-9A-Za-z]{22})\Z")


@library.get("/me/tracks")
def saved_tracks() -> Response:
    """What the listener saved, newest first, a page at a time."""
    who, answers = asking_with("user-library-read"), shapes()
    page = asked_window().page(_library(who), lambda item: answers.saved(item.track, item.added_at))
    return jsonify(page)


@library.put("/me/library")
def save() -> Response:
    """Save up to forty tracks and albums; what is saved already stays where it is."""
    who = asking_with("user-library-modify")
    asked = _asked_items()
    new = [item_id for item_id, saved in zip(asked, _saved(who, asked), strict=True) if not saved]
    change(current_sandbox().state, who.id, new, saved=True)
    return Response(status=200)


@library.delete("/me/library")
def remove() -> Response:
    """Remove up to forty tracks and albums; what is not saved is no error."""
    who = asking_with("user-library-modify")
    asked = _asked_items()
    lost = [item_id for item_id, saved in zip(asked, _saved(who, asked), strict=True) if saved]
    change(current_sandbox().state, who.id, lost, saved=False)
    return Response(status=200)


@library.get("/me/library/contains")
def contains() -> Response:
    """Whether the listener saved each of up to forty tracks and albums, in the order asked."""
    who = asking_with("user-library-read")
    return jsonify(_saved(who, _asked_items()))


@library.put("/me/tracks")
@library.delete("/me/tracks")
@library.get("/me/tracks/contains")
def gone() -> Response:
    """What `/me/library` has replaced."""
    asking()
    raise Refusal(403, "Forbidden")


def _library(who: Listener) -> Merged:
    before, changes = _before(who), changes_of(current_sandbox().state, who.id)
    lost = {place for entry in changes for place in before.places(entry.item_id)}
    added = [
        Saved(track, entry.changed_at)
        for entry in reversed(changes)
        if entry.saved and (track := find_track(entry.item_id))
    ]
    return Merged(before, lost, added)


def _before(who: Listener) -> Before:
    many = large_library()
    return saves(who, datetime.now(UTC)) if many is None else LargeLibrarySaves(many)


def _saved(who: Listener, item_ids: list[str]) -> list[bool]:
    # No album was saved before an app did.
    before = _before(who)
    changed: dict[str, Change] = {
        entry.item_id: entry for entry in changes_of(current_sandbox().state, who.id)
    }
    return [
        changed[item_id].saved if item_id in changed else bool(before.places(item_id)) for item_id in item_ids
    ]


def _asked_items() -> list[str]:
    """The ids of the tracks and albums that the query's `uris` name, each once per mention."""
    uris = [uri for uri in request.args.get("uris", "").split(",") if uri]
    if not uris:
        raise Refusal(400, "Missing required field: uris")
    if len(uris) > _LARGEST_BATCH:
        raise Refusal(400, f"Too many uris requested: {_LARGEST_BATCH} at most")
    found = [match for uri in uris if (match := _URI.match(uri))]
    if len(found) < len(uris):
        raise Refusal(400, "Invalid uri")
    if not all(find_track(match[2]) if match[1] == "track" else find_album(match[2]) for match in found):
        raise Refusal(400, "Payload contains a non-existing ID")
    return [match[2] for match in found]
