"""The play button that pages put where they like."""

import pytest
from flask import Flask, render_template_string

ID = "0" * 22
SOURCE = (
    '{% from "components/play_button.html" import play_button with context %}'
    "{{ play_button(track_id=track, album_id=album, name='A <b>', whole=whole) }}"
)


def drawn(app: Flask, logged_in: bool = True, whole: bool = False, **ids: str | None) -> str:
    wanted = {"track": None, "album": None} | ids
    with app.test_request_context("/"):
        return render_template_string(
            SOURCE, logged_in=logged_in, here="/mood", whole=whole, **wanted
        ).strip()


@pytest.mark.parametrize("whole", [False, True])
def test_there_is_none_without_an_id_or_a_login(app: Flask, whole: bool) -> None:
    assert drawn(app, whole=whole) == ""
    assert drawn(app, logged_in=False, whole=whole, track=ID) == ""


def test_in_a_row_it_belongs_to_the_shared_form(app: Flask) -> None:
    for kind in ("track", "album"):
        assert drawn(app, **{kind: ID}) == (  # type: ignore[arg-type]
            f'<button class="play" form="play-form" name="{kind}_id" value="{ID}" '
            'aria-label="Play A &lt;b&gt;"></button>'
        )


def test_alone_it_is_a_form_of_its_own(app: Flask) -> None:
    form = drawn(app, whole=True, album=ID)
    for part in (
        'action="/player/play"',
        'name="csrf_token"',
        'name="next" value="/mood"',
        f'name="album_id" value="{ID}"',
        "A &lt;b&gt;",
    ):
        assert part in form
