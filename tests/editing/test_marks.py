"""The mark as (before, steps, after), written as in test_motions: `|` is the cursor, `^` the other end of the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editing.test_motions import state_of, written
from tuinb.editing import marks, motions
from tuinb.editing.selection import Edit, Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import State


def on(state: State) -> None:
    state.move(motions.right, extend=state.marking)


def typed(state: State) -> None:
    state.splice(0, 0, "__")


def test_an_edit_that_leaves_text_selected_moves_the_mark() -> None:
    state = state_of("a|bc")
    marks.set_mark(state)
    on(state)
    state.finish(Edit(0, 0, "", Selection(0, 2)))
    assert (state.mark, state.marking) == (0, True)


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [
        ("a|bc", (marks.set_mark, on), "a^b|c"),
        ("a|bc", (marks.set_mark, marks.set_mark, on), "ab|c"),
        ("a|bc", (on, marks.exchange), "ab|c"),
        ("a|bc", (marks.set_mark, on, marks.exchange), "a|b^c"),
        ("a|bc", (marks.set_mark, on, marks.deselect), "ab|c"),
        ("a|bc", (marks.set_mark, on, marks.deselect, marks.exchange), "a|b^c"),
        ("a|bc", (marks.set_mark, typed, on), "__a^b|c"),
        ("a|bc", (marks.mark_all,), "|abc^"),
        ("a|bc", (marks.pop,), "a|bc"),
        ("|abc", (marks.set_mark, on, marks.pop), "|abc"),
        ("|abc", (marks.set_mark, on, marks.set_mark, on, marks.pop), "a|bc"),
        ("|abc", (marks.set_mark, on, marks.set_mark, on, marks.pop, marks.pop), "|abc"),
        ("|abc", (marks.set_mark, on, marks.set_mark, on, marks.pop, marks.pop, marks.pop), "a|bc"),
        ("a|bc", (marks.set_mark, on, marks.set_mark, typed, marks.pop, marks.pop), "__a|bc"),
        ("a|bc", (marks.go_to_start, marks.pop), "a|bc"),
        ("a|bc", (marks.go_to_end, marks.go_to_start, marks.pop, marks.pop), "a|bc"),
        ("a|bc", (marks.set_mark, marks.go_to_end), "a^bc|"),
        ("a|bc", (marks.mark_all, on), "a|bc^"),
    ],
)
def test_the_mark(before: str, steps: tuple[Callable[[State], None], ...], after: str) -> None:
    state = state_of(before)
    for step in steps:
        step(state)
    assert written(state) == after


def test_the_region_is_what_is_selected_or_reaches_to_the_mark() -> None:
    assert marks.region(state_of("a^b|c")) == Selection(1, 2)
    assert marks.region(state_of("a|bc")) == Selection(1, 1)
    state = state_of("a|bc")
    marks.set_mark(state)
    marks.deselect(state)
    state.move(motions.text_end)
    assert marks.region(state) == Selection(1, 3)
