"""The Web API's recently played: the latest fifty plays of the listener, who plays on and on."""

from datetime import UTC, datetime

from flask import Response, jsonify, request

from app.sandbox.caller import asking_with, part_of_the_web_api, shapes
from app.sandbox.catalogue import catalogue
from app.sandbox.context import root
from app.sandbox.errors import Refusal
from app.sandbox.paging import whole_number
from app.sandbox.plays import Play, plays
from app.sandbox.shapes import Json

recently_played = part_of_the_web_api("recently_played")

_REMEMBERED = 50
_LONGEST_CURSOR = 15  # digits of Unix milliseconds


@recently_played.get("/me/player/recently-played")
def page() -> Response:
    """Plays after or before a moment (Unix milliseconds), newest first; nothing but the latest is known."""
    who = asking_with("user-read-recently-played")
    limit = whole_number("limit", default=20, lowest=1, highest=50)
    after, before = _cursor("after"), _cursor("before")
    if after is not None and before is not None:
        raise Refusal(400, "Only one of before and after may be given")
    latest = plays(who, datetime.now(UTC))[-_REMEMBERED:][::-1]
    found = [
        play
        for play in latest
        if (after is None or play.ended_at * 1000 > after)
        and (before is None or play.ended_at * 1000 < before)
    ][:limit]
    url, last = f"{root()}{request.path}", str(found[-1].ended_at * 1000) if found else None
    return jsonify(
        href=request.url,
        limit=limit,
        next=f"{url}?before={last}&limit={limit}" if len(found) == limit else None,
        cursors={"after": str(found[0].ended_at * 1000), "before": last} if found else None,
        items=[_item(play) for play in found],
    )


def _item(play: Play) -> Json:
    moment = datetime.fromtimestamp(play.ended_at, UTC).isoformat(timespec="milliseconds")
    return {
        "track": shapes().track(catalogue().tracks[play.track_id]),
        "played_at": moment.replace("+00:00", "Z"),
        "context": None,
    }


def _cursor(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_CURSOR):
        raise Refusal(400, f"Invalid {name}")
    return int(text)
