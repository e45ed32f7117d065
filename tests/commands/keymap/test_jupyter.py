"""Every default key as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.conftest import CLIENT
from tests.commands.keymap.tried import untried
from tuinb.notebook.changes import AppendOutput, CellId, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

# In what is shown after, `^` marks the cell that is being edited, at its end.
CHANGES = [
    # run
    ("a*|b", "shift+enter", "a|b*"),
    ("a*|b", "ctrl+r", "a|b*"),
    ("a*|b", "f9", "a|b*"),
    ("[a*|b]|c", "f9", "a|b|c*"),
    ("a|b*", "f9", "a|b|^"),
    ("a^|b", "shift+enter", "a|b*"),
    ("a|b^", "ctrl+r", "a|b|^"),
    ("m:a^|b", "f9", "m:a|b*"),
    ("a*|b", "ctrl+enter", "a*|b"),
    ("a^|b", "ctrl+e", "a*|b"),
    ("a^|b", "ctrl+j", "a*|b"),
    ("a*|b", "alt+enter", "a|^|b"),
    ("a^|b", "f8", "a|^|b"),
    # between modes
    ("a*|b", "enter", "a^|b"),
    ("[a*|b]", "enter", "a^|b"),
    ("a^|b", "escape", "a*|b"),
    ("[a*|b]", "escape", "a*|b"),
    # moving
    ("a|b*|c", "k", "a*|b|c"),
    ("a|b*|c", "up", "a*|b|c"),
    ("a*|b", "up", "a*|b"),
    ("a|b*|c", "j", "a|b|c*"),
    ("a|b*|c", "down", "a|b|c*"),
    ("a|b*", "j", "a|b*"),
    ("[a|b*]|c", "j", "a|b|c*"),
    ("a|b|c*", "g g", "a*|b|c"),
    ("a|b|c*", "home", "a*|b|c"),
    ("a*|b|c", "G", "a|b|c*"),
    ("a*|b|c", "end", "a|b|c*"),
    # structure
    ("a|b*", "a", "a|*|b"),
    ("a*|b", "a", "*|a|b"),
    ("a*|b", "b", "a|*|b"),
    ("[a|b*]", "b", "a|b|*"),
    ("[a|b*]", "a", "*|a|b"),
    ("a|b*|c", "d d", "a|c*"),
    ("a|b*", "d d", "a*"),
    ("a|[b|c*]|d", "d d", "a|d*"),
    ("a*", "d d", "*"),
    ("[a|b*]", "d d", "*"),
    ("a|b*|c", "d j", "a|b|c*"),
    ("a|b*|c", "d d z", "a|b*|c"),
    ("a|b=1*|c", "d d u", "a|b*=1|c"),
    ("a|b*|c", "d d z Z", "a|c*"),
    ("a|b*|c", "x", "a|c*"),
    ("a|b*|c", "x v", "a|c|b*"),
    ("a*|b|c", "x j V", "b|a*|c"),
    ("[a|b*]|c", "c j v", "a|b|c|a|b*"),
    ("a*|b", "c V", "a*|a|b"),
    ("a=1*|b", "c v", "a=1|a*=1|b"),
    ("a*", "v", "a*"),
    ("a*|b|c", "J", "[a|b*]|c"),
    ("a*|b|c", "shift+down shift+down", "[a|b|c*]"),
    ("a|b|c*", "K", "a|[b*|c]"),
    ("a|b|c*", "shift+up K J", "a|[b*|c]"),
    ("a|b*", "J", "a|b*"),
    ("a|b*|c", "shift+home", "[a*|b]|c"),
    ("a|b*|c", "shift+end", "a|[b|c*]"),
    ("a*|m:# b|c", "j left k shift+end", "[a|m:# b*]|c"),
    ("a|b*|c", "ctrl+a", "[a|b|c*]"),
    ("a|b*|c", "alt+a", "[a|b|c*]"),
    ("a|b*|c", "ctrl+shift+up", "b*|a|c"),
    ("a|b*|c", "ctrl+shift+down", "a|c|b*"),
    ("a|b*|c", "alt+up", "b*|a|c"),
    ("a|b*|c", "alt+down", "a|c|b*"),
    ("a*|b", "alt+up", "a*|b"),
    ("a|b*", "alt+down", "a|b*"),
    ("a|[b|c*]|d", "alt+up", "[b|c*]|a|d"),
    ("a|[b|c*]|d", "alt+down", "a|d|[b|c*]"),
    ("a|[b|c*]|d", "alt+up z", "a|[b|c*]|d"),
    ("a|[b|c*]|d", "alt+down z", "a|[b|c*]|d"),
    ("a|b*|c", "alt+up z", "a|b*|c"),
    ("a|b*|c", "alt+up G z", "a|b*|c"),
    ("a|b*|c", "m G z", "a|b*|c"),
    ("a|b*|c", "m G z k Z", "a|m:b*|c"),
    # merging and splitting
    ("a*|b|c", "M", "a//b*|c"),
    ("a|[b|c*]", "M", "a|b//c*"),
    ("a|b*", "M", "a|b*"),
    ("a=1*|b=2", "M", "a//b*"),
    ("a=1*|b=2", "M z", "a=1|b*=2"),
    ("m:a*|b=1", "M", "m:a//b*"),
    ("a|*|b", "M", "a|b*"),
    ("ab^cd|e", "ctrl+backslash", "ab|cd^|e"),
    ("a/^b=1", "ctrl+backslash", "a|b^=1"),
    ("a//^/b", "ctrl+shift+minus", "a|b^"),
    ("a/b^=1", "ctrl+backslash escape z", "a/b*=1"),
    ("a/b^=1", "ctrl+backslash ctrl+z", "a/b^=1"),
    ("a/b^|c", "ctrl+backslash ctrl+z ctrl+y", "a/b|^|c"),
    ("a^|b", "ctrl+z", "a^|b"),
    ("a*|b", "m enter ctrl+z", "a^|b"),
    ("m:a*|b", "1 j enter ctrl+z", "m:a^|b"),
    ("^ab", "ctrl+backslash", "|ab^"),
    ("m:a/b^/c", "ctrl+backslash", "m:a/b|m:c^"),
    # kinds
    ("a*", "m", "m:a*"),
    ("a=1*", "m", "m:a*"),
    ("a=1*", "m z", "a*=1"),
    ("m:a*", "y", "a*"),
    ("[a*|m:b]", "r", "[r:a*|r:b]"),
    ("a*", "y", "a*"),
    ("a*", "1", "m:# a*"),
    ("m:# a*", "2", "m:## a*"),
    ("m:### a*", "3", "m:### a*"),
    ("m:###### a/b*", "4", "m:#### a/b*"),
    ("m:#hash*", "5", "m:##### #hash*"),
    ("*", "6", "m:###### *"),
    ("[a|b*]", "1 z", "[a|b*]"),
]


@pytest.mark.parametrize(("before", "keys", "after"), CHANGES)
def test_changes(desk: Callable[[str], Desk], before: str, keys: str, after: str) -> None:
    it = desk(before)
    it.press(keys)
    assert str(it) == after


HOST = [
    ("a*", "pageup", ("visible_page", -1)),
    ("a*", "shift+space", ("visible_page", -1)),
    ("a*", "pagedown", ("visible_page", 1)),
    ("a*", "space", ("visible_page", 1)),
    ("[a*|b]", "c", ("copy", "a\n\nb")),
    ("a*", ":", ("palette", "")),
    ("a*", "g r", ("notify", "No cell runs.", "information")),
    ("a*", "ctrl+g", ("notify", "The kernel waits for no input.", "information")),
    ("a^", "ctrl+g", ("ask", "Go to line (1 to 1):", "")),
    ("a*", "ctrl+p", ("palette", "")),
    ("a^", "ctrl+p", ("palette", "")),
    ("a*", "?", ("help",)),
    ("a*", "h", ("help",)),
    ("a*", "f1", ("help",)),
    ("a=1*", "l", ("open_viewer", "c0")),
    ("a=1*", "Y", ("copy", "1")),
    ("a=1*", "W", ("ask", "Save the output as:", "/notebooks/analysis-cell-1.txt")),
    ("a=1*", "t", ("notify", "This output has no other type.", "information")),
    ("a=1*", "<", ("notify", "This output is not wider than the screen.", "information")),
    ("a=1*", ">", ("notify", "This output is not wider than the screen.", "information")),
    ("a=1*", "shift+left", ("notify", "This output is not wider than the screen.", "information")),
    ("a=1*", "shift+right", ("notify", "This output is not wider than the screen.", "information")),
    ("a=1*", "|", ("suspend_for",)),
    ("a=1*", "w", ("suspend_for",)),
    ("a*", "L", ("notify", "This cell has no links.", "information")),
    ("a*", "F", ("notify", "No cell failed.", "information")),
    ("a*", "R", ("notify", "No cell is known to be stale.", "information")),
    ("a*", "]", ("notify", "No cell is known to be stale.", "information")),
    ("a*", "[", ("notify", "No cell is known to be stale.", "information")),
    ("m:a*", "B", ("notify", "Breakpoints are set in code cells.", "information")),
    ("m:a*", "f4", ("notify", "Breakpoints are set in code cells.", "information")),
    *(
        ("a*", key, ("notify", "The kernel is not stopped at a breakpoint.", "information"))
        for key in ["f5", "f10", "f11", "f12"]
    ),
    (
        "a*",
        "f3",
        ("notify", "The kernel is not stopped, and there is no error to look at: no kernel runs.", "information"),
    ),
    ("a*", "D", ("show_panel",)),
    ("a*", "T", ("show_contents",)),
    ("df.head()*", "I", ("open_table", ("df",))),
    ("import x|x*", "=", ("choose", "Names", ["x  set in 1 · used in 2"])),
    ("a*", "f2", ("notify", "No problem was found in the code.", "information")),
    ("a^", "shift+f2", ("notify", "No problem was found in the code.", "information")),
    ("m:a*", "f6", ("notify", "There is no code to format.", "information")),
    ("m:a^", "alt+shift+f", ("notify", "There is no code to format.", "information")),
    ("a*", "/", ("find",)),
    ("a^", "ctrl+f", ("find",)),
    ("a*", "n", ("find_again", 1)),
    ("a*", "N", ("find_again", -1)),
    ("a^", "f1", ("help",)),
    ("a*", "g ?", ("describe_key",)),
    ("a*", "ctrl+z", ("suspend",)),
    ("a*", "ctrl+q", ("exit",)),
    ("a^", "ctrl+q", ("exit",)),
]


@pytest.mark.parametrize(("before", "keys", "asked"), HOST)
def test_host(
    desk: Callable[[str], Desk], before: str, keys: str, asked: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "cat > /dev/null")
    it = desk(before)
    it.host.answers = [None]
    it.press(keys)
    assert asked in it.host.log


SESSION = [
    ("a*|b", "f9", ("run", "a")),
    ("[a*|m:b|c]", "ctrl+e", ("run", "a", "c")),
    ("a^|b", "f8", ("run", "a")),
    ("m:# H|a*|m:## I|b|m:# J|c", "S", ("run", "a", "b")),
    ("a/^b/c", "f7", ("run_part", "c0", "b")),
    ("a/^b/c", "shift+f7", ("run_part", "c0", "a\nb")),
    ("import x|y|x*", "(", ("run", "import x", "x")),
    ("import x*|y|x", ")", ("run", "import x", "x")),
    ("a*", "i i", ("interrupt",)),
    ("a*", "ctrl+c", ("interrupt",)),
    ("a^", "ctrl+c", ("interrupt",)),
    ("a*", "s", ("save", None, False)),
    ("a*", "ctrl+s", ("save", None, False)),
    ("a^", "ctrl+s", ("save", None, False)),
]


@pytest.mark.parametrize(("before", "keys", "asked"), SESSION)
def test_session(desk: Callable[[str], Desk], before: str, keys: str, asked: tuple[object, ...]) -> None:
    it = desk(before)
    it.press(keys)
    assert it.session.log == [asked]


EDITOR: list[tuple[str, ...]] = [
    ("a^", "ctrl+x", "cut"),
    ("a^", "ctrl+v", "paste"),
    ("a^", "alt+up", "move_lines_up"),
    ("a^", "alt+down", "move_lines_down"),
    ("a^", "alt+shift+up", "duplicate_lines_up"),
    ("a^", "alt+shift+down", "duplicate_lines_down"),
    ("a^", "ctrl+]", "indent_lines"),
    ("a^", "tab", "complete"),
    ("^a", "tab", "indent"),
    ("if x:/  ^a", "tab", "indent"),
    ("  ^a", "shift+tab", "dedent"),
    ("a^", "shift+tab", "inspect"),
    ("m:- ^a", "tab", "indent"),
    ("m:- a^", "tab", "complete"),
    ("m:x/1. ^", "shift+tab", "dedent"),
    ("r:- ^", "tab", "complete"),
    ("- ^", "tab", "complete"),
    ("^a", "ctrl+space", "complete"),
    ("a^", "ctrl+@", "complete"),
    ("a^", "ctrl+slash", "toggle_comment"),
    ("a^", "ctrl+underscore", "toggle_comment"),
    ("a^", "alt+slash", "toggle_comment"),
    ("a^", "enter", "new_line"),
    ("a^", "up", "up"),
    ("a^", "down", "down"),
    ("a^", "left", "left"),
    ("a^", "right", "right"),
    ("a^", "ctrl+left", "word_left"),
    ("a^", "ctrl+right", "word_right"),
    ("a^", "home", "line_start"),
    ("a^", "end", "line_end"),
    ("a^", "pageup", "page_up"),
    ("a^", "pagedown", "page_down"),
    ("a^", "ctrl+home", "text_start"),
    ("a^", "ctrl+end", "text_end"),
    ("a^", "shift+up", "select up"),
    ("a^", "shift+down", "select down"),
    ("a^", "shift+left", "select left"),
    ("a^", "shift+right", "select right"),
    ("a^", "ctrl+shift+left", "select word_left"),
    ("a^", "ctrl+shift+right", "select word_right"),
    ("a^", "shift+home", "select line_start"),
    ("a^", "shift+end", "select line_end"),
    ("a^", "shift+pageup", "select page_up"),
    ("a^", "shift+pagedown", "select page_down"),
    ("a^", "ctrl+shift+home", "select text_start"),
    ("a^", "ctrl+shift+end", "select text_end"),
    ("a^", "ctrl+l", "whole_line_start", "select whole_line_end"),
    ("a^", "ctrl+a", "text_start", "select text_end"),
    ("a^", "alt+a", "text_start", "select text_end"),
    ("a^", "backspace", "delete_left"),
    ("a^", "delete", "delete_right"),
    ("a^", "ctrl+d", "add_next_occurrence"),
    ("a^", "ctrl+w", "delete_word_left"),
    ("a^", "ctrl+backspace", "delete_word_left"),
    ("a^", "alt+backspace", "delete_word_left"),
    ("a^", "ctrl+delete", "delete_word_right"),
    ("a^", "alt+delete", "delete_word_right"),
    ("a^", "ctrl+u", "delete_to_line_start"),
    ("a^", "super+backspace", "delete_to_line_start"),
    ("a^", "ctrl+k", "delete_to_line_end"),
    ("a^", "ctrl+shift+k", "delete_lines"),
    ("a^", "super+x", "cut"),
    ("a^", "super+c", "copy"),
]


@pytest.mark.parametrize(("before", "keys", "actions"), [(before, keys, actions) for before, keys, *actions in EDITOR])
def test_editor(desk: Callable[[str], Desk], before: str, keys: str, actions: list[str]) -> None:
    it = desk(before)
    it.press(keys)
    assert it.host.open_editor.performed == actions


def test_selected_text_is_indented_dedented_and_copied(desk: Callable[[str], Desk]) -> None:
    it = desk("ab^")
    it.host.open_editor.selected = "b"
    it.press("tab shift+tab ctrl+c")
    assert it.host.open_editor.performed == ["indent", "dedent", "copy"]
    assert it.session.log == []


def test_restart_asks(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.host.answers = [False, True]
    it.press("0 0")
    assert it.session.log == []
    it.press("0 0")
    assert it.session.log == [("restart",)]
    it.host.answers = [True]
    it.press("0 r")
    assert it.session.log[1:] == [("restart",), ("remember outputs",), ("run", "a")]


def test_q_detaches_from_a_session(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.press("Q")
    assert it.said() == ["This notebook was opened without a session: it ends with its terminal."]
    it.host.can_detach = True
    it.press("Q")
    assert it.host.log[-1] == ("detach", "terminal")


def test_outputs_open_and_fold(desk: Callable[[str], Desk]) -> None:
    it = desk("a=1*|b=2|c")
    it.press("o")
    assert it.view.unfolded == {"c0"}
    it.press("O")
    assert it.view.unfolded == {"c0", "c1"}
    it.press("o")
    assert it.view.unfolded == {"c1"}
    it.press("O O")
    assert it.view.unfolded == set()
    it.host.long = False
    it.press("o")
    assert it.view.unfolded == set()
    assert it.said() == ["This output is already shown whole. l views it."]
    it.press("G o")
    assert it.said()[1:] == ["This cell has no output."]


def test_the_line_that_failed(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b/c*")
    it.press("f")
    assert it.host.log.pop() == ("notify", "This cell did not fail. Shift+F goes to the next failed cell.", "error")
    traceback = ["Cell In[1], line 2", "      1 a", "----> 2 b"]
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": traceback}
    it.session.apply(Transaction((AppendOutput(CellId("c0"), error),), CLIENT))
    it.press("f")
    assert it.host.log == [("edit_at", "c0", 1)]


def test_every_default_key_is_tried_above() -> None:
    cases: list[tuple[str, str]] = [(case[0], case[1]) for table in (CHANGES, HOST, SESSION, EDITOR) for case in table]
    cases += [("a*", "0 0"), ("a*", "0 r"), ("a*", "o O"), ("a*", "f"), ("a*", "Q"), ("a^", "super+z"), ("a^", "super+y")]
    cases += [("a*", "g n")]  # in test_view
    cases += [("a*", "e"), ("a*", "E"), ("a^", "ctrl+o")]  # in test_external_edit
    cases += [("a*", keys) for keys in ("g j", "g k", "g o", "left", "right", "H", "'", "alt+left", "alt+right")]
    cases += [("a^", "f12"), ("a^", "shift+f12"), ("a^", "alt+r")]  # in test_language
    cases += [("a*", keys) for keys in ("g t", "g T", "g f", "ctrl+o", "ctrl+pagedown", "ctrl+pageup")]  # in test_tabs
    assert untried("jupyter", cases) == {"command": set(), "edit": set()}
