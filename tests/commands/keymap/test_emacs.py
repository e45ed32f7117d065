"""Every key of Emacs' set as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.conftest import Desk
from tests.commands.keymap.tried import untried
from tests.commands.test_tabs import NO_TABS
from tuinb.commands.keymap.emacs import EMACS_KEYS
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.keymap import Keymap

if TYPE_CHECKING:
    from tuinb.workspace.view_state import Mode

CHANGES = [
    # a cell is always edited, in the next one too
    ("a^|b", "alt+enter", "a|b^"),
    ("a^|b", "shift+enter", "a|b^"),
    ("a^|b", "f9", "a|b^"),
    ("a|b^", "f9", "a|b|^"),
    ("a^|b", "f8", "a|^|b"),
    ("a^|b", "ctrl+c ctrl+c", "a^|b"),
    ("a^|b", "ctrl+enter", "a^|b"),
    ("a|b^", "ctrl+c ctrl+a", "a|^|b"),
    ("a^|b", "ctrl+c ctrl+b", "a|^|b"),
    ("a^|b", "ctrl+c ctrl+n", "a|b^"),
    ("a|b^", "ctrl+c ctrl+p", "a^|b"),
    ("a^|b", "ctrl+c ctrl+k", "b^"),
    ("a^", "ctrl+c ctrl+k", "^"),
    ("a^|b", "ctrl+c ctrl+w ctrl+c ctrl+y", "a|a^|b"),
    ("a^|b", "ctrl+c down", "b|a^"),
    ("a|b^", "ctrl+c up", "b^|a"),
    ("a^", "ctrl+c ctrl+t", "m:a^"),
    ("m:a^", "ctrl+c ctrl+t", "r:a^"),
    ("r:a^", "ctrl+c ctrl+t", "a^"),
    ("a^|b", "ctrl+c enter", "a//b^"),
    ("a^=1", "ctrl+c ctrl+l", "a^"),
    ("ab^cd", "ctrl+c ctrl+s", "ab|cd^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+underscore", "a|b^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+slash", "a|b^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+x u", "a|b^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+x u alt+_", "b^"),
    # command mode, which only Esc Esc enters
    ("a^|b", "escape escape", "a*|b"),
    ("a*|b", "alt+enter", "a|b*"),
    ("a*|b", "f8", "a|^|b"),
    ("a*|b", "ctrl+c ctrl+k", "b*"),
]


@pytest.mark.parametrize(("before", "keys", "after"), CHANGES)
def test_changes(before: str, keys: str, after: str) -> None:
    it = Desk(before, keys="emacs")
    it.press(keys)
    assert str(it) == after


EDITOR: list[tuple[str, ...]] = [
    ("a^", "ctrl+f", "right"),
    ("a^", "ctrl+b", "left"),
    ("a^", "ctrl+n", "down"),
    ("a^", "ctrl+p", "up"),
    ("a^", "ctrl+a", "whole_line_start"),
    ("a^", "ctrl+e", "whole_line_end"),
    ("a^", "alt+f", "next_word"),
    ("a^", "escape f", "next_word"),
    ("a^", "alt+b", "previous_word"),
    ("a^", "alt+m", "indentation"),
    ("a^", "alt+{", "previous_paragraph"),
    ("a^", "alt+}", "next_paragraph"),
    ("a^", "escape }", "next_paragraph"),
    ("a^", "alt+backslash", "delete_blanks"),
    ("a^", "alt+space", "one_space"),
    ("a^", "alt+<", "go_to_start"),
    ("a^", "escape <", "go_to_start"),
    ("a^", "alt+>", "go_to_end"),
    ("a^", "ctrl+v", "page_down"),
    ("a^", "alt+v", "page_up"),
    ("a^", "ctrl+space", "set_mark"),
    ("a^", "ctrl+x ctrl+x", "exchange"),
    ("a^", "ctrl+x h", "mark_all"),
    ("a^", "ctrl+k", "kill delete_to_line_end"),
    ("a^", "alt+d", "kill operator"),
    ("a^", "ctrl+delete", "kill operator"),
    ("a^", "alt+backspace", "kill operator before"),
    ("a^", "ctrl+backspace", "kill operator before"),
    ("a^", "ctrl+w", "_select_region"),
    ("a^", "alt+w", "_select_region"),
    ("a^", "ctrl+y", "yank"),
    ("a^", "alt+y", "yank-earlier"),
    ("a^", "enter", "new_line"),
    ("a^", "ctrl+j", "new_line"),
    ("a^", "ctrl+o", "open_line"),
    ("a^", "backspace", "delete_left"),
    ("a^", "delete", "delete_right"),
    ("a^", "ctrl+d", "delete_right"),
    ("a^", "tab", "complete"),
    ("^a", "tab", "indent"),
    ("a^", "shift+tab", "inspect"),
    ("a^", "ctrl+c ctrl+f", "inspect"),
    ("a^", "alt+/", "complete"),
    ("a^", "ctrl+t", "transpose"),
    ("a^", "alt+t", "transpose_words"),
    ("a^", "alt+u", "upper_word"),
    ("a^", "alt+l", "lower_word"),
    ("a^", "alt+c", "capital_word"),
    ("a^", "alt+;", "comment"),
    ("a^", "alt+^", "join_line_above"),
    ("a^", "alt+up", "move_lines_up"),
    ("a^", "alt+down", "move_lines_down"),
    ("a^", "ctrl+g", "cancel", "deselect"),
]


@pytest.mark.parametrize(("before", "keys", "actions"), [(before, keys, actions) for before, keys, *actions in EDITOR])
def test_editor(before: str, keys: str, actions: list[str]) -> None:
    it = Desk(before, keys="emacs")
    it.press(keys)
    assert it.host.open_editor.performed == actions


def test_the_region_is_cut_and_copied() -> None:
    it = Desk("ab^", keys="emacs")
    it.host.open_editor.selected = "b"
    it.press("ctrl+w alt+w")
    assert it.host.open_editor.performed == ["_select_region", "kill delete_selected", "_select_region", "copy-region"]


HOST = [
    ("a^", "alt+x", ("palette", "")),
    ("a^", "escape x", ("palette", "")),
    ("a^", "ctrl+g", ("cancel",)),
    ("a*", "ctrl+g", ("cancel",)),
    ("a^", "ctrl+u", ("count", "")),
    *(("a^", f"alt+{digit}", ("count", digit)) for digit in "0123456789-"),
    ("a^", "ctrl+x (", ("start_macro",)),
    ("a^", "ctrl+x )", ("end_macro",)),
    ("a^", "ctrl+x e", ("run_macro",)),
    ("a^", "ctrl+z", ("suspend",)),
    ("a^", "ctrl+s", ("find",)),
    ("a^", "ctrl+r", ("find", "backward")),
    ("a^", "alt+%", ("find", "replaces")),
    ("a^", "ctrl+l", ("centre",)),
    ("a^", "ctrl+x ctrl+w", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
    ("a^", "ctrl+x ctrl+z", ("detach", "terminal")),
    *(("a^", f"ctrl+x {key}", ("exit",)) for key in ("k", "ctrl+c")),
    *(("a^", f"ctrl+x {key}", ("notify", NO_TABS, "error")) for key in ("b", "ctrl+f")),
    *(("a^", key, ("notify", NO_TABS, "error")) for key in ("ctrl+pagedown", "ctrl+pageup")),
    ("a^", "alt+,", ("notify", "There is no earlier place.", "information")),
    ("a^", "alt+left", ("notify", "There is no earlier place.", "information")),
    ("a^", "alt+right", ("notify", "There is no later place.", "information")),
    ("a^=1", "ctrl+c ctrl+o", ("open_viewer", "c0")),
    ("a^", "ctrl+c ctrl+e", ("notify", "This cell has no output.", "information")),
    ("a^", "ctrl+c ctrl+g", ("notify", "The kernel waits for no input.", "information")),
    ("a^", "ctrl+c '", ("edit_text", "analysis-cell-1.py", "a", 1)),
    *(("a^", f"alt+g {key}", ("ask", "Go to line (1 to 1):", "")) for key in ("g", "alt+g")),
    ("a^", "f1", ("help",)),
    *(
        ("a^", key, ("notify", "No problem was found in the code.", "information"))
        for key in ["f2", "shift+f2", "alt+g n", "alt+g p", "alt+g alt+n", "alt+g alt+p"]
    ),
    ("m:a^", "f4", ("notify", "Breakpoints are set in code cells.", "information")),
    ("m:a^", "f6", ("notify", "There is no code to format.", "information")),
    *(
        ("a^", key, ("notify", "The kernel is not stopped at a breakpoint.", "information"))
        for key in ["f5", "f10", "f11", "f12"]
    ),
    ("a^", "f3", ("notify", "The kernel is not stopped, and there is no error to look at: no kernel runs.", "information")),
    ("a^", "alt+.", ("notify", "No cell sets a.", "information")),
]


@pytest.mark.parametrize(("before", "keys", "asked"), HOST)
def test_host(before: str, keys: str, asked: tuple[object, ...]) -> None:
    it = Desk(before, keys="emacs")
    it.host.answers = [None]
    it.host.can_detach = keys == "ctrl+x ctrl+z"
    it.press(keys)
    assert asked in it.host.log


SESSION = [
    ("a^|b", "ctrl+c ctrl+c", ("run", "a")),
    ("a^|b", "alt+enter", ("run", "a")),
    ("a^", "ctrl+c ctrl+z", ("interrupt",)),
    ("a^", "ctrl+x ctrl+s", ("save", None, False)),
    ("a/^b/c", "f7", ("run_part", "c0", "b")),
    ("a/^b/c", "shift+f7", ("run_part", "c0", "a\nb")),
]


@pytest.mark.parametrize(("before", "keys", "asked"), SESSION)
def test_session(before: str, keys: str, asked: tuple[object, ...]) -> None:
    it = Desk(before, keys="emacs")
    it.press(keys)
    assert it.session.log == [asked]


def test_questions_about_a_name() -> None:
    it = Desk("1^", keys="emacs")
    it.press("alt+?")
    it.press("alt+r")
    assert it.said() == ["There is no name at the cursor."] * 2


def test_every_key_is_tried_above() -> None:
    cases: list[tuple[str, str]] = [(case[0], case[1]) for table in (CHANGES, HOST, SESSION, EDITOR) for case in table]
    cases.append(("1^", "alt+?"))
    missing = untried("emacs", cases)
    assert {keys for keys in missing["command"] if EMACS_KEYS["command"][keys] != DEFAULT_KEYS["command"].get(keys)} == set()
    twins = {keys for keys in missing["edit"] if keys.startswith("escape ") and keys != "escape escape"}
    arrows = {keys for keys in missing["edit"] if EMACS_KEYS["edit"][keys] == DEFAULT_KEYS["edit"].get(keys)}
    assert missing["edit"] - twins - arrows == set()


@pytest.mark.parametrize("mode", EMACS_KEYS)
def test_escape_before_a_key_is_alt(mode: Mode) -> None:
    bound = EMACS_KEYS[mode]
    twins = {keys: name for keys, name in bound.items() if keys.startswith("escape ") and keys != "escape escape"}
    assert {f"alt+{keys.removeprefix('escape ')}": name for keys, name in twins.items()}.items() <= bound.items()
    shown = [part for name in set(bound.values()) for part in Keymap.from_tables(EMACS_KEYS).describe(name, mode)]
    assert [part for part in shown if part.startswith("Esc ")] == (["Esc Esc"] if mode == "edit" else [])
