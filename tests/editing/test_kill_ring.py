"""The kill ring: what joins, and what comes back."""

from __future__ import annotations

from tuinb.editing import kill_ring
from tuinb.editing.kill_ring import KillRing


def test_kills_that_follow_each_other_join() -> None:
    ring = KillRing()
    assert ring.kill("b") == "b"
    assert ring.kill("c", joins=True) == "bc"
    assert ring.kill("a", joins=True, before=True) == "abc"
    assert ring.yank() == "abc"


def test_nothing_is_no_text_of_the_ring() -> None:
    ring = KillRing()
    assert ring.kill("") == ring.yank() == ring.rotate() == ""
    assert ring.kill("a", joins=True) == "a"
    assert ring.kill("", joins=True) == "a"


def test_earlier_texts_come_one_after_the_other() -> None:
    ring = KillRing()
    for text in "abc":
        ring.kill(text)
    assert [ring.yank(), ring.rotate(), ring.rotate(), ring.rotate()] == ["c", "b", "a", "c"]
    ring.rotate()
    assert ring.yank() == "c"


def test_what_was_copied_elsewhere_is_yanked_first() -> None:
    ring = KillRing()
    ring.kill("a")
    assert ring.yank("output") == "output"
    assert ring.rotate() == "a"


def test_the_ring_is_bounded() -> None:
    ring = KillRing()
    for number in range(kill_ring.MOST + 5):
        ring.kill(str(number))
    assert len({ring.rotate() for _ in range(2 * kill_ring.MOST)}) == kill_ring.MOST
