"""Titles of albums, tracks and episodes, put together from words: the same from the same `chance`."""

from functools import lru_cache
from pathlib import Path
from random import Random

WORDS = Path(__file__).with_name("title_words.txt")

_LONG = (
    "{verb} the {adjective} {noun} While Nobody in {place} Is Looking",
    "What {person} Said about the {noun} on the Last Train to {place}",
    "I Would Have Called, but the {noun} Was {adjective} and So Was the {other}",
)
_ENGLISH = (
    "{adjective} {noun}",
    "{adjective} {noun}",
    "{adjective} {noun}",
    "{noun}",
    "{noun} & {other}",
    "The {noun}",
    "{noun} in {place}",
    "{verb} the {noun}",
    "{time} in {place}",
    "No {noun} Tonight",
    "{person}'s {noun}",
    "Dear {person}",
    "{time}",
    "{verb} Until {time}",
    "A {noun} for {person}",
    "{noun} Theory",
    "Half a {noun}",
    "Where the {noun} Goes",
    "Two Tickets to {place}",
    "{person} at the {noun}",
    "Ask {person}",
    "Not That {noun}",
    "{noun}, Unattended",
)


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    """The lists of `title_words.txt` by name."""
    rows = (line.split(": ", 1) for line in WORDS.read_text("utf-8").splitlines() if line and line[0] != "#")
    return {name: [word.strip() for word in words.split(" | ")] for name, words in rows}


def title(chance: Random, family: str, language: str = "en") -> str:
    """A title as a band of that family and language would choose it."""
    words = _words()
    if language != "en":
        # Japanese needs no space between the words.
        between = "" if language == "ja" else " "
        return between.join(chance.choice(words[f"{language} {half}"]) for half in ("first", "last"))
    pattern = chance.choice(_LONG if chance.random() < 0.012 else _ENGLISH)
    noun, other = chance.sample(words[f"{family} nouns"], 2)
    filled = {name: chance.choice(words[name]) for name in ("verb", "place", "person", "time")}
    adjective = chance.choice(words[f"{family} adjectives"])
    text = pattern.format(adjective=adjective, noun=noun, other=other, **filled)
    return text[0].upper() + text[1:]


def titles(chance: Random, count: int, family: str, language: str = "en") -> list[str]:
    """So many different titles."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[title(chance, family, language)] = None
    return list(found)


def topic(chance: Random) -> str:
    """What an episode is about."""
    return chance.choice(_words()["topics"])
