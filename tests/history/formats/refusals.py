"""Whatever is in a file, it is read or refused with a sentence: never anything else."""

from app.history.formats.rows import Contents, Format, NotAFile, Reading
from tests.history.formats.rows_told import NOW


def read_or_refused(one: Format, body: bytes, reading: Reading | None = None) -> Contents | None:
    """What a file holds, or `None` where it was refused with a sentence. Fails where it does not add up."""
    try:
        found = one.read(body, reading or Reading(NOW.timestamp()))
    except NotAFile as refusal:
        is_a_sentence(refusal)
        return None
    assert found.read == len(found.batch) + found.unreadable + found.ignored
    found.batch.packed()
    return found


def is_a_sentence(refusal: Exception) -> None:
    """Fails where a refusal is nothing to show to a reader."""
    assert str(refusal).endswith(".")


def damaged(body: bytes, at: int, by: bytes, cut: int) -> bytes:
    """The same with some bytes put over it, and cut short."""
    at %= len(body) + 1
    return (body[:at] + by + body[at + len(by) :])[: len(body) - cut % (len(body) + 1)]
