"""Every default key as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.commands.keymap.rows import (
    USES,
    answers,
    breakpoints,
    came_from_the_first,
    cells,
    check_box,
    detachable,
    editor,
    first_and_last_edited,
    first_and_last_have_problems,
    folded,
    formatter,
    host,
    language_server,
    last_failed,
    last_runs,
    linked,
    marked,
    renaming,
    resumed,
    rows,
    session,
    stopped,
    tabs,
    text,
    two_tabs,
    two_types,
    view,
    waits_for_input,
    wide_output,
)
from tuinb.session.state import Breakpoint

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
    ("a*|b", "f8", "a|^|b"),
    ("a^|b", "alt+enter", "a|^|b"),
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
    ("a*|b|m:# C", "g j", "a|b|m:# C*"),
    ("m:# A|b*", "g k", "m:# A*|b"),
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
    ("a|b|c*", "shift+up", "a|[b*|c]"),
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
    ("a/b^=1", "ctrl+backslash super+z", "a/b^=1"),
    ("a/b^|c", "ctrl+backslash ctrl+z ctrl+y", "a/b|^|c"),
    ("a/b^|c", "ctrl+backslash ctrl+z super+y", "a/b|^|c"),
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
    ("m:# a*", "3", "m:### a*"),
    ("m:### a*", "3", "m:### a*"),
    ("m:###### a/b*", "4", "m:#### a/b*"),
    ("m:#hash*", "5", "m:##### #hash*"),
    ("*", "6", "m:###### *"),
    ("[a|b*]", "1 z", "[a|b*]"),
]


HOST = [
    ("a*", "pageup", ("visible_page", -1)),
    ("a*", "shift+space", ("visible_page", -1)),
    ("a*", "pagedown", ("visible_page", 1)),
    ("a*", "space", ("visible_page", 1)),
    ("[a*|b]", "c", ("copy", "a\n\nb")),
    ("a*", ":", ("palette", "")),
    ("a*", "ctrl+l", ("redraw",)),
    ("a*", "g r", ("notify", "No cell runs.", "information")),
    ("a*", "ctrl+g", ("notify", "The kernel waits for no input.", "information")),
    ("a^", "ctrl+g", ("ask", "Go to line (1 to 1):", "")),
    ("a*", "ctrl+p", ("palette", "")),
    ("a^", "ctrl+p", ("palette", "")),
    ("a*", "ctrl+shift+c", ("palette", "")),
    ("a^", "ctrl+shift+c", ("palette", "")),
    ("a*", "ctrl+shift+s", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
    ("a^", "ctrl+shift+s", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
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
    ("a*", "L", ("notify", "This cell has no links. :toggle-line-numbers shows line numbers.", "information")),
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
    ("a*", "ctrl+b", ("show_contents",)),
    ("df.head()*", "I", ("open_table", ("df",))),
    ("import x|x*", "=", ("choose", "Names", ["x  set in 1 · used in 2"])),
    ("a*", "f2", ("notify", "No problem was found in the code.", "information")),
    ("a^", "shift+f2", ("notify", "No problem was found in the code.", "information")),
    ("m:a*", "f6", ("notify", "There is no code to format.", "information")),
    ("m:a^", "alt+shift+f", ("notify", "There is no code to format.", "information")),
    ("a*", "/", ("find",)),
    ("a*", "ctrl+f", ("find",)),
    ("a^", "ctrl+f", ("find",)),
    ("a*", "n", ("find_again", 1)),
    ("a*", "N", ("find_again", -1)),
    ("a^", "f1", ("help",)),
    ("a*", "g ?", ("describe_key",)),
    ("a*", "ctrl+z", ("suspend",)),
    ("a*", "ctrl+q", ("exit",)),
    ("a^", "ctrl+q", ("exit",)),
    ("a*", "ctrl+shift+q", ("exit",)),
    ("a^", "ctrl+shift+q", ("exit",)),
]


SESSION = [
    ("a*|b", "ctrl+enter", [("run", "a")]),
    ("a^|b", "ctrl+enter", [("run", "a")]),
    ("a*|b", "ctrl+j", [("run", "a")]),
    ("a*|b", "f9", [("run", "a")]),
    ("[a*|m:b|c]", "ctrl+e", [("run", "a", "c")]),
    ("a^|b", "f8", [("run", "a")]),
    ("m:# H|a*|m:## I|b|m:# J|c", "S", [("run", "a", "b")]),
    ("a/^b/c", "f7", [("run_part", "c0", "b")]),
    ("a/^b/c", "shift+f7", [("run_part", "c0", "a\nb")]),
    ("import x|y|x*", "(", [("run", "import x", "x")]),
    ("import x*|y|x", ")", [("run", "import x", "x")]),
    ("a*", "i i", [("interrupt",)]),
    ("a*", "ctrl+c", [("interrupt",)]),
    ("a^", "ctrl+c", [("interrupt",)]),
    ("a*", "s", [("save", None, False)]),
    ("a*", "ctrl+s", [("save", None, False)]),
    ("a^", "ctrl+s", [("save", None, False)]),
]


TEXT = [
    ("ab^c", "left", "a^bc"),
    ("ab^c", "right", "abc^"),
    ("ab/cd^", "up", "ab^/cd"),
    ("a^b/cd", "down", "ab/c^d"),
    ("ab cd^", "ctrl+left", "ab ^cd"),
    ("^ab cd", "ctrl+right", "ab^ cd"),
    ("x/  ab^", "home", "x/  ^ab"),
    ("^ab/c", "end", "ab^/c"),
    ("a/b/c/d^", "pageup", "a/b^/c/d"),
    ("a^/b/c/d", "pagedown", "a/b/c^/d"),
    ("a/b^", "ctrl+home", "^a/b"),
    ("^a/b", "ctrl+end", "a/b^"),
    ("ab/cd^", "shift+up", "ab^/cd~"),
    ("a^b/cd", "shift+down", "a~b/c^d"),
    ("ab^", "shift+left", "a^b~"),
    ("^ab", "shift+right", "~a^b"),
    ("ab cd^", "ctrl+shift+left", "ab ^cd~"),
    ("^ab cd", "ctrl+shift+right", "~ab^ cd"),
    ("x/  ab^", "shift+home", "x/  ^ab~"),
    ("^ab/c", "shift+end", "~ab^/c"),
    ("a/b/c/d^", "shift+pageup", "a/b^/c/d~"),
    ("a^/b/c/d", "shift+pagedown", "a~/b/c^/d"),
    ("a/b^", "ctrl+shift+home", "^a/b~"),
    ("^a/b", "ctrl+shift+end", "~a/b^"),
    ("a/b^c/d", "ctrl+l", "a/~bc^/d"),
    ("a/b^", "ctrl+a", "~a/b^"),
    ("a/b^", "alt+a", "~a/b^"),
    ("if x:^", "enter", "if x:/    ^"),
    ("ab^c", "backspace", "a^c"),
    ("a^bc", "delete", "a^c"),
    ("ab^ ab", "ctrl+d", "~ab^ ab"),
    ("ab^ ab", "ctrl+d ctrl+d", "~ab^ ~ab^"),
    ("ab cd^", "ctrl+w", "ab ^"),
    ("ab cd^", "ctrl+backspace", "ab ^"),
    ("ab cd^", "alt+backspace", "ab ^"),
    ("^ab cd", "ctrl+delete", "^ cd"),
    ("^ab cd", "alt+delete", "^ cd"),
    ("x/ab^c", "ctrl+u", "x/^c"),
    ("x/ab^c", "super+backspace", "x/^c"),
    ("a^bc/x", "ctrl+k", "a^/x"),
    ("a/b^/c", "ctrl+shift+k", "a/c^"),
    ("a/b^", "alt+up", "b^/a"),
    ("a^/b", "alt+down", "b/a^"),
    ("a/b^", "alt+shift+up", "a/b^/b"),
    ("a^/b", "alt+shift+down", "a/a^/b"),
    ("a^b", "ctrl+]", "    a^b"),
    ("a^", "ctrl+slash", "# a^"),
    ("a^", "ctrl+underscore", "# a^"),
    ("# a^", "alt+slash", "a^"),
    # Tab and Shift+Tab
    ("^a", "tab", "    ^a"),
    ("if x:/  ^a", "tab", "if x:/    ^a"),
    ("ab^", "shift+left tab", "    a^b~"),
    ("    ^a", "shift+tab", "^a"),
    ("    ab^", "shift+left shift+tab", "a^b~"),
    ("m:- a/- ^b", "tab", "- a/  - ^b"),
    ("m:x/  - ^", "shift+tab", "x/- ^"),
    # what needs the screen or the kernel
    ("a^", "tab", "complete"),
    ("m:- a^", "tab", "complete"),
    ("r:- ^", "tab", "complete"),
    ("- ^", "tab", "complete"),
    ("a^", "ctrl+space", "complete"),
    ("a^", "ctrl+@", "complete"),
    ("a^", "shift+tab", "inspect"),
    ("ab^", "shift+left ctrl+x", "cut"),
    ("ab^", "shift+left super+x", "cut"),
    ("ab^", "shift+left ctrl+c", "copy"),
    ("ab^", "shift+left super+c", "copy"),
    ("a^", "ctrl+v", "paste"),
]

# ---- with more on the desk

ROWS = [
    *rows(CHANGES, cells),
    *rows(HOST, host),
    *rows(SESSION, session),
    *rows(TEXT, editor, text),
    *rows(
        [
            ("a*", "0 0", [("restart",)]),
            ("a*", "0 r", [("restart",), ("remember outputs",), ("run", "a")]),
        ],
        session,
        answers(True),
    ),
    *rows([("a*|b", "g r", "a|b*")], cells, last_runs),
    *rows([("a*", "ctrl+g", ("go_to_prompt",)), ("a^", "ctrl+g", ("go_to_prompt",))], host, waits_for_input),
    # going about
    *rows([("a*|b|c", "]", "a|b|c*"), ("a|b|c*", "[", "a*|b|c")], cells, first_and_last_edited),
    *rows([("a|b*|c", "R", [("run", "a", "c")])], session, first_and_last_edited),
    *rows([("a*|b|c/d", "F", "a|b|c/d*")], cells, last_failed),
    *rows([("a/b/c*", "f", ("edit_at", "c0", 1))], host, last_failed),
    *rows(
        [
            ("a|b*", "alt+left", "a*|b"),
            ("a|b*", "alt+left alt+right", "a|b*"),
            ("a|b^", "alt+left", "a*|b"),
        ],
        cells,
        came_from_the_first,
    ),
    *rows([("a|b^", "alt+left enter alt+right", ("edit_from", "c1", 1))], host, came_from_the_first),
    *rows([("a*|b", "'", "a|b*")], cells, marked),
    *rows([("m:# A*|m:# B", "g o", "m:# A|m:# B*")], cells, answers((1,))),
    *rows(
        [
            ("a|b*|c", "f2", ("edit_from", "c2", 0)),
            ("a|b*|c", "shift+f2", ("edit_from", "c0", 0)),
            ("a|b^|c", "f2", ("edit_from", "c2", 0)),
            ("a|b^|c", "shift+f2", ("edit_from", "c0", 0)),
        ],
        host,
        first_and_last_have_problems,
    ),
    # what is folded and hidden
    *rows([("m:# A*|b", "left", ["# A is folded"]), ("m:# A*|b", "left right", [])], folded),
    *rows([("a*", "H", ["a is hidden"])], folded),
    *rows([("a=1*|b=2", "o", {"c0"}), ("a=1*|b=2", "O", {"c0", "c1"}), ("a*", "g n", "numbers")], view),
    # outputs
    *rows([("a=1*", "<", "column 0"), ("a=1*", "shift+left", "column 0")], view, wide_output),
    *rows([("a=1*", ">", "column 26"), ("a=1*", "shift+right", "column 26")], view, wide_output),
    *rows([("a*", "t", "text/plain")], view, two_types),
    *rows([("a*", "tab", [("operate widget", "c0", "on", {"value": True})])], session, check_box),
    *rows([("a*", "L", ("open_link", "https://example.org"))], host, linked),
    # the user's own programs
    *rows([("a|b*", "e", "a|new*"), ("a|b^", "ctrl+o", "a|new^"), ("a|b*", "E", "new*")], cells, answers("new")),
    *rows(
        [
            ("a + b*", "f6", "a+b*"),
            ("a + b^", "f6", "a+b^"),
            ("a + b*", "alt+shift+f", "a+b*"),
            ("a + b^", "alt+shift+f", "a+b^"),
        ],
        cells,
        formatter,
    ),
    # tabs and sessions
    *rows(
        [
            ("a*", "g t", ("go", 2)),
            ("a*", "ctrl+pagedown", ("go", 2)),
            ("a^", "ctrl+pagedown", ("go", 2)),
            ("a*", "g T", ("go", 0)),
            ("a*", "ctrl+pageup", ("go", 0)),
            ("a^", "ctrl+pageup", ("go", 0)),
            ("a*", "ctrl+shift+]", ("go", 2)),
            ("a^", "ctrl+shift+]", ("go", 2)),
            ("a*", "ctrl+shift+[", ("go", 0)),
            ("a^", "ctrl+shift+[", ("go", 0)),
        ],
        tabs,
        two_tabs,
    ),
    *rows(
        [
            ("a*", "g f", ("pick_file", "/notebooks")),
            ("a*", "ctrl+o", ("pick_file", "/notebooks")),
            ("a*", "ctrl+shift+f", ("pick_file", "/notebooks")),
            ("a^", "ctrl+shift+f", ("pick_file", "/notebooks")),
        ],
        host,
        two_tabs,
    ),
    *rows([("a*", "Q", ("detach", "terminal"))], host, detachable),
    # the debugger
    *rows(
        [
            ("a*", "f5", "continue"),
            ("a^", "f5", "continue"),
            ("a*", "f10", "next"),
            ("a^", "f10", "next"),
            ("a*", "f11", "stepIn"),
            ("a^", "f11", "stepIn"),
            ("a*", "f12", "stepOut"),
        ],
        resumed,
        stopped,
    ),
    *rows([("a*", "f3", ("show_calls",)), ("a^", "f3", ("show_calls",))], host, stopped),
    *rows([("a*", "B", Breakpoint(0)), ("a*", "f4", Breakpoint(0)), ("a/b^", "f4", Breakpoint(1))], breakpoints),
    # language servers
    *rows([("val|val^", "f12", ("edit_from", "c0", 0))], host, language_server),
    *rows(
        [("val|val^", "shift+f12", USES)],
        host,
        language_server,
    ),
    *rows([("val|val^", "alt+r", "new|new^")], cells, renaming),
]


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
    last_failed(it)
    it.press("f")
    assert it.host.log == [("edit_at", "c0", 1)]
