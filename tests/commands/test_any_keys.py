"""Whatever is pressed, in any order: a cell is active, ids are unique, and undo leads all the way back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.conftest import Desk

NOTEBOOK = "m:a|b/c=1*|d=2|r:e|f"
KEYS = [
    "a",
    "b",
    "d d",
    "x",
    "c",
    "v",
    "V",
    "J",
    "K",
    "j",
    "k",
    "alt+up",
    "alt+down",
    "M",
    "m",
    "r",
    "1",
    "2",
    "z",
    "Z",
    "f9",
]
KEYS += ["y", "G", "g g", "o", "O", "escape", "enter", "ctrl+backslash", "f8"]


def check(it: Desk) -> None:
    assert it.view.active in it.notebook
    assert len({cell.raw["id"] for cell in it.notebook}) == len(it.notebook) > 0
    assert set(it.view.selected(it.notebook)) <= set(it.notebook.order)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(KEYS), max_size=25))
def test_any_keys(keys: list[str]) -> None:
    it = Desk(NOTEBOOK)
    before = [cell.data() for cell in it.notebook]
    for key in keys:
        it.host.open_editor.cursor = 1
        it.press(key)
        check(it)
    it.press("escape")
    after = [cell.data() for cell in it.notebook]
    undone = 0
    while it.session.undoable:
        it.press("z")
        undone += 1
        check(it)
    assert [cell.data() for cell in it.notebook] == before
    it.press("Z " * undone)
    assert [cell.data() for cell in it.notebook] == after
