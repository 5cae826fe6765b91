"""What the top lists print: sentences, movement, earlier lists, weights, variety, decades, the playlist."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from app.music import ArtistName, Image, TimeRange
from app.stats.decades import Decade
from app.stats.ranking import Movement
from app.stats.variety import Variety
from app.store.playlists import SavedPlaylist
from app.web.top import view
from app.web.top.report import Entry, Item, TopKind, TopList
from app.web.top.view import Mark, mark
from tests.web.rendered import NOW, Rendered, renderer

SHORT, MEDIUM, LONG = TimeRange
WEEK, MONTH = date(2026, 11, 12), date(2026, 10, 18)
SAVED = SavedPlaylist("p", "Top tracks, 6 months, 2026-11-20", "https://open.spotify.com/playlist/p", True)


def item(rank: int, moved: Movement | None, name: str | None = "", **entry: object) -> Item:
    key = f"k{rank}"
    name = f"Item {rank}" if name == "" else name
    made = replace(Entry(key, key, name), **entry)  # type: ignore[arg-type]
    return Item(rank, made, {SHORT: rank, MEDIUM: None, LONG: 12}, moved)


def report(*items: Item, kind: TopKind = TopKind.TRACKS, time_range: TimeRange = MEDIUM) -> TopList:
    others = {one: (item(1, None, "Elsewhere"),) for one in TimeRange if items}
    lists: Mapping[TimeRange, tuple[Item, ...]] = dict.fromkeys(TimeRange, ()) | others | {time_range: items}
    return TopList(
        kind=kind,
        time_range=time_range,
        today=date(2026, 11, 20),
        lists=lists,
        longest_since=None,
        week=None,
        month=None,
        variety=Variety(3, 1.0, 2.46),
        decades=(Decade(1980, 2), Decade(2010, 4)),
        tracks=7,
        playlist=None,
        as_of=NOW - 760,
        stale=None,
    )


MIXED = report(
    item(1, 8, "Static"), item(2, -3, "Lamp"), item(3, "new"), item(4, 0), item(5, "new"), item(6, 2)
)


class Page:
    """The page of a report."""

    def __init__(self, app: Flask) -> None:
        self._render = renderer(app, "/top/tracks", "top/page.html")

    def __call__(self, report: TopList, outcome: str | None = None) -> Rendered:
        return self._render(report=report, view=view, outcome=outcome)


@pytest.fixture
def page(site_without_spotify: Flask) -> Page:
    return Page(site_without_spotify)


def lead(report: TopList) -> str:
    return "".join(span.text for span in view.lead(report))


# What the page says first


def test_the_sentence_names_who_leads_what_is_new_and_what_moved_most() -> None:
    assert lead(MIXED) == (
        "Over about the last 6 months, Spotify ranks Static first among your tracks. Compared with your "
        "1 year list, 2 of the 6 tracks are new; Static rose most, by 8 places; Lamp fell most, by 3 places."
    )


def test_names_are_spans_of_their_own() -> None:
    names = [span.text for span in view.lead(MIXED) if span.is_name]
    assert names == ["Static", "Static", "Lamp"]


@pytest.mark.parametrize(
    ("items", "clause"),
    [
        ((item(1, 0), item(2, 0)), "your 1 year list, nothing has moved."),
        ((item(1, 0),), "your 1 year list, it has not moved."),
        ((item(1, "new"),), "your 1 year list, it is new."),
        ((item(1, "new"), item(2, "new")), "your 1 year list, all 2 are new."),
        ((item(1, 1), item(2, 0), item(3, "new")), "1 of the 3 tracks is new; Item 1 rose most, by 1 place."),
        ((item(1, 3), item(2, 3)), "list, Item 1 and Item 2 rose most, by 3 places each."),
        ((item(1, -2), item(2, -2), item(3, -2)), "Item 1 and 2 others fell most, by 2 places each."),
        ((item(1, 4, None),), "a track without a name rose most, by 4 places."),
    ],
)
def test_what_moved_in_words(items: tuple[Item, ...], clause: str) -> None:
    assert lead(report(*items)).endswith(clause)


def test_against_an_empty_list_there_is_nothing_to_compare() -> None:
    alone = replace(MIXED, lists=dict(MIXED.lists) | {LONG: ()})
    assert lead(alone).endswith(" There is nothing on your 1 year list to compare it with.")


def test_the_longest_range_compares_with_a_list_that_was_kept() -> None:
    longest = report(item(1, 2, "Static"), item(2, "new"), time_range=LONG)
    assert lead(replace(longest, longest_since=WEEK)).endswith(
        " Since 12 November, 1 of the 2 tracks is new; Static rose most, by 2 places."
    )
    assert lead(report(item(1, None, "Static"), time_range=LONG)) == (
        "Over about the last year, Spotify ranks Static first among your tracks."
    )


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        (TopKind.ARTISTS, "Spotify ranks Ada first among your artists."),
        (TopKind.GENRES, "Ada weighs most among the genres of your top artists."),
        (TopKind.ALBUMS, "Ada weighs most among the albums of your top tracks."),
    ],
)
def test_each_kind_has_its_own_opening(kind: TopKind, opening: str) -> None:
    assert opening in lead(report(item(1, 0, "Ada"), kind=kind))


# Rows


def test_movement_has_a_sign_to_see_and_words_to_hear() -> None:
    other = "your 1 year list"
    assert [mark(moved, other) for moved in (8, -3, "new", 0, None)] == [
        Mark("up", "▲8", "up 8 from your 1 year list"),
        Mark("down", "▼3", "down 3 from your 1 year list"),
        Mark("new", "new", "new: not on your 1 year list"),
        Mark("same", "=", "same place as on your 1 year list"),
        None,
    ]


def test_each_list_says_what_its_arrows_compare_with(page: Page) -> None:
    text = page(MIXED).text
    assert "6 months 6 tracks. Arrows compare with your 1 year list. 4 weeks 1 year" in text
    assert "4 weeks 1 track. Arrows compare with your 6 months list." in text
    assert "1 year 1 track. 1 Elsewhere" in text
    later = page(replace(MIXED, longest_since=WEEK)).text
    assert "1 year 1 track. Arrows compare with your list of 12 November." in later


def test_a_list_of_another_year_says_which() -> None:
    assert view.list_of_day(MIXED, date(2025, 11, 12)) == "your list of 12 November 2025"


def test_the_rank_in_the_other_two_ranges(page: Page) -> None:
    shown = page(report(item(7, 5))).text
    assert "Item 7 4 weeks 7 7 on your 4 weeks list 1 year 12 12 on your 1 year list" in shown
    assert "6 months – not on your 6 months list" in page(report(item(7, 5), time_range=SHORT)).text


def test_earlier_lists_are_shown_with_their_date(page: Page) -> None:
    moved = replace(item(1, 0), week=2, month="new")
    shown = page(replace(report(moved), week=WEEK, month=MONTH)).text
    assert "4 weeks 1 year since 12 Nov since 18 Oct" in shown
    assert "since 12 Nov ▲2 up 2 from your list of 12 November" in shown
    assert "since 18 Oct new new: not on your list of 18 October" in shown
    assert "Come back in a week" not in shown


def test_one_old_list_is_not_shown_twice() -> None:
    old = replace(report(item(1, 0)), week=MONTH, month=MONTH)
    assert view.earlier_lists(old) == [(MONTH, "week")]


def test_the_longest_range_shows_last_weeks_list_as_its_arrows_alone() -> None:
    longest = replace(report(item(1, 1), time_range=LONG), week=WEEK, longest_since=WEEK, month=MONTH)
    assert view.earlier_lists(longest) == [(MONTH, "month")]


def test_before_the_first_week_is_over_the_page_says_so(page: Page) -> None:
    assert "from today on. Come back in a week." in page(MIXED).text
    assert "Come back in a week" not in page(report()).text


def test_a_track_with_everything(page: Page) -> None:
    html = page(
        report(
            item(
                1,
                1,
                "Static",
                images=(Image("https://i/640", 640), Image("https://i/300", 300)),
                url="https://open.spotify.com/track/t",
                artists=(ArtistName("a", "Ada"), ArtistName(None, None)),
            )
        )
    ).html
    assert '<a class="item-link" href="/track?name=Static&amp;artist=Ada">Static</a>' in html
    assert "Ada</a></bdi>, <bdi>Unknown artist</bdi>" in html
    assert 'src="https://i/300"' in html
    assert "local file" not in html
    assert 'class="entry-weight"' not in html


def test_a_local_file_is_marked_and_not_linked(page: Page) -> None:
    html = page(report(item(1, "new", "demo", id=None, url="javascript:alert(1)"))).html
    assert "local file" in html
    assert "javascript:" not in html


@pytest.mark.parametrize(
    ("kind", "name"),
    [(TopKind.TRACKS, "Track without a name"), (TopKind.ARTISTS, "Artist without a name")],
)
def test_an_item_without_a_name(page: Page, kind: TopKind, name: str) -> None:
    assert name in page(report(item(1, 0, " "), kind=kind)).text


def test_genres_have_no_picture_and_a_bar_beside_the_heaviest(page: Page) -> None:
    genres = report(item(1, 0, id=None, weight=80), item(2, 0, id=None, weight=20), kind=TopKind.GENRES)
    shown = page(genres)
    assert 'class="picture' not in shown.html
    assert '<rect class="bar-mean" y="2" width="25.0" height="4"/>' in shown.html
    assert "Points: 51 − rank of each of your top artists that Spotify counts to the genre." in shown.text
    assert ", 80 points" in shown.text
    assert "local file" not in shown.text
    assert "Points" not in page(MIXED).text


# The controls


def test_pills_mark_what_is_shown(page: Page) -> None:
    html = page(report(item(1, 0), kind=TopKind.ALBUMS, time_range=SHORT)).html
    assert "<h1>Top albums</h1>" in html
    assert '<a href="/top/albums?time_range=short_term" aria-current="true">4 weeks</a>' in html


def test_an_empty_list_leads_to_the_ranges_that_have_something(page: Page) -> None:
    empty = replace(MIXED, lists=dict(MIXED.lists) | {MEDIUM: (), SHORT: ()})
    assert view.lead(empty) == ()
    assert "There is more to see in another range: Look at 1 year" in page(empty).text
    assert "Look at" not in page(MIXED).text


# Variety and decades


def test_variety_in_words_and_figures(page: Page) -> None:
    variety = page(MIXED).section("variety")
    assert (
        "Your 7 top tracks come from 3 artists, as varied as 2.5 artists who share them equally." in variety
    )
    assert "Different artists first-named on your 7 top tracks 3 Share of the first five" in variety
    assert "less is more varied 100% As if you heard" in variety
    assert "more is more varied 2.5" in variety


@pytest.mark.parametrize(
    ("tracks", "sentence"),
    [(7, "Your 7 top tracks are all by one artist."), (1, "One track, one artist."), (0, "")],
)
def test_one_artist_alone(tracks: int, sentence: str) -> None:
    assert view.variety_sentence(Variety(1, 1.0, 1.0), tracks) == sentence


def test_without_tracks_there_is_no_variety(page: Page) -> None:
    shown = page(replace(MIXED, variety=Variety(0, None, None), tracks=0, decades=()))
    assert 'id="variety-title"' not in shown.html


def test_decades_without_a_track_keep_their_place(page: Page) -> None:
    variety = page(MIXED).section("variety")
    assert "Release dates known for 6 of 7 tracks." in variety
    assert "1980s 2 1990s 0 2000s 0 2010s 4" in variety


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({1980: 2, 2010: 4}, "The 2010s lead, with 4 of 6 tracks (67%)."),
        ({1980: 3, 2010: 3}, "The 1980s and the 2010s lead, with 3 tracks each."),
        ({1970: 1, 1980: 1, 2010: 1}, "No decade leads: 3 have 1 track each."),
        ({1990: 5}, "All 5 came out in the 1990s."),
        ({1990: 1}, "It came out in the 1990s."),
        ({}, "No release date is known for your 7 top tracks."),
    ],
)
def test_decades_in_words(counts: dict[int, int], sentence: str) -> None:
    decades = [Decade(decade, count) for decade, count in counts.items()]
    assert view.decades_sentence(decades, 7) == sentence


# The playlist


def test_what_saving_would_make_is_named_by_the_readers_day(page: Page) -> None:
    assert "Makes the private playlist “Top tracks, 6 months, 2026-11-20”" in page(MIXED).text
    assert view.playlist_name(replace(MIXED, today=date(2026, 11, 21))) == "Top tracks, 6 months, 2026-11-21"


def test_todays_playlist_is_opened_instead(page: Page) -> None:
    shown = page(replace(MIXED, playlist=SAVED), outcome="yes")
    assert "Saved. The private playlist “Top tracks, 6 months, 2026-11-20” is in" in shown.text
    assert f'<a href="{SAVED.url}" rel="noopener">open “{SAVED.name}” at Spotify</a>' in shown.html
    assert "Save as playlist" not in shown.text


def test_a_playlist_whose_tracks_never_arrived_can_be_saved_again(page: Page) -> None:
    shown = page(replace(MIXED, playlist=replace(SAVED, filled=False)), outcome="yes")
    assert "Save as playlist" in shown.text
    assert 'class="note"' not in shown.html


def test_a_playlist_at_an_odd_address_is_named_and_not_linked(page: Page) -> None:
    shown = page(replace(MIXED, playlist=replace(SAVED, url="javascript:alert(1)")))
    assert f"Saved today: “{SAVED.name}” is in your Spotify library." in shown.text
    assert "javascript:" not in shown.html


def test_local_files_alone_make_no_playlist(page: Page) -> None:
    shown = page(report(item(1, "new", id=None)), outcome="empty")
    assert "Nothing was saved. There is no track here that Spotify could put in a playlist." in shown.text
    assert 'class="keep"' not in shown.html


@pytest.mark.parametrize(
    ("outcome", "note"),
    [("other", "You agreed as somebody else"), ("refused", "did not give the permission")],
)
def test_why_nothing_was_saved(page: Page, outcome: str, note: str) -> None:
    assert note in page(MIXED, outcome=outcome).text


def test_only_tracks_become_a_playlist(page: Page) -> None:
    assert 'class="keep"' not in page(report(item(1, 0), kind=TopKind.ARTISTS)).html


# Where it comes from


def test_the_age_in_words_and_for_machines(page: Page) -> None:
    assert '<time datetime="2026-11-18T10:54:00Z">12 minutes ago</time>' in page(MIXED).html


def test_a_name_stays_text(page: Page) -> None:
    named = report(item(1, 0, "<script>alert(1)</script>"))
    assert "<script>alert(1)</script>" in [span.text for span in view.lead(named) if span.is_name]
    assert "<script>alert" not in page(named).html
