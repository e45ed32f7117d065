"""The keys of VS Code's set that are not the default ones, as (before, keys, after)."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Desk
from tests.commands.keymap.tried import untried
from tests.commands.test_tabs import NO_TABS
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.vscode import VSCODE_KEYS

EDITOR: list[tuple[str, ...]] = [
    ("a^", "ctrl+d", "add_next_occurrence"),
    ("a^", "ctrl+shift+l", "select_all_occurrences"),
    ("a^", "alt+ctrl+up", "add_cursor_above"),
    ("a^", "alt+ctrl+down", "add_cursor_below"),
    ("a^", "ctrl+x", "kill delete_lines"),
    ("a^", "ctrl+shift+backslash", "to_bracket"),
]


@pytest.mark.parametrize(("before", "keys", "actions"), [(before, keys, actions) for before, keys, *actions in EDITOR])
def test_editor(before: str, keys: str, actions: list[str]) -> None:
    it = Desk(before, keys="vscode")
    it.press(keys)
    assert it.host.open_editor.performed == actions


HOST = [
    ("a*", "f1", ("palette", "")),
    ("a^", "f1", ("palette", "")),
    ("a*", "alt+x", ("palette", "")),
    ("a*", "ctrl+shift+p", ("palette", "")),
    *((before, "ctrl+p", ("notify", NO_TABS, "error")) for before in ("a*", "a^")),
    ("a=1*", "g l", ("open_viewer", "c0")),
    ("a^", "alt+f8", ("notify", "No problem was found in the code.", "information")),
    ("a^", "alt+shift+f8", ("notify", "No problem was found in the code.", "information")),
]


@pytest.mark.parametrize(("before", "keys", "asked"), HOST)
def test_host(before: str, keys: str, asked: tuple[object, ...]) -> None:
    it = Desk(before, keys="vscode")
    it.press(keys)
    assert it.host.log == [asked]


CHANGES = [
    ("a*|b", "d d ctrl+z", "a*|b"),
    ("a*|b", "d d ctrl+z ctrl+y", "b*"),
    ("a*|b", "d d ctrl+z ctrl+shift+z", "b*"),
]


@pytest.mark.parametrize(("before", "keys", "after"), CHANGES)
def test_cells_come_back(before: str, keys: str, after: str) -> None:
    it = Desk(before, keys="vscode")
    it.press(keys)
    assert str(it) == after


def test_line_numbers() -> None:
    it = Desk("a*", keys="vscode")
    it.press("l")
    assert it.view.line_numbers


def test_undone_typing_comes_back() -> None:
    it = Desk("a^|b", keys="vscode")
    it.press("ctrl+shift+z")
    assert it.said() == ["Nothing to redo."]


def test_renaming() -> None:
    it = Desk("1^", keys="vscode")
    it.press("f2")
    assert it.said() == ["There is no name at the cursor."]


def test_selected_text_is_cut_and_several_cursors_become_one_before_the_cell_is_left() -> None:
    it = Desk("ab^", keys="vscode")
    it.host.open_editor.selected = "b"
    it.host.open_editor.has_several = True
    it.press("ctrl+x escape")
    assert str(it) == "ab^"
    it.host.open_editor.has_several = False
    it.press("escape")
    assert it.host.open_editor.performed == ["cut", "deselect"]
    assert str(it) == "ab*"


def test_every_key_that_differs_is_tried_above() -> None:
    cases = [(case[0], case[1]) for table in (CHANGES, EDITOR, HOST) for case in table]
    cases += [("a*", "l"), ("a^", "ctrl+shift+z"), ("1^", "f2")]
    for mode, missing in untried("vscode", cases).items():
        assert {keys for keys in missing if VSCODE_KEYS[mode][keys] != DEFAULT_KEYS[mode].get(keys)} == set(), mode
