"""Slots: so many at once, over processes; none outlives who holds it."""

import subprocess
import sys
from pathlib import Path

from app.slots import Slots


def test_there_are_so_many_and_no_more(tmp_path: Path) -> None:
    slots = Slots(tmp_path / "slots")
    one, two = (slots.take("reading", 7, 2) for _ in range(2))
    assert one is not None
    assert two is not None
    assert slots.take("reading", 7, 2) is None
    assert slots.take("reading", 8, 2) is not None
    assert slots.take("download", 7, 1) is not None
    one.release()
    one.release()
    assert slots.take("reading", 7, 2) is not None


def test_a_slot_that_is_forgotten_is_free(tmp_path: Path) -> None:
    slots = Slots(tmp_path)
    assert [slots.take("reading", 7, 1) is not None for _ in range(3)] == [True] * 3


def test_a_child_that_inherits_a_slot_holds_it_until_it_ends(tmp_path: Path) -> None:
    slots = Slots(tmp_path)
    slot = slots.take("export", 0, 1)
    assert slot is not None
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[slot.fileno()]
    ) as child:
        slot.release()
        assert slots.take("export", 0, 1) is None
        child.communicate(b"\n")
    assert slots.take("export", 0, 1) is not None


def test_who_waits_gets_the_slot_that_becomes_free(tmp_path: Path) -> None:
    slots = Slots(tmp_path)
    first = slots.take("reading", 7, 1)
    assert first is not None
    assert slots.take("reading", 7, 1, wait=0.01) is None
    first.release()
    assert slots.take("reading", 7, 1, wait=60.0) is not None
