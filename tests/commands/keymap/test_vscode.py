"""The keys of VS Code's set that are not the default ones, as rows (before, keys, after). test_every_set.py plays them."""

from __future__ import annotations

from tests.commands.conftest import Desk
from tests.commands.keymap.rows import (
    USES,
    answers,
    cells,
    detachable,
    editor,
    first_and_last_have_problems,
    folded,
    formatter,
    host,
    language_server,
    programs,
    renaming,
    resumed,
    rows,
    servers,
    session,
    sorts_imports,
    stopped,
    tabs,
    ten_tabs,
    text,
    two_tabs,
    view,
)


def both(keys: str, after: object) -> list[tuple[str, str, object]]:
    """Rows of keys that do the same on a cell and in one."""
    return [("a*", keys, after), ("a^", keys, after)]


TEXT = [
    ("ab^ ab", "ctrl+d", "~ab^ ab"),
    ("ab^ ab", "ctrl+shift+l", "~ab^ ~ab^"),
    ("ab^ ab ab", "ctrl+d ctrl+k ctrl+d", "ab ~ab^ ab"),
    ("ab^ ab", "ctrl+d ctrl+d ctrl+u", "~ab^ ab"),
    ("ab/c^d", "alt+ctrl+up", "a^b/c^d"),
    ("a^b/cd", "alt+ctrl+down", "a^b/c^d"),
    ("ab/c^d", "alt+ctrl+up escape", "a^b/cd"),
    ("a^b/cd", "shift+down alt+shift+i", "ab^/cd^"),
    ("a/b^/c", "ctrl+x", "a/c^"),
    ("ab^", "shift+left ctrl+x", "cut"),
    ("a/b^/c", "ctrl+k ctrl+k", "a/c^"),
    ("a  /b ^ ", "ctrl+k ctrl+x", "a/b^"),
    ("a^", "alt+shift+a", "# a^"),
    ("# a^", "alt+shift+a", "a^"),
    ("# a^", "ctrl+k ctrl+c", "# # a^"),
    ("# # a^", "ctrl+k ctrl+u", "# a^"),
    ("f^(a)", "ctrl+shift+backslash", "f(a^)"),
    *(("a^", keys, "inspect") for keys in ("alt+f12", "ctrl+shift+space", "ctrl+k tab")),
]

HOST = [
    *both("f1", ("palette", "")),
    *both("alt+x", ("palette", "")),
    *both("ctrl+shift+p", ("palette", "")),
    *both("ctrl+shift+f", ("find",)),
    *both("f3", ("find_again", 1)),
    *both("shift+f3", ("find_again", -1)),
    *both("ctrl+shift+s", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
    *both("ctrl+b", ("show_contents",)),
    *both("ctrl+k ctrl+s", ("help",)),
    *both("ctrl+k ctrl+t", ("choose", "Theme (arrows preview, Enter selects, Esc cancels)", ["dark", "light", "broken"])),
    ("a*", "ctrl+w", ("exit",)),
    ("a=1*", "g l", ("open_viewer", "c0")),
]

CHANGES = [
    ("a*|b", "d d ctrl+z", "a*|b"),
    ("a*|b", "d d ctrl+z ctrl+y", "b*"),
    ("a*|b", "d d ctrl+z ctrl+shift+z", "b*"),
    ("a/b^|c", "ctrl+backslash ctrl+z ctrl+shift+z", "a/b|^|c"),
    ("a|b|c*", "ctrl+home", "a*|b|c"),
    ("a*|b|c", "ctrl+end", "a|b|c*"),
    ("a|b*|c", "ctrl+up", "a*|b|c"),
    ("a*|b|c", "ctrl+down", "a|b*|c"),
    ("a*", "ctrl+k m", "m:a*"),
    ("a^", "ctrl+k m", "m:a^"),
]

FOLDS = [
    *(("m:# A*|b", keys, ["# A is folded"]) for keys in ("ctrl+k 0", "ctrl+k ctrl+0", "ctrl+k ctrl+l")),
    *(("m:# A|b^", keys, ["# A is folded"]) for keys in ("ctrl+k 0", "ctrl+k ctrl+0", "ctrl+k ctrl+l")),
    ("m:# A*|b", "ctrl+k 0 ctrl+k ctrl+j", []),
    ("m:# A*|b", "ctrl+k 0 enter ctrl+k ctrl+j", []),
    ("m:# A*|b", "ctrl+k 0 ctrl+k ctrl+l", []),
]

TABS = [
    *both("ctrl+tab", ("go", 2)),
    *both("ctrl+shift+tab", ("go", 0)),
]

ROWS = [
    *rows(TEXT, editor, text),
    *rows([("a/b^/c", "ctrl+x", ("copy", "b\n")), ("a/b^", "ctrl+x", ("copy", "b\n"))], host, text),
    *rows(HOST, host),
    *rows(CHANGES, cells),
    *rows(both("ctrl+k s", [("save", None, False)]), session),
    *rows([*both("ctrl+,", "config.toml"), *both("ctrl+k ,", "config.toml")], programs),
    *rows([("a*", "l", "numbers"), *both("alt+z", "cut")], view),
    # going about
    *rows(FOLDS, folded),
    *rows(
        [(before, keys, "m:# A|m:# B*") for before in ("m:# A*|m:# B", "m:# A^|m:# B") for keys in ("ctrl+t", "ctrl+shift+o")],
        cells,
        answers((1,)),
    ),
    *rows(both("ctrl+k ctrl+w", ("exit", "tabs")), host, detachable),
    *rows(TABS, tabs, two_tabs),
    *rows([row for number in range(1, 10) for row in both(f"alt+{number}", ("go", number - 1))], tabs, ten_tabs),
    *rows(
        [row for keys in ("ctrl+p", "ctrl+shift+e", "ctrl+k ctrl+o") for row in both(keys, ("pick_file", "/notebooks"))],
        host,
        two_tabs,
    ),
    *rows(
        [
            (before, keys, ("edit_from", place, 0))
            for before in ("a|b*|c", "a|b^|c")
            for keys, place in (("alt+f8", "c2"), ("ctrl+shift+m", "c2"), ("alt+shift+f8", "c0"))
        ],
        host,
        first_and_last_have_problems,
    ),
    # the debugger
    *rows([*both("ctrl+shift+d", ("show_calls",)), *both("alt+d", ("show_calls",))], host, stopped),
    *rows(both("shift+f11", "stepOut"), resumed, stopped),
    # programs that read the code
    *rows([("a + b*", "ctrl+k ctrl+f", "a+b*"), ("a + b^", "ctrl+k ctrl+f", "a+b^")], cells, formatter),
    *rows(
        [
            ("import b/import a*", "alt+shift+o", "import a/import b*"),
            ("import b/import a^", "alt+shift+o", "import a/import b^"),
        ],
        cells,
        sorts_imports,
    ),
    *rows([("val|val^", "f2", "new|new^")], cells, renaming),
    *rows([("val|val^", "alt+shift+f12", USES)], host, language_server),
    *rows([("a^", keys, ("actions", "c0", 1, 1)) for keys in ("ctrl+.", "alt+.")], servers),
]


def test_escape_makes_several_cursors_one_before_it_leaves_the_cell() -> None:
    it = Desk("ab/c^d", keys="vscode")
    text(it)
    it.press("alt+ctrl+up escape")
    assert it.view.mode == "edit"
    it.press("escape")
    assert it.view.mode == "command"
