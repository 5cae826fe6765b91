"""Corrections: what they come to is what a plain count says, in whatever order they were made."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.batch import Batch, Item, PlayKind, Source
from app.history.blobs import Built, build, names_name, unpack_names, versioned
from app.history.build import rebuild
from app.history.corrections import Refused, correct, is_new
from app.history.formats.rows import Reading, Row, contents
from app.history.formats.spotify import read_json
from app.history.live import live_batch
from app.history.section import Rows
from app.store.corrections import Correction, add_correction, corrections_of, remove_corrections
from app.store.sync import LivePlay
from tests.history.fixture import Histories, histories
from tests.history.made import NOON, account_play, body, play
from tests.history.test_adding import add, content
from tests.history.test_adding import live as live_play

SLOT = 600  # seconds
DAY_AND_MORE = 100_000
Play = tuple[int, str, str, str]  # start, artist, title, album


@pytest.fixture(scope="module", name="histories")
def own_histories() -> Iterator[Histories]:
    with histories() as made:
        yield made


def artist(action: str, name: str, to: str | None = None) -> Correction:
    return Correction(kind="artist", action=action, from_artist=name, to_artist=to)


def track(action: str, name: tuple[str, str], to: tuple[str, str] | None = None) -> Correction:
    by, title = to or (None, None)
    return Correction(
        kind="track", action=action, from_artist=name[0], from_title=name[1], to_artist=by, to_title=title
    )


def album(action: str, name: tuple[str, str], to: tuple[str, str] | None = None) -> Correction:
    by, title = to or (None, None)
    return Correction(
        kind="album", action=action, from_artist=name[0], from_album=name[1], to_artist=by, to_album=title
    )


def delete(name: tuple[str, str], start: int) -> Correction:
    by, title = name
    return Correction(kind="play", action="delete", from_artist=by, from_title=title, started_at=start)


def numbered(rules: Sequence[Correction]) -> list[Correction]:
    return [replace(rule, id=number) for number, rule in enumerate(rules, 1)]


def read(rows: Sequence[dict[str, Any]]) -> Batch:
    return read_json(body(rows), 2e9).batch


def built_from(batches: Sequence[Batch], *rules: Correction, threshold_ms: int = 30_000) -> Built:
    return build(len(batches), batches.__getitem__, threshold_ms, "v", corrections=numbered(rules))


def plays_in(built: Built) -> list[Play]:
    """The music of a history, by names as they are shown."""
    blobs = dict(built.blobs)
    found = []
    for name, held in blobs.items():
        if name.startswith("music/rows/"):
            names = unpack_names(blobs[versioned(names_name("music"), "v")])
            rows = Rows.unpacked([held])
            for start, number, of in zip(
                *(rows[one].tolist() for one in ("start", "track", "album")), strict=True
            ):
                by = names.track_artist[number]
                found.append(
                    (
                        start,
                        names.artists[by] if by >= 0 else "",
                        names.tracks[number],
                        names.albums[of] if of >= 0 else "",
                    )
                )
    return sorted(found)


def tracks(plays: Sequence[Play]) -> Counter[tuple[str, str]]:
    return Counter((by, title) for _, by, title, _ in plays)


FEW = [
    play(NOON, artist="Bjork", track="Joga"),
    play(NOON + SLOT, artist="Björk", track="Jóga"),
    play(NOON + 2 * SLOT, artist="Björk", track="Hunter"),
    play(NOON + 3 * SLOT, artist="Other", track="Hunter"),
]


def test_merging_two_artists_makes_the_plays_of_equal_titles_one_track() -> None:
    built = built_from([read(FEW)], artist("merge", "other", "Björk"))
    assert tracks(plays_in(built)) == {("Bjork", "Joga"): 1, ("Björk", "Jóga"): 1, ("Björk", "Hunter"): 2}
    assert built.effects == {1: (1, 1)}


def test_a_rule_may_name_what_another_has_renamed_and_what_came_before() -> None:
    rules = [
        artist("merge", "Bjork", "Björk"),
        track("merge", ("Bjork", "Joga"), ("Bjork", "Jóga")),
        track("rename", ("Björk", "Jóga"), ("Björk", "Jóga (live)")),
    ]
    for order in (rules, rules[::-1]):
        built = built_from([read(FEW)], *order)
        assert tracks(plays_in(built)) == {
            ("Björk", "Jóga (live)"): 2,
            ("Björk", "Hunter"): 1,
            ("Other", "Hunter"): 1,
        }
        by_rule = {rule.action + rule.kind: built.effects[n] for n, rule in enumerate(order, 1)}
        assert by_rule == {"mergeartist": (1, 1), "mergetrack": (1, 1), "renametrack": (2, 1)}


def test_a_rename_says_how_a_name_is_written_whatever_is_played_later() -> None:
    built = built_from(
        [read(FEW)],
        artist("rename", "Bjork", "BJÖRK"),
        track("rename", ("Björk", "Hunter"), ("Björk", "HUNTER")),
    )
    assert tracks(plays_in(built)) == {
        ("BJÖRK", "Joga"): 1,
        ("BJÖRK", "Jóga"): 1,
        ("BJÖRK", "HUNTER"): 1,
        ("Other", "Hunter"): 1,
    }
    assert built.effects == {1: (1, 1), 2: (1, 1)}


def test_what_passes_a_hidden_name_is_counted_nowhere_and_still_kept_by_its_import() -> None:
    hidden = built_from([read(FEW)], artist("merge", "Bjork", "Björk"), artist("hide", "BJORK"))
    assert tracks(plays_in(hidden)) == {("Björk", "Jóga"): 1, ("Björk", "Hunter"): 1, ("Other", "Hunter"): 1}
    assert (hidden.kept, hidden.effects[2]) == ([4], (1, 1))
    every = built_from([read(FEW)], artist("hide", "björk"), artist("merge", "Bjork", "Björk"))
    assert tracks(plays_in(every)) == {("Other", "Hunter"): 1}
    assert built_from([read(FEW[:1])], artist("hide", "bjork")).effects == {1: (1, 1)}
    assert plays_in(built_from([read(FEW[:1])], artist("hide", "bjork"))) == []


def test_an_album_can_be_merged_renamed_and_hidden() -> None:
    rows = [
        play(NOON, track="One", master_metadata_album_album_name="Record"),
        play(NOON + SLOT, track="Two", master_metadata_album_album_name="Record (Deluxe)"),
        play(NOON + 2 * SLOT, track="One", master_metadata_album_album_name="Other"),
    ]
    merged = built_from(
        [read(rows)],
        album("merge", ("Band", "record (deluxe)"), ("Band", "Record")),
        album("hide", ("Band", "Other")),
        album("rename", ("Band", "Record"), ("Band", "Disc")),
    )
    start = NOON - 200
    assert plays_in(merged) == [(start, "Band", "One", "Disc"), (start + SLOT, "Band", "Two", "Disc")]
    assert merged.effects == {1: (1, 1), 2: (1, 1), 3: (2, 2)}
    given_away = built_from([read(rows)], album("merge", ("Band", "Other"), ("Group", "Record")))
    assert [one[1:] for one in plays_in(given_away)] == [
        ("Band", "One", "Record"),
        ("Band", "Two", "Record (Deluxe)"),
        ("Group", "One", "Record"),
    ]


def test_merged_names_count_for_the_same_play_from_two_sources() -> None:
    extended = read([play(NOON, artist="Bjork", track="Joga")])
    account = read([account_play(NOON, artist="Björk", track="Jóga")])
    apart = built_from([extended, account])
    assert (apart.kept, apart.duplicate) == ([1, 1], [0, 0])
    merged = built_from(
        [extended, account],
        artist("merge", "Bjork", "Björk"),
        track("merge", ("Björk", "Joga"), ("Björk", "Jóga")),
    )
    assert (merged.kept, merged.duplicate) == ([1, 0], [0, 1])
    assert tracks(plays_in(merged)) == {("Björk", "Jóga"): 1}


def test_merged_names_count_for_the_same_play_from_two_services() -> None:
    started = (NOON - 200) * 1000
    scrobbles = [
        Row(started + 90_000, "Bjork", "Joga"),  # of the play that began a minute and a half before
        Row(started + 900_000, "Bjork", "Joga"),
    ]
    told = contents(Source.KOITO, scrobbles, Reading(2e9)).batch
    batches = [read([play(NOON, artist="Björk", track="Joga")]), told]
    assert built_from(batches).kept == [1, 2]
    merged = built_from(batches, artist("merge", "Bjork", "Björk"))
    assert (merged.kept, merged.duplicate) == ([1, 1], [0, 1])
    assert merged.effects == {1: (1, 1)}  # nobody knows how long, and it counts


def test_plays_count_for_an_effect_as_they_do_on_pages() -> None:
    rows = [
        play(NOON, artist="A"),
        play(NOON + SLOT, ms=20_000, artist="A"),
        play(NOON + 2 * SLOT, artist="B"),
    ]
    assert built_from([read(rows)], artist("merge", "A", "B")).effects == {1: (1, 1)}
    assert built_from([read(rows)], artist("merge", "A", "B"), threshold_ms=0).effects == {1: (2, 1)}


def test_podcasts_are_left_alone() -> None:
    items = [Item(kind, "Show", "One", None, None) for kind in (PlayKind.MUSIC, PlayKind.PODCAST)]
    rules = numbered([artist("merge", "Show", "Band"), artist("hide", "Band")])
    found = correct(items, rules)
    assert (found.items[0].by, found.items[1], found.hidden.tolist()) == ("Band", items[1], [True, False])


def live(end: int, title: str = "Song", by: str = "Band", duration: int = 240_000) -> LivePlay:
    return live_play(end, title, by, duration)


def test_a_deleted_live_play_stays_deleted_when_its_start_is_guessed_anew() -> None:
    batch = live_batch([live(NOON)])
    (first,) = plays_in(built_from([batch]))
    rule = delete(("Band", "Song"), first[0])
    gone = built_from([batch], rule)
    assert (plays_in(gone), gone.effects) == ([], {1: (1, 1)})
    # What was played before it ended a minute before.
    before = read([play(NOON - 60, artist="Else")])
    assert [one[1] for one in plays_in(built_from([before, batch]))] == ["Else", "Band"]
    assert [one[1] for one in plays_in(built_from([before, batch], rule))] == ["Else"]
    # An export tells it again: to the second, it began at another time.
    again = read([play(NOON + 9, ms=215_000), play(NOON + 3600)])
    assert len(plays_in(built_from([again, batch]))) == 2
    assert [one[0] for one in plays_in(built_from([again, batch], rule))] == [NOON + 3400]


def test_of_plays_in_a_row_that_one_is_deleted() -> None:
    rows = read([play(NOON + 130 * turn, ms=100_000) for turn in range(3)])
    start = [NOON - 100, NOON + 30, NOON + 160]
    for number in range(3):
        left = plays_in(built_from([rows], delete(("BAND", "song"), start[number])))
        assert [one[0] for one in left] == [*start[:number], *start[number + 1 :]]
    nothing = built_from([rows], delete(("Band", "Song"), NOON + 1000), delete(("Band", "Else"), start[0]))
    assert (len(plays_in(nothing)), nothing.effects) == (3, {1: (0, 0), 2: (0, 0)})


@pytest.mark.parametrize(
    ("rules", "side"),
    [
        ([artist("merge", "A", "B"), artist("merge", "B", "C"), artist("merge", "C", "a")], "to"),
        ([artist("rename", "A", "B"), artist("rename", "B", "A")], "to"),
        ([artist("merge", "A", "B"), artist("merge", "a", "C")], "from"),
        ([track("merge", ("A", "x"), ("B", "x")), track("merge", ("B", "x"), ("A", "x"))], "to"),
        (
            [
                artist("merge", "A", "B"),
                track("merge", ("A", "x"), ("A", "y")),
                track("merge", ("B", "y"), ("B", "x")),
            ],
            "to",
        ),
        ([album("merge", ("A", "x"), ("A", "y")), album("merge", ("A", "x"), ("A", "z"))], "from"),
    ],
)
def test_what_contradicts_is_refused_and_where_it_is_there_not_applied(
    rules: list[Correction], side: str
) -> None:
    for place, rule in enumerate(rules[:-1]):
        assert is_new(rule, rules[:place])
    with pytest.raises(Refused) as refused:
        is_new(rules[-1], rules[:-1])
    assert refused.value.side == side
    items = [Item(PlayKind.MUSIC, by, title, title, None) for by in "ABC" for title in "xy"]
    assert correct(items, numbered(rules)).items == correct(items, numbered(rules[:-1])).items


def test_what_is_known_is_not_new() -> None:
    known = [artist("merge", "A", "B"), artist("rename", "C", "D"), artist("rename", "D", "d")]
    assert not is_new(artist("merge", "a", "b"), known)
    assert not is_new(artist("rename", "D", "d"), known)
    # To write it as it was written before.
    assert is_new(artist("rename", "d", "D"), known)
    assert is_new(artist("rename", "C", "D"), known)
    again = numbered([*known, artist("rename", "C", "D")])
    assert correct([Item(PlayKind.MUSIC, "c", "x", None, None)], again).items[0].by == "D"


def test_rules_that_are_there_twice_have_the_same_effect() -> None:
    rule = artist("merge", "Bjork", "Björk")
    built = built_from([read(FEW)], rule, artist("hide", "Other"), replace(rule, from_artist="BJORK"))
    assert built.effects == {1: (1, 1), 2: (1, 1), 3: (1, 1)}


# Few names; each play in a time of its own, and of a length of its own, so that none is told twice.
ARTISTS, TITLES = ("Ana", "ana", "Ben", "Cleo", "Dov"), ("One", "ONE", "Two", "Three")
_names = st.tuples(st.sampled_from(ARTISTS), st.sampled_from(TITLES))
_plays = st.lists(
    st.tuples(_names, st.sampled_from(TITLES), st.sampled_from(["extended", "account", "live"])), max_size=12
)
_artist = st.sampled_from(ARTISTS)
_rule = st.one_of(
    st.builds(artist, st.sampled_from(["merge", "rename"]), _artist, _artist),
    st.builds(artist, st.just("hide"), _artist),
    *(
        one
        for of in (track, album)
        for one in (
            st.builds(of, st.sampled_from(["merge", "rename"]), _names, _names),
            st.builds(of, st.just("hide"), _names),
        )
    ),
    st.builds(
        lambda name, slot, off: delete(name, NOON + SLOT * slot + off),
        _names,
        st.integers(0, 11),
        st.sampled_from([0, 0, 0, 420]),
    ),
)


def batches_of(plays: Sequence[Any]) -> list[Batch]:
    """The plays in three files. Each begins when its slot does."""
    extended, account, lived = [], [], []
    for slot, ((by, title), on, source) in enumerate(plays):
        seconds = 60 * (slot % 3 + 1) if source == "account" else 60 + slot
        end = NOON + SLOT * slot + seconds
        if source == "extended":
            extended.append(play(end, seconds * 1000, title, by, master_metadata_album_album_name=on))
        elif source == "account":
            account.append(account_play(end, seconds * 1000, title, by))
        else:
            lived.append(replace(live(end, title, by, seconds * 1000), album=on))
    return [read(extended), read(account), live_batch(lived)]


def lower(name: str | None) -> str:
    return (name or "").lower()


class Reference:
    """The plain way: every rule is tried on every play until none changes it any more."""

    def __init__(self, rules: Sequence[Correction]) -> None:
        self.rules = rules

    def artist(self, name: str | None) -> str:
        """What an artist is counted as."""
        return self.chain(name)[-1]

    def chain(self, name: str | None) -> list[str]:
        found = [lower(name)]
        while True:
            steps = [
                lower(rule.to_artist)
                for rule in self.rules
                if (rule.kind, lower(rule.from_artist)) == ("artist", found[-1])
                if rule.action in ("merge", "rename") and lower(rule.to_artist) != found[-1]
            ]
            if not steps:
                return found
            found.append(steps[0])

    def shown(self, start: int, by: str, title: str, on: str) -> tuple[str, str, str] | None:
        """The play's names; `None` where it is hidden or deleted."""
        names, whose, title, on = self.chain(by), self.artist(by), title.lower(), on.lower()
        gone, given_away, seen = False, False, set[tuple[str, str, str]]()
        while (whose, title, on) not in seen:
            seen.add((whose, title, on))
            step = None
            for kind in ("track", "album", "play"):
                for rule in self.rules:
                    if rule.kind != kind:
                        continue
                    found, to = (
                        (rule.from_album, rule.to_album)
                        if kind == "album"
                        else (rule.from_title, rule.to_title)
                    )
                    mine = on if kind == "album" else title
                    if (self.artist(rule.from_artist), lower(found)) != (whose, mine) or not mine:
                        continue
                    target = (self.artist(rule.to_artist), lower(to))
                    if rule.action == "hide" or (kind == "play" and rule.started_at == start):
                        gone = True
                    elif rule.action in ("merge", "rename") and target != (whose, mine):
                        step = (kind, *target)
            if step is not None:
                given_away |= step[1] != whose
                whose = step[1]
                title, on = (title, step[2]) if step[0] == "album" else (step[2], on)
        for rule in self.rules:
            if (rule.kind, rule.action) == ("artist", "hide"):
                gone |= lower(rule.from_artist) in (names if whose == names[-1] else [whose])
        return None if gone else (whose, title, on)


def valid(rules: Sequence[Correction]) -> list[Correction]:
    """Those of the rules that can be made one after another."""
    made: list[Correction] = []
    for rule in rules:
        try:
            new = is_new(rule, made)
        except Refused:
            continue
        if new:
            made.append(rule)
    return made


def counted(plays: Sequence[Play]) -> Counter[tuple[int, str, str, str]]:
    return Counter((start, by.lower(), title.lower(), on.lower()) for start, by, title, on in plays)


@settings(max_examples=40)
@given(plays=_plays, rules=st.lists(_rule, max_size=8), shuffled=st.randoms(use_true_random=False))
def test_the_history_is_the_one_counted_the_plain_way_whatever_came_first(
    plays: Sequence[Any], rules: Sequence[Correction], shuffled: Any
) -> None:
    made = valid(rules)
    batches = batches_of(plays)
    reference = Reference(made)
    expected = Counter(
        (NOON + SLOT * slot, *shown)
        for slot, ((by, title), on, source) in enumerate(plays)
        if (shown := reference.shown(NOON + SLOT * slot, by, title, "" if source == "account" else on))
    )
    assert counted(plays_in(built_from(batches, *made))) == expected
    other = list(made)
    shuffled.shuffle(other)
    if len(valid(other)) == len(other):
        assert counted(plays_in(built_from(batches, *other))) == expected


@settings(max_examples=30)
@given(plays=_plays, rule=_rule)
def test_an_effect_is_how_many_plays_and_tracks_change(plays: Sequence[Any], rule: Correction) -> None:
    batches = batches_of(plays)
    before, built = counted(plays_in(built_from(batches))), built_from(batches, rule)
    after = counted(plays_in(built))
    changed = {start for start, *_ in (before - after) + (after - before)}
    by_start = {start: (by, title) for start, by, title, _ in before | after}
    effect = (len(changed), len({by_start[start] for start in changed}))
    same = {"merge", "rename"} & {rule.action} and names(rule)[0] == names(rule)[1]
    assert same or built.effects == {1: effect}


def names(rule: Correction) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source = (rule.from_artist, rule.from_title, rule.from_album)
    return tuple(map(lower, source)), tuple(map(lower, (rule.to_artist, rule.to_title, rule.to_album)))


def correct_history(histories: Histories, account_id: int, *rules: Correction) -> list[int]:
    """Makes rules and builds the history; their numbers."""
    for rule in rules:
        assert add_correction(histories.store, account_id, rule, partial(is_new, rule))
    rebuild(histories.store, account_id)
    return [rule.id for rule in corrections_of(histories.store, account_id)]


def test_a_history_is_as_before_when_all_is_taken_back(histories: Histories) -> None:
    account_id = histories.history_of([FEW])
    before, receipts = content(histories, account_id), histories.receipts(account_id)
    rules = [
        artist("merge", "Bjork", "Björk"),
        artist("hide", "Other"),
        delete(("Bjork", "Joga"), NOON - 200),
    ]
    numbers = correct_history(histories, account_id, *rules)
    made = corrections_of(histories.store, account_id)
    assert [(rule.plays, rule.tracks) for rule in made] == [(1, 1)] * 3
    assert len(content(histories, account_id)["music"]["plays"]) == 2
    assert histories.receipts(account_id) == receipts
    for number in numbers:
        remove_corrections(histories.store, account_id, [number])
    rebuild(histories.store, account_id)
    assert content(histories, account_id) == before


def test_live_plays_are_added_as_a_build_corrects_them(histories: Histories) -> None:
    account_id = histories.history_of([FEW])
    rules = [artist("merge", "Bjork", "Björk"), artist("hide", "Other"), artist("rename", "Mira", "MIRA")]
    correct_history(histories, account_id, *rules, delete(("Theo", "Snow"), NOON - 200))
    for turn, (by, title, added) in enumerate(
        [
            ("Björk", "Hunter", True),
            ("Bjork", "Hunter", False),
            ("Other", "New", False),
            ("mira", "Rain", False),
            ("Theo", "Snow", True),  # another play of that track
        ],
        1,
    ):
        end = NOON + turn * DAY_AND_MORE
        assert add(histories, account_id, [live_play(end, title, by)]) is added
        after = content(histories, account_id)
        rebuild(histories.store, account_id)
        assert content(histories, account_id) == after
    shown = {play[2][:2] for play in after["music"]["plays"]}
    assert shown == {
        ("Björk", "Joga"),
        ("Björk", "Jóga"),
        ("Björk", "Hunter"),
        ("MIRA", "Rain"),
        ("Theo", "Snow"),
    }
    assert [rule.plays for rule in corrections_of(histories.store, account_id)] == [2, 2, 1, 0]
