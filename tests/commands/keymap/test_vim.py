"""The set of keys of vim: its tables, the listings that are made from them, and rows (before, keys, after).

test_every_set.py plays the rows. tests/editing/vim has the keys on text, which are in no table of bindings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.keymap.rows import (
    USES,
    Check,
    answers,
    came_from_the_first,
    cells,
    editor,
    first_and_last_edited,
    first_and_last_have_problems,
    folded,
    formatter,
    host,
    language_server,
    last_failed,
    registers,
    renaming,
    rows,
    servers,
    session,
    text,
    view,
    vim_rows,
    waits_for_input,
)
from tuinb.commands.keymap.key_names import to_sequence
from tuinb.commands.keymap.keymap import Keymap, Match, NoMatch
from tuinb.commands.keymap.listing import tables
from tuinb.commands.keymap.sets import SETS, own_keys
from tuinb.commands.keymap.vim import CTRL_O_CELLS
from tuinb.config import KEY_SETS, Config, VimSettings
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from tests.commands.conftest import Desk

CHANGES = [
    ("command", "a*|b", "space enter", "a|b*"),
    ("command", "a*|b", "alt+enter", "a|^|b"),
    ("command", "a*|b|c", "shift+down J", "[a|b|c*]"),
    ("command", "a|b|c*", "shift+up K", "[a*|b|c]"),
    ("command", "a*|b", "V", "[a|b*]"),
    ("command", "a*|b|c", "g J", "a//b*|c"),
    ("command", "a*|b|c", "space j M", "a//b//c*"),
    ("command", "a|b*|c", "alt+up", "b*|a|c"),
    ("command", "a|b*|c", "alt+down", "a|c|b*"),
    ("command", "a*", "space m", "m:a*"),
    ("command", "m:a*", "space y", "a*"),
    ("command", "m:a*", "space w", "r:a*"),
    ("command", "a*", "space 1", "m:# a*"),
    ("command", "a*", "space 2", "m:## a*"),
    ("command", "a*", "space 3", "m:### a*"),
    ("command", "a*", "space 4", "m:#### a*"),
    ("command", "a*", "space 5", "m:##### a*"),
    ("command", "a*", "space 6", "m:###### a*"),
    ("command", "a=1*", "space c", "a*"),
    ("command", "m:# A*|b|m:# C", "] ]", "m:# A|b|m:# C*"),
    ("command", "m:# A|b|m:# C*", "[ [", "m:# A*|b|m:# C"),
    ("command", "a*|b", "3 j", "a|b*"),
    ("command", "a|b*|c", "d d", "a|c*"),
    ("command", "a|b*|c", "d j", "a|b*|c"),
    ("command", "a|b*|c", "g x z x", "a|b*|c"),
    ("command", "a|b*|c", "d escape d d", "a|c*"),
    ("command", "a|b*|c", '" a x', "a|c*"),
    ("command", "a|b*|c", '" + y y p', "a|b|b*|c"),
    ("command", "a|b*|c", "x P u u", "a|b*|c"),
    ("command", "a*|b", "y y p", "a|a*|b"),
    ("command", "a|b*|c", "x", "a|c*"),
    ("command", "a*|b", "x P", "a*|b"),
    ("command", "a*|b", "Y p", "a|a*|b"),
    ("command", "a*|b", "x u", "a*|b"),
    ("command", "a*|b", "x u ctrl+r", "b*"),
    ("command", "a*|b|c", "j", "a|b*|c"),
    ("command", "a|b*|c", "k", "a*|b|c"),
    ("command", "a|b*", "g g", "a*|b"),
    ("command", "a|b*", "home", "a*|b"),
    ("command", "a*|b", "G", "a|b*"),
    ("command", "a*|b", "end", "a|b*"),
    ("command", "a*|b", "J", "[a|b*]"),
    ("command", "a*|b", "shift+down", "[a|b*]"),
    ("command", "a|b*", "K", "[a*|b]"),
    ("command", "a|b*", "shift+up", "[a*|b]"),
    ("command", "[a|b*]", "escape", "a|b*"),
    ("command", "a*|b", "o", "a|^|b"),
    ("command", "a|b*", "O", "a|^|b"),
    ("command", "a*|b", "space j", "a//b*"),
    ("command", "a*|b", "M", "a//b*"),
    ("command", "a*", "m", "m:a*"),
    ("command", "a*", "r", "r:a*"),
    # in a cell
    ("normal", "a^|b", "shift+enter", "a|b*"),
    ("normal", "a^|b", "space enter", "a|b*"),
    ("normal", "a^|b", "f9", "a|b*"),
    ("normal", "a^|b", "ctrl+j", "a*|b"),
    ("normal", "a^|b", "space r", "a*|b"),
    ("normal", "a^|b", "f8", "a|^|b"),
    ("normal", "a^|b", "alt+enter", "a|^|b"),
    ("normal", "a^|b", "ctrl+enter", "a*|b"),
    ("normal", "ab^cd", "space -", "ab|cd^"),
    ("normal", "a^|b|c", "space j", "a//b*|c"),
    ("normal", "a^", "space m", "m:a^"),
    ("normal", "m:a^", "space y", "a^"),
    ("normal", "m:a^", "space w", "r:a^"),
    *(("normal", "a^", f"space {level}", f"m:{'#' * level} a^") for level in range(1, 7)),
    ("normal", "a^=1", "space c", "a^"),
    ("insert", "a^|b", "shift+enter", "a|b*"),
    ("insert", "a^|b", "f9", "a|b*"),
    ("insert", "a^|b", "ctrl+j", "a*|b"),
    ("insert", "a^|b", "alt+enter", "a|^|b"),
    ("insert", "a^|b", "f8", "a|^|b"),
    ("insert", "a^|b", "ctrl+enter", "a*|b"),
    ("visual", "a^|b", "f9", "a|b*"),
    ("visual", "a^|b", "ctrl+enter", "a*|b"),
    ("visual", "a^|b", "ctrl+j", "a*|b"),
    ("visual", "a^|b", "shift+enter", "a|b*"),
    ("visual", "a^|b", "f8", "a|^|b"),
    ("visual", "a^|b", "alt+enter", "a|^|b"),
]
"""Mode, cells, keys, and the cells after."""

ASKED = [
    ("command", "a*", "pagedown", ("visible_page", 1)),
    ("command", "a*", "pageup", ("visible_page", -1)),
    ("command", "a*", "ctrl+d", ("visible_page", 1)),
    ("command", "a*", "ctrl+f", ("visible_page", 1)),
    ("command", "a*", "ctrl+u", ("visible_page", -1)),
    ("command", "a*", "ctrl+b", ("visible_page", -1)),
    ("command", "a*", "ctrl+e", ("scroll", 1, 0)),
    ("command", "a*", "ctrl+y", ("scroll", -1, 0)),
    ("command", "a*", "z z", ("centre",)),
    ("command", "a*", "z .", ("centre",)),
    ("command", "a*", "z t", ("put_at_edge", -1)),
    ("command", "a*", "z enter", ("put_at_edge", -1)),
    ("command", "a*", "z b", ("put_at_edge", 1)),
    ("command", "a*", "z -", ("put_at_edge", 1)),
    ("command", "a=1*", "g y", ("copy", "1")),
    ("command", "a*", "y y", ("copy", "a")),
    ("command", "a*", "Y", ("copy", "a")),
    ("command", "a*", '" + y y', ("copy", "a")),
    ("command", "a*", "space -", ("notify", "Splitting needs a cursor: Enter edits the cell.", "information")),
    ("command", "a=1*", "space l", ("open_viewer", "c0")),
    ("command", "a=1*", "l", ("open_viewer", "c0")),
    ("command", "a*", "space /", ("find",)),
    ("command", "a*", "/", ("find",)),
    ("command", "a*", "n", ("find_again", 1)),
    ("command", "a*", "N", ("find_again", -1)),
    ("command", "a*", "?", ("help",)),
    ("command", "a*", "ctrl+p", ("palette", "")),
    ("command", "a*", ":", ("palette", "")),
    ("command", "a*", "ctrl+l", ("redraw",)),
    ("command", "a*", "ctrl+z", ("suspend",)),
    ("command", "a*", "space ?", ("palette", "")),
    ("command", "a*|b", "space g", ("ask", "Go to cell:", "")),
    ("command", "a*", "Z Q", ("exit",)),
    ("command", "a*", "Z Z", ("exit",)),
    ("command", "a*", "ctrl+q", ("exit",)),
    ("normal", "a^", "space /", ("find",)),
    ("normal", "a^", "space ?", ("palette", "")),
    ("normal", "a^", "ctrl+p", ("palette", "")),
    ("normal", "a^", "ctrl+z", ("suspend",)),
    ("normal", "a^", "ctrl+l", ("redraw",)),
    ("normal", "a^|b", "space g", ("ask", "Go to cell:", "")),
    ("normal", "a^", "f1", ("help",)),
    ("normal", "a^=1", "space l", ("open_viewer", "c0")),
    ("normal", "a^", "ctrl+q", ("exit",)),
    ("insert", "a^", "f1", ("help",)),
    ("insert", "a^", "ctrl+q", ("exit",)),
    ("visual", "a^", "f1", ("help",)),
    ("visual", "a^", "ctrl+q", ("exit",)),
]
"""Mode, cells, keys, and what the screen is asked for."""

REQUESTS = [
    ("command", "a*|b", "space R", [("run", "a", "b")]),
    ("command", "a|b*|c", "space r", [("run", "b")]),
    ("command", "a|b*|c", "ctrl+enter", [("run", "b")]),
    ("command", "a|b*|c", "ctrl+j", [("run", "b")]),
    ("command", "a|b*|c", "space A", [("run", "a")]),
    ("command", "a|b*|c", "space B", [("run", "b", "c")]),
    ("command", "a*", "ctrl+c", [("interrupt",)]),
    ("command", "a*", "space s", [("save", None, False)]),
    ("normal", "a^|b", "space R", [("run", "a", "b")]),
    ("normal", "a|b^|c", "space A", [("run", "a")]),
    ("normal", "a|b^|c", "space B", [("run", "b", "c")]),
    ("normal", "a^", "space s", [("save", None, False)]),
    ("normal", "a/^b/c", "f7", [("run_part", "c0", "b")]),
    ("normal", "a/^b/c", "shift+f7", [("run_part", "c0", "a\nb")]),
    ("normal", "a^", "ctrl+s", [("save", None, False)]),
    ("insert", "a/^b/c", "f7", [("run_part", "c0", "b")]),
    ("insert", "a/^b/c", "shift+f7", [("run_part", "c0", "a\nb")]),
    ("insert", "a^", "ctrl+s", [("save", None, False)]),
    ("visual", "a^", "ctrl+s", [("save", None, False)]),
]
"""Mode, cells, keys, and all that is asked of the session."""

TEXT = [
    ("normal", "a/b^", "alt+up", "b^/a"),
    ("normal", "a^/b", "alt+down", "b/a^"),
    ("normal", "a/b^", "alt+shift+up", "a/b^/b"),
    ("normal", "a^/b", "alt+shift+down", "a/a^/b"),
    ("normal", "a^", "space k", "inspect"),
    ("normal", "a^", "shift+tab", "inspect"),
    ("insert", "a^", "tab", "complete"),
    ("insert", "^a", "tab", "    ^a"),
    *(("insert", "a^", keys, "complete") for keys in ("ctrl+n", "ctrl+p", "ctrl+space")),
    *(("insert", "a^", f"ctrl+x ctrl+{letter}", "complete") for letter in "onpf"),
    ("insert", "a^", "shift+tab", "inspect"),
    ("insert", "    ^a", "shift+tab", "^a"),
    ("insert", "ab cd^", "alt+backspace", "ab ^"),
    ("insert", "ab cd^", "ctrl+backspace", "ab ^"),
    ("insert", "a/b^", "alt+up", "b^/a"),
    ("insert", "a^/b", "alt+down", "b/a^"),
]
"""Mode, the text, keys, and the text after."""

ROWS = [
    *vim_rows(CHANGES, cells),
    *vim_rows(ASKED, host),
    *vim_rows(REQUESTS, session),
    *vim_rows(TEXT, editor, text),
    *rows([("a*", digit, ("count", digit)) for digit in "123456789"], host),
    *rows([("a|b*", "i", "begin inserting"), ("a|b*", "a", "begin inserting")], editor, text),
    *rows(
        [("m:# A*|b", "z c", ["# A is folded"]), ("m:# A*|b", "z a", ["# A is folded"]), ("m:# A*|b", "z c z o", [])], folded
    ),
    *rows([("m:# A*|b|m:# C|d", "z M", ["# A is folded", "# C is folded"]), ("m:# A*|b|m:# C|d", "z M z R", [])], folded),
    *vim_rows(
        [
            ("command", "a=1*|b=2", "space o", {"c0"}),
            ("normal", "a^=1|b=2", "space o", {"c0"}),
            ("command", "a=1*|b=2", "space O", {"c0", "c1"}),
            ("normal", "a^=1|b=2", "space O", {"c0", "c1"}),
            ("command", "a*", "space n", "numbers"),
            ("normal", "a^", "space n", "numbers"),
        ],
        view,
    ),
    *rows([("a*", "q", ("begin_with", "q")), ("a*", "@", ("begin_with", "@"))], host, registers),
    *rows([("a*", "q", "a^"), ("a*", "@", "a^")], cells, registers),
    *rows(
        [("a|b*|c", "] d", ("edit_from", "c2", 0)), ("a|b*|c", "[ d", ("edit_from", "c0", 0))],
        host,
        first_and_last_have_problems,
    ),
    *rows([("a*|b|c", "] s", "a|b|c*"), ("a|b|c*", "[ s", "a*|b|c")], cells, first_and_last_edited),
    *vim_rows(
        [
            ("command", "a*|b|c/d", "] e", "a|b|c/d*"),
            ("command", "a*|b|c/d", "space F", "a|b|c/d*"),
            ("normal", "a^|b|c/d", "space F", "a|b|c/d^"),
        ],
        cells,
        last_failed,
    ),
    *vim_rows(
        [
            ("command", "a/b/c*", "space f", ("edit_at", "c0", 1)),
            ("normal", "a/b/c^", "space f", ("edit_at", "c0", 1)),
        ],
        host,
        last_failed,
    ),
    *vim_rows(
        [("command", "a*", "space p", ("go_to_prompt",)), ("normal", "a^", "space p", ("go_to_prompt",))], host, waits_for_input
    ),
    *vim_rows([("normal", "a|b^", "ctrl+o", "a*|b")], cells, came_from_the_first),
    *vim_rows([("normal", "a|b^", "ctrl+o enter tab", ("edit_from", "c1", 1))], host, came_from_the_first),
    *vim_rows(
        [
            ("command", "a|b*", "space e", "a|new*"),
            ("normal", "a|b^", "space e", "a|new^"),
            ("command", "a|b*", "space E", "new*"),
            ("normal", "a|b^", "space E", "new*"),
        ],
        cells,
        answers("new"),
    ),
    *vim_rows([("command", "a + b*", "space =", "a+b*"), ("normal", "a + b^", "space =", "a+b^")], cells, formatter),
    *vim_rows([("normal", "val|val^", keys, ("edit_from", "c0", 0)) for keys in ("ctrl+]", "space d")], host, language_server),
    *vim_rows(
        [
            (
                "normal",
                "val|val^",
                "space D",
                USES,
            )
        ],
        host,
        language_server,
    ),
    *vim_rows([("normal", "a^", "space a", ("actions", "c0", 1, 1))], servers, language_server),
    *vim_rows([("normal", "val|val^", "space N", "new|new^")], cells, renaming),
]


def ctrl_o_begins_commands_on_cells(it: Desk) -> None:
    """The settings say `[vim] ctrl_o = "cells"`."""
    it.keymap = Keymap.from_tables(SETS["vim"], own_keys(Config(key_set="vim", vim=VimSettings(ctrl_o="cells"))))


CTRL_O = [
    *vim_rows(
        [
            ("normal", "a^|b", "ctrl+o o", "a|^|b"),
            ("normal", "a|b^", "ctrl+o O", "a|^|b"),
            ("normal", "a^|b", "ctrl+o d", "b*"),
            ("normal", "a^|b", "ctrl+o y ctrl+o p", "a|a*|b"),
            ("normal", "a|b^", "ctrl+o y ctrl+o P", "a|b*|b"),
            ("normal", "ab^cd", "ctrl+o - ctrl+o u", "abcd*"),
            ("normal", "ab^cd", "ctrl+o -", "ab|cd^"),
            ("normal", "a^|b", "ctrl+o j", "a//b*"),
            ("normal", "a|b^", "ctrl+o g", "a*|b"),
            ("normal", "a^|b", "ctrl+o G", "a|b*"),
        ],
        cells,
        ctrl_o_begins_commands_on_cells,
    ),
    *vim_rows(
        [("normal", "a^", "ctrl+o y", ("copy", "a")), ("normal", "a^", "ctrl+o z", ("centre",))],
        host,
        ctrl_o_begins_commands_on_cells,
    ),
]


def test_each_key_after_ctrl_o() -> None:
    check = Check("vim")
    for row in CTRL_O:
        check.row(row)
    assert check.wrong == []
    assert check.pressed == {("normal", to_sequence(keys)) for keys, name in CTRL_O_CELLS.items() if name}


def test_the_settings_know_all_sets() -> None:
    assert tuple(SETS) == KEY_SETS


@pytest.mark.parametrize("name", SETS)
def test_no_binding_is_the_start_of_another(name: str) -> None:
    keymap = Keymap.from_tables(SETS[name])
    for mode in keymap.modes:
        bound = list(keymap.bindings(mode))
        assert not [(one, other) for one in bound for other in bound if one != other and other[: len(one)] == one]


def test_modes_of_vim_can_be_bound() -> None:
    own = {"normal": {"g c": "toggle-comment", "ctrl+o": ""}, "insert": {"ctrl+l": "leave-edit-mode"}}
    keymap = Keymap.from_tables(SETS["vim"], own)
    assert isinstance(keymap.feed("normal", "ctrl+o", 0.0), NoMatch)
    assert isinstance(keymap.feed("insert", "ctrl+l", 0.0), Match)
    assert keymap.describe("toggle-comment") == ("gc",)


def test_a_mode_that_the_set_does_not_have_is_named() -> None:
    with pytest.raises(ConfigError, match="no mode 'edit'") as error:
        Keymap.from_tables(SETS["vim"], {"edit": {"f2": "save"}})
    assert "command, normal, visual, insert" in str(error.value)
    with pytest.raises(ConfigError, match="can't be used in command mode"):
        Keymap.from_tables(SETS["vim"], {"command": {"f2": "inspect"}})


def test_the_listing_has_all_keys_with_a_line_about_each() -> None:
    found = {table.title: table.rows for table in tables(Keymap.from_tables(SETS["vim"]))}
    assert ("dd  x", "Cut the selected cells") in found["On cells (command mode)"]
    assert ("w  Ctrl+Right", "The start of the next word") in found["vim: motions"]
    assert ("gU", "Make upper-case") in found["vim: operators, before a motion or an object"]
    assert ("Ctrl+R", "Redo") in found["vim: normal mode"]
    assert all(keys and doc for rows in found.values() for keys, doc in rows)
    assert [table.title for table in tables(Keymap.from_tables(SETS["jupyter"]))] == [
        "On cells (command mode)",
        "In a cell (edit mode)",
    ]
