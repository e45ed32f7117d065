"""The keys of VS Code's set that are not the default ones, as rows (before, keys, after). test_every_set.py plays them."""

from __future__ import annotations

from tests.commands.conftest import Desk
from tests.commands.keymap.rows import (
    cells,
    editor,
    first_and_last_have_problems,
    host,
    renaming,
    rows,
    text,
    two_tabs,
    view,
)

ROWS = [
    *rows(
        [
            ("ab^ ab", "ctrl+d", "~ab^ ab"),
            ("ab^ ab", "ctrl+shift+l", "~ab^ ~ab^"),
            ("ab/c^d", "alt+ctrl+up", "a^b/c^d"),
            ("a^b/cd", "alt+ctrl+down", "a^b/c^d"),
            ("ab/c^d", "alt+ctrl+up escape", "a^b/cd"),
            ("a/b^/c", "ctrl+x", "a/c^"),
            ("ab^", "shift+left ctrl+x", "cut"),
            ("f^(a)", "ctrl+shift+backslash", "f(a^)"),
        ],
        editor,
        text,
    ),
    *rows(
        [
            ("a*", "f1", ("palette", "")),
            ("a^", "f1", ("palette", "")),
            ("a*", "alt+x", ("palette", "")),
            ("a^", "alt+x", ("palette", "")),
            ("a*", "ctrl+shift+p", ("palette", "")),
            ("a^", "ctrl+shift+p", ("palette", "")),
            ("a=1*", "g l", ("open_viewer", "c0")),
        ],
        host,
    ),
    *rows([("a*", "ctrl+p", ("pick_file", "/notebooks")), ("a^", "ctrl+p", ("pick_file", "/notebooks"))], host, two_tabs),
    *rows(
        [
            ("a*|b", "d d ctrl+z", "a*|b"),
            ("a*|b", "d d ctrl+z ctrl+y", "b*"),
            ("a*|b", "d d ctrl+z ctrl+shift+z", "b*"),
            ("a/b^|c", "ctrl+backslash ctrl+z ctrl+shift+z", "a/b|^|c"),
        ],
        cells,
    ),
    *rows([("a*", "l", "numbers")], view),
    *rows(
        [("a|b^|c", "alt+f8", ("edit_from", "c2", 0)), ("a|b^|c", "alt+shift+f8", ("edit_from", "c0", 0))],
        host,
        first_and_last_have_problems,
    ),
    *rows([("val|val^", "f2", "new|new^")], cells, renaming),
]


def test_escape_makes_several_cursors_one_before_it_leaves_the_cell() -> None:
    it = Desk("ab/c^d", keys="vscode")
    text(it)
    it.press("alt+ctrl+up escape")
    assert it.view.mode == "edit"
    it.press("escape")
    assert it.view.mode == "command"
