"""Every key of Emacs' set as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.keymap.rows import (
    USES,
    came_from_the_first,
    cells,
    detachable,
    editor,
    first_and_last_have_problems,
    host,
    language_server,
    resumed,
    rows,
    session,
    stopped,
    text,
    two_tabs,
    view,
    waits_for_input,
)
from tuinb.commands.keymap.emacs import EMACS_KEYS
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
    ("a^|b", "ctrl+c ctrl+k ctrl+shift+minus", "a|b^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+x u", "a|b^"),
    ("a^|b", "ctrl+c ctrl+k ctrl+x u alt+_", "b^"),
    # command mode, which only Esc Esc enters
    ("a^|b", "escape escape", "a*|b"),
    ("a*|b", "alt+enter", "a|b*"),
    ("a*|b", "f8", "a|^|b"),
    ("a|b*", "ctrl+c ctrl+a", "a|*|b"),
    ("a*|b", "ctrl+c ctrl+b", "a|*|b"),
    ("a*|b", "ctrl+c ctrl+n", "a|b*"),
    ("a|b*", "ctrl+c ctrl+p", "a*|b"),
    ("a*|b", "ctrl+c ctrl+k", "b*"),
    ("a*|b", "ctrl+c ctrl+y", "a*|b"),
    ("a*|b", "ctrl+c ctrl+w ctrl+c ctrl+y", "a|a*|b"),
    ("a*|b", "ctrl+c down", "b|a*"),
    ("a|b*", "ctrl+c up", "b*|a"),
    ("a*", "ctrl+c ctrl+t", "m:a*"),
    ("a*|b", "ctrl+c enter", "a//b*"),
    ("a=1*", "ctrl+c ctrl+l", "a*"),
]


TEXT = [
    ("ab^c", "ctrl+f", "abc^"),
    ("ab^c", "ctrl+b", "a^bc"),
    ("a^b/cd", "ctrl+n", "ab/c^d"),
    ("ab/cd^", "ctrl+p", "ab^/cd"),
    ("x/  ab^", "ctrl+a", "x/^  ab"),
    ("^ab/c", "ctrl+e", "ab^/c"),
    ("^ab cd", "alt+f", "ab^ cd"),
    ("ab cd^", "alt+b", "ab ^cd"),
    ("x/  ab^", "alt+m", "x/  ^ab"),
    ("a//b/c^", "alt+{", "a/^/b/c"),
    ("^a/b//c", "alt+}", "a/b/^/c"),
    ("a/b^", "alt+<", "^a/b"),
    ("^a/b", "alt+>", "a/b^"),
    ("a^/b/c/d", "ctrl+v", "a/b/c^/d"),
    ("a/b/c/d^", "alt+v", "a/b^/c/d"),
    # the mark and the kill ring
    ("a^bc", "ctrl+space ctrl+f", "a~b^c"),
    ("ab^c", "ctrl+space", "mark 2"),
    ("a^b", "ctrl+space ctrl+f ctrl+x ctrl+x", "a^b~"),
    ("ab^", "ctrl+x h", "^ab~"),
    ("a^bc/x", "ctrl+k", "a^/x"),
    ("^ab cd", "alt+d", "^ cd"),
    ("^ab cd", "ctrl+delete", "^ cd"),
    ("ab cd^", "alt+backspace", "ab ^"),
    ("ab cd^", "ctrl+backspace", "ab ^"),
    ("ab^", "ctrl+space ctrl+b ctrl+w", "a^"),
    ("ab^", "ctrl+space ctrl+b alt+w", "copy-region"),
    ("a^", "ctrl+y", "yank"),
    ("a^", "alt+y", "yank-earlier"),
    ("ab^", "ctrl+space ctrl+b ctrl+g", "a^b"),
    # changes
    ("if x:^", "enter", "if x:/    ^"),
    ("if x:^", "ctrl+j", "if x:/    ^"),
    ("a^b", "ctrl+o", "a^/b"),
    ("ab^c", "backspace", "a^c"),
    ("a^bc", "delete", "a^c"),
    ("a^bc", "ctrl+d", "a^c"),
    ("^a", "tab", "    ^a"),
    ("a^", "tab", "complete"),
    ("a^", "alt+/", "complete"),
    ("    ^a", "shift+tab", "^a"),
    ("a^", "shift+tab", "inspect"),
    ("a^", "ctrl+c ctrl+f", "inspect"),
    ("a^b", "ctrl+t", "ba^"),
    ("a^b cd", "alt+t", "cd ab^"),
    ("^ab", "alt+u", "AB^"),
    ("^AB", "alt+l", "ab^"),
    ("^ab", "alt+c", "Ab^"),
    ("a^", "alt+;", "a  # ^"),
    ("a/b^", "alt+^", "a^ b"),
    ("a  ^  b", "alt+backslash", "a^b"),
    ("a  ^  b", "alt+space", "a ^b"),
    ("a/b^", "alt+up", "b^/a"),
    ("a^/b", "alt+down", "b/a^"),
]

EVERYWHERE = [
    ("alt+x", ("palette", "")),
    ("ctrl+g", ("cancel",)),
    ("ctrl+u", ("count", "")),
    *((f"alt+{digit}", ("count", digit)) for digit in "0123456789-"),
    ("ctrl+x (", ("start_macro",)),
    ("ctrl+x )", ("end_macro",)),
    ("ctrl+x e", ("run_macro",)),
    ("ctrl+z", ("suspend",)),
    ("ctrl+s", ("find",)),
    ("ctrl+r", ("find", "backward")),
    ("alt+%", ("find", "replaces")),
    ("ctrl+l", ("centre",)),
    ("ctrl+x ctrl+w", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
    ("ctrl+x ctrl+f", ("pick_file", "/notebooks")),
    ("ctrl+x b", ("choose", "Go to which tab?", ["load", "analysis", "plot"])),
    ("ctrl+x k", ("exit",)),
    ("ctrl+c '", ("edit_text", "analysis-cell-1.py", "a", 1)),
    ("ctrl+c ctrl+o", ("open_viewer", "c0")),
    ("ctrl+c ctrl+w", ("copy", "a")),
]
"""Keys on cells and on text, and what the screen is asked for."""

RUNNING = [
    ("ctrl+c ctrl+c", ("run", "a")),
    ("ctrl+enter", ("run", "a")),
    ("alt+enter", ("run", "a")),
    ("shift+enter", ("run", "a")),
    ("ctrl+c ctrl+z", ("interrupt",)),
    ("ctrl+x ctrl+s", ("save", None, False)),
]
"""The same, and what the session is asked for."""

ROWS = [
    *rows(CHANGES, cells),
    *rows(TEXT, editor, text),
    *rows([(f"a{mark}=1", keys, asked) for keys, asked in EVERYWHERE for mark in "^*"], host, two_tabs),
    *rows([(f"a{mark}", keys, [asked]) for keys, asked in RUNNING for mark in "^*"], session),
    *rows([("a/^b/c", "f7", [("run_part", "c0", "b")]), ("a/^b/c", "shift+f7", [("run_part", "c0", "a\nb")])], session),
    *rows([("a^", "ctrl+x ctrl+z", ("detach", "terminal")), ("a*", "ctrl+x ctrl+z", ("detach", "terminal"))], host, detachable),
    *rows([("a^", "ctrl+c ctrl+g", ("go_to_prompt",)), ("a*", "ctrl+c ctrl+g", ("go_to_prompt",))], host, waits_for_input),
    *rows([("a|b^", "alt+,", "a*|b"), ("a|b*", "alt+,", "a*|b")], cells, came_from_the_first),
    *rows([("a^", "ctrl+x ctrl+c", ("exit", "tabs")), ("a*", "ctrl+x ctrl+c", ("exit", "tabs"))], host, detachable),
    *rows([("a|b^", "alt+left alt+right", ("edit_from", "c1", 1))], host, came_from_the_first),
    *rows([("a^=1", "ctrl+c ctrl+e", {"c0"}), ("a=1*", "ctrl+c ctrl+e", {"c0"})], view),
    *rows(
        [
            ("a^", "alt+g g", ("ask", "Go to line (1 to 1):", "")),
            ("a^", "alt+g alt+g", ("ask", "Go to line (1 to 1):", "")),
        ],
        host,
    ),
    *rows(
        [
            ("a|b^|c", "alt+g n", ("edit_from", "c2", 0)),
            ("a|b^|c", "alt+g p", ("edit_from", "c0", 0)),
            ("a|b^|c", "alt+g alt+n", ("edit_from", "c2", 0)),
            ("a|b^|c", "alt+g alt+p", ("edit_from", "c0", 0)),
        ],
        host,
        first_and_last_have_problems,
    ),
    *rows([("a^", "f12", "stepOut"), ("a*", "f12", "stepOut")], resumed, stopped),
    *rows([("val|val^", "alt+.", ("edit_from", "c0", 0))], host, language_server),
    *rows(
        [("val|val^", "alt+?", USES)],
        host,
        language_server,
    ),
    *rows([("[a|b*]", "escape", "a|b*")], cells),
]


@pytest.mark.parametrize("mode", EMACS_KEYS)
def test_escape_before_a_key_is_alt(mode: Mode) -> None:
    bound = EMACS_KEYS[mode]
    twins = {keys: name for keys, name in bound.items() if keys.startswith("escape ") and keys != "escape escape"}
    assert {f"alt+{keys.removeprefix('escape ')}": name for keys, name in twins.items()}.items() <= bound.items()
    shown = [part for name in set(bound.values()) for part in Keymap.from_tables(EMACS_KEYS).describe(name, mode)]
    assert [part for part in shown if part.startswith("Esc ")] == (["Esc Esc"] if mode == "edit" else [])
