"""What the top lists print: sentences, movement, earlier lists, weights, variety, decades, the playlist."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.music import ArtistName, Image, TimeRange
from app.stats.decades import Decade
from app.stats.ranking import Movement
from app.stats.variety import Variety
from app.store.playlists import SavedPlaylist
from app.web.format import TextSpan
from app.web.top.report import Entry, Item, Kind, TopList
from app.web.top.view import Elsewhere, Mark, PlaylistView, TopView, mark, top_view

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")
SHORT, MEDIUM, LONG = TimeRange
WEEK, MONTH = date(2026, 11, 12), date(2026, 10, 18)
SAVED = SavedPlaylist("p", "Top tracks, 6 months, 2026-11-20", "https://open.spotify.com/playlist/p", True)


def item(rank: int, moved: Movement | None, name: str | None = "", **entry: object) -> Item:
    key = f"k{rank}"
    name = f"Item {rank}" if name == "" else name
    made = replace(Entry(key, key, name), **entry)  # type: ignore[arg-type]
    return Item(rank, made, {SHORT: rank, MEDIUM: None, LONG: 12}, moved)


def report(*items: Item, kind: Kind = Kind.TRACKS, time_range: TimeRange = MEDIUM) -> TopList:
    others = {one: (item(1, None, "Elsewhere"),) for one in TimeRange if items}
    lists: Mapping[TimeRange, tuple[Item, ...]] = dict.fromkeys(TimeRange, ()) | others | {time_range: items}
    return TopList(
        kind=kind,
        time_range=time_range,
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


def view(of: TopList, saved: str | None = None) -> TopView:
    return top_view(of, NOW, BERLIN, saved)


def said(of: TopList) -> str:
    return "".join(piece.text for piece in view(of).lead)


# What the page says first


def test_the_sentence_names_who_leads_what_is_new_and_what_moved_most() -> None:
    assert said(MIXED) == (
        "Over about the last 6 months, Spotify ranks Static first among your tracks. Compared with your "
        "1 year list, 2 of the 6 tracks are new; Static rose most, by 8 places; Lamp fell most, by 3 places."
    )


def test_names_are_pieces_of_their_own() -> None:
    names = [piece.text for piece in view(MIXED).lead if piece.is_name]
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
    assert said(report(*items)).endswith(clause)


def test_against_an_empty_list_there_is_nothing_to_compare() -> None:
    alone = replace(MIXED, lists=dict(MIXED.lists) | {LONG: ()})
    assert said(alone).endswith(" There is nothing on your 1 year list to compare it with.")


def test_the_longest_range_compares_with_a_list_that_was_kept() -> None:
    longest = report(item(1, 2, "Static"), item(2, "new"), time_range=LONG)
    assert said(replace(longest, longest_since=WEEK)).endswith(
        " Since 12 November, 1 of the 2 tracks is new; Static rose most, by 2 places."
    )
    assert said(report(item(1, None, "Static"), time_range=LONG)) == (
        "Over about the last year, Spotify ranks Static first among your tracks."
    )


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        (Kind.ARTISTS, "Spotify ranks Ada first among your artists."),
        (Kind.GENRES, "Ada weighs most among the genres of your top artists."),
        (Kind.ALBUMS, "Ada weighs most among the albums of your top tracks."),
    ],
)
def test_each_kind_has_its_own_opening(kind: Kind, opening: str) -> None:
    assert opening in said(report(item(1, 0, "Ada"), kind=kind))


# Rows


def test_movement_has_a_sign_to_see_and_words_to_hear() -> None:
    assert [row.mark for row in view(MIXED).chosen.rows[:4]] == [
        Mark("up", "▲8", "up 8 from your 1 year list"),
        Mark("down", "▼3", "down 3 from your 1 year list"),
        Mark("new", "new", "new: not on your 1 year list"),
        Mark("same", "=", "same place as on your 1 year list"),
    ]
    assert mark(None, "your 1 year list") is None


def test_each_list_says_what_its_arrows_compare_with() -> None:
    shown = view(MIXED)
    assert (shown.chosen.label, shown.chosen.covers) == ("6 months", "6 tracks")
    assert shown.chosen.compared == "Arrows compare with your 1 year list."
    assert [(one.label, one.compared) for one in shown.beside] == [
        ("4 weeks", "Arrows compare with your 6 months list."),
        ("1 year", ""),
    ]
    later = view(replace(MIXED, longest_since=WEEK))
    assert later.beside[1].compared == "Arrows compare with your list of 12 November."


def test_a_list_of_another_year_says_which() -> None:
    assert view(replace(MIXED, longest_since=date(2025, 11, 12))).beside[1].compared == (
        "Arrows compare with your list of 12 November 2025."
    )


def test_the_rank_in_the_other_two_ranges() -> None:
    row = view(report(item(7, 5, "Static"))).chosen.rows[0]
    assert (row.rank, row.elsewhere) == (
        7,
        (
            Elsewhere("4 weeks", "7", "7 on your 4 weeks list"),
            Elsewhere("1 year", "12", "12 on your 1 year list"),
        ),
    )
    in_another = view(report(item(7, 5), time_range=SHORT)).chosen.rows[0].elsewhere[0]
    assert in_another == Elsewhere("6 months", "–", "not on your 6 months list")


def test_lists_beside_the_chosen_one_leave_that_out() -> None:
    assert view(MIXED).beside[0].rows[0].elsewhere == ()


def test_earlier_lists_are_shown_with_their_date() -> None:
    moved = replace(item(1, 0), week=2, month="new")
    shown = view(replace(report(moved), week=WEEK, month=MONTH))
    assert shown.columns == ("4 weeks", "1 year", "since 12\xa0Nov", "since 18\xa0Oct")
    assert shown.chosen.rows[0].elsewhere[2:] == (
        Elsewhere(
            "since 12\xa0Nov",
            "▲2",
            "up 2 from your list of 12 November",
            Mark("up", "▲2", "up 2 from your list of 12 November"),
        ),
        Elsewhere(
            "since 18\xa0Oct",
            "new",
            "new: not on your list of 18 October",
            Mark("new", "new", "new: not on your list of 18 October"),
        ),
    )
    assert shown.since_note == ""


def test_one_old_list_is_not_shown_twice() -> None:
    assert view(replace(report(item(1, 0)), week=MONTH, month=MONTH)).columns[2:] == ("since 18\xa0Oct",)


def test_the_longest_range_shows_last_weeks_list_as_its_arrows_alone() -> None:
    longest = replace(report(item(1, 1), time_range=LONG), week=WEEK, longest_since=WEEK, month=MONTH)
    assert view(longest).columns == ("4 weeks", "6 months", "since 18\xa0Oct")


def test_before_the_first_week_is_over_the_page_says_so() -> None:
    assert view(MIXED).since_note.endswith("from today on. Come back in a week.")
    assert view(report()).since_note == ""


def test_a_track_with_everything() -> None:
    row = view(
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
    ).chosen.rows[0]
    assert (row.name, row.artists, row.local) == ("Static", ("Ada", "Unknown artist"), False)
    assert row.url == "https://open.spotify.com/track/t"
    assert row.sleeve is not None
    assert row.sleeve.picture is not None
    assert row.sleeve.picture.src == "https://i/300"
    assert (row.weight, row.bar) == (None, None)


def test_a_local_file_is_marked_and_not_linked() -> None:
    row = view(report(item(1, "new", "demo", id=None, url="javascript:alert(1)"))).chosen.rows[0]
    assert (row.local, row.url) == (True, None)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.TRACKS, "Track without a name"), (Kind.ARTISTS, "Artist without a name")],
)
def test_an_item_without_a_name(kind: Kind, name: str) -> None:
    row = view(report(item(1, 0, " "), kind=kind)).chosen.rows[0]
    assert row.name == name
    assert row.sleeve is not None
    assert row.sleeve.initials == "♪"


def test_genres_have_no_picture_and_a_bar_beside_the_heaviest() -> None:
    shown = view(report(item(1, 0, id=None, weight=80), item(2, 0, id=None, weight=20), kind=Kind.GENRES))
    assert [(row.sleeve, row.local, row.weight, row.bar) for row in shown.chosen.rows] == [
        (None, False, 80, 100.0),
        (None, False, 20, 25.0),
    ]
    assert shown.weighed == (
        "Weight: the sum of 51 − rank of your top artists that Spotify counts to the genre."
    )
    assert view(MIXED).weighed is None


# The controls


def test_tabs_and_pills_mark_what_is_shown() -> None:
    shown = view(report(item(1, 0), kind=Kind.ALBUMS, time_range=SHORT))
    assert shown.title == "Top albums"
    assert [(one.label, one.current) for one in shown.kinds] == [
        ("Tracks", False),
        ("Artists", False),
        ("Genres", False),
        ("Albums", True),
    ]
    assert [one.value for one in shown.ranges if one.current] == ["short_term"]


def test_an_empty_list_leads_to_the_ranges_that_have_something() -> None:
    empty = replace(MIXED, lists=dict(MIXED.lists) | {MEDIUM: (), SHORT: ()})
    shown = view(empty)
    assert [one.label for one in shown.fuller] == ["1 year"]
    assert (shown.lead, shown.chosen.rows, shown.columns) == ((), (), ())
    assert view(MIXED).fuller == ()


# Variety and decades


def test_variety_in_words_and_figures() -> None:
    variety = view(MIXED).variety
    assert variety.sentence == (
        "Your 7 top tracks come from 3 artists, as varied as 2.5 artists who share them equally."
    )
    assert [(one.label, one.value) for one in variety.figures] == [
        ("Different artists", "3"),
        ("Share of the top five", "100%"),
        ("Effective number of artists", "2.5"),
    ]


@pytest.mark.parametrize(
    ("tracks", "sentence"),
    [(7, "Your 7 top tracks are all by one artist."), (1, "One track, one artist.")],
)
def test_one_artist_alone(tracks: int, sentence: str) -> None:
    alone = replace(MIXED, variety=Variety(1, 1.0, 1.0), tracks=tracks)
    assert view(alone).variety.sentence == sentence


def test_without_tracks_there_is_no_variety() -> None:
    variety = view(replace(MIXED, variety=Variety(0, None, None), tracks=0, decades=())).variety
    assert (variety.sentence, variety.figures, variety.decades_sentence, variety.decades) == ("", (), "", ())


def test_decades_without_a_track_keep_their_place() -> None:
    variety = view(MIXED).variety
    assert [(one.label, one.count, one.bar) for one in variety.decades] == [
        ("1980s", 2, 50.0),
        ("1990s", 0, 0.0),
        ("2000s", 0, 0.0),
        ("2010s", 4, 100.0),
    ]
    assert variety.coverage == "Release dates known for 6 of 7 tracks."


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
    decades = tuple(Decade(decade, count) for decade, count in counts.items())
    assert view(replace(MIXED, decades=decades)).variety.decades_sentence == sentence


# The playlist


def test_what_saving_would_make_is_named_by_the_readers_day() -> None:
    assert view(MIXED).playlist == PlaylistView("Top tracks, 6 months, 2026-11-20", made=False, url=None)
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp()
    tomorrow = top_view(MIXED, late, BERLIN, None).playlist
    assert tomorrow == PlaylistView("Top tracks, 6 months, 2026-11-21", made=False, url=None)


def test_todays_playlist_is_opened_instead() -> None:
    shown = view(replace(MIXED, playlist=SAVED), saved="yes")
    assert shown.playlist == PlaylistView(SAVED.name, made=True, url=SAVED.url)
    assert shown.said == "made"


def test_a_playlist_whose_tracks_never_arrived_can_be_saved_again() -> None:
    shown = view(replace(MIXED, playlist=replace(SAVED, filled=False)), saved="yes")
    assert shown.playlist is not None
    assert (shown.playlist.made, shown.said) == (False, "")


def test_a_playlist_at_an_odd_address_is_named_and_not_linked() -> None:
    odd = replace(MIXED, playlist=replace(SAVED, url="javascript:alert(1)"))
    assert view(odd).playlist == PlaylistView(SAVED.name, made=True, url=None)


def test_local_files_alone_make_no_playlist() -> None:
    shown = view(report(item(1, "new", id=None)), saved="empty")
    assert (shown.playlist, shown.said) == (None, "nothing")


def test_only_tracks_become_a_playlist() -> None:
    assert view(report(item(1, 0), kind=Kind.ARTISTS)).playlist is None


# Where it comes from


def test_the_age_in_words_and_for_machines() -> None:
    shown = view(MIXED)
    assert (shown.age, shown.as_of_iso) == ("12 minutes ago", "2026-11-20T11:47:20Z")


def test_a_name_stays_text() -> None:
    assert (
        TextSpan("<script>alert(1)</script>", is_name=True)
        in view(report(item(1, 0, "<script>alert(1)</script>"))).lead
    )
