"""Every key of Emacs' set as (before, keys, after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.keymap.rows import (
    USES,
    answers,
    breakpoints,
    came_from_the_first,
    cells,
    detachable,
    editor,
    first_and_last_have_problems,
    host,
    language_server,
    marked,
    places,
    resumed,
    rows,
    session,
    stopped,
    tabs,
    text,
    two_tabs,
    view,
    waits_for_input,
)
from tests.commands.test_tabs import NO_TABS
from tuinb.commands.keymap.emacs import EMACS_KEYS
from tuinb.commands.keymap.keymap import Keymap
from tuinb.session.state import Breakpoint

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
    # expressions, definitions and sentences
    ("^f(a, (b)) + c", "ctrl+alt+f ctrl+alt+f", "f(a, (b))^ + c"),
    ("^f(a, (b)) + c", "ctrl+alt+n ctrl+alt+n", "f(a, (b))^ + c"),
    ("f(a, (b))^", "ctrl+alt+b", "f^(a, (b))"),
    ("f(a, (b))^", "ctrl+alt+p", "f^(a, (b))"),
    ("f(a, {b, c^})", "ctrl+alt+u", "f(a, ^{b, c})"),
    ("^f(a)", "ctrl+alt+d", "f(^a)"),
    ("x/def f():/    y^/z", "ctrl+alt+a", "x/^def f():/    y/z"),
    ("x/def f():/    y^/z", "ctrl+alt+e", "x/def f():/    y/^z"),
    ("x/f(1,/  2)^", "alt+a", "x/^f(1,/  2)"),
    ("^f(1,/  2)/x", "alt+e", "f(1,/  2)^/x"),
    ("m:One two. Three^.", "alt+a", "One two. ^Three."),
    ("m:^One two. Three.", "alt+e", "One two.^ Three."),
    # the mark and the kill ring
    ("a^bc", "ctrl+space ctrl+f", "a~b^c"),
    ("ab^c", "ctrl+space", "mark 2"),
    ("a^b", "ctrl+space ctrl+f ctrl+x ctrl+x", "a^b~"),
    ("ab^", "ctrl+x h", "^ab~"),
    ("a//b/c^//d", "alt+h", "a/^/b/c/~/d"),
    ("a/@x/def f():/    y^/z", "ctrl+alt+h", "a/^@x/def f():/    y/~z"),
    ("^f(a) + b", "ctrl+alt+space", "^f~(a) + b"),
    ("^f(a) + b", "ctrl+alt+space ctrl+alt+space", "^f(a)~ + b"),
    ("^ab cd", "alt+@", "^ab~ cd"),
    ("^ab cd", "alt+@ alt+@", "^ab cd~"),
    ("^f(a) + b", "alt+@", "mark 1"),
    ("a^bc/x", "ctrl+k", "a^/x"),
    ("f^(a, (b)) + c", "ctrl+alt+k", "f^ + c"),
    ("f^(a, (b)) + c", "ctrl+alt+k", "kill 8"),
    ("^f(1,/  2)/x", "alt+k", "^/x"),
    ("m:^One two. Three.", "alt+k", "^ Three."),
    ("^ab cd", "alt+d", "^ cd"),
    ("^ab cd", "ctrl+delete", "^ cd"),
    ("ab cd^", "alt+backspace", "ab ^"),
    ("ab cd^", "ctrl+backspace", "ab ^"),
    ("ab^", "ctrl+space ctrl+b ctrl+w", "a^"),
    ("ab^", "ctrl+space ctrl+b alt+w", "copy-region"),
    ("a^", "ctrl+y", "yank"),
    ("a^", "alt+y", "yank-earlier"),
    ("ab^", "ctrl+space ctrl+b ctrl+g", "a^b"),
    # what is between two columns
    ("a^bc/d/efg", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x space", "a~bc^/d^/e~fg^"),
    ("a^bc/d/efg", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x r t", "a~bc^/d^/e~fg^"),
    ("a^b/cd/ef", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x space ctrl+d", "a^/c^/e^"),
    ("a^bc/d/efg", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x r k", "a/d/e^"),
    ("a^bc/d/efg", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x r d", "a/d/e^"),
    ("a^bc/d/efg", "ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x r k", "kill 4"),
    ("^abc/def", "ctrl+space ctrl+n ctrl+f ctrl+g ctrl+x r k", "bc/^ef"),
    ("^abc/def", "ctrl+space ctrl+n ctrl+f ctrl+g ctrl+x space", "~a^bc/~d^ef"),
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
    ("^ab cd", "ctrl+space alt+f ctrl+x ctrl+u", "AB^ cd"),
    ("^ab cd", "ctrl+space alt+f ctrl+g ctrl+x ctrl+u", "AB^ cd"),
    ("^AB CD", "ctrl+space alt+f ctrl+x ctrl+l", "ab^ CD"),
    ("^ab", "alt+c", "Ab^"),
    ("a^", "alt+;", "a  # ^"),
    ("f(x)^ + {1, 2}", "ctrl+alt+t", "f{1, 2} + (x)^"),
    ("a/b^/c", "ctrl+x ctrl+t", "b/a/^c"),
    ("a//^//b", "ctrl+x ctrl+o", "a/^/b"),
    ("a/^/b", "ctrl+x ctrl+o", "a/^b"),
    ("a/b^", "ctrl+x tab", "a/    b^"),
    ("a/b^", "ctrl+c >", "a/    b^"),
    ("a/b^", "ctrl+x h ctrl+c > ctrl+c >", "^        a/        b~"),
    ("        a^", "ctrl+c <", "    a^"),
    ("x/# a/# b^", "alt+q", "x/# a b^"),
    ("m:a/b^//c", "alt+q", "a b^//c"),
    ("    # a^b", "alt+j", "    # a/    # ^b"),
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
    ("f3", ("start_macro",)),
    ("f4", ("end_or_run_macro",)),
    ("ctrl+z", ("suspend",)),
    ("ctrl+s", ("find",)),
    ("ctrl+r", ("find", "backward")),
    ("alt+%", ("find", "replaces")),
    ("ctrl+l", ("centre",)),
    ("ctrl+x ctrl+w", ("ask", "Save as:", "/notebooks/analysis.ipynb")),
    ("ctrl+x ctrl+f", ("pick_file", "/notebooks")),
    ("ctrl+x b", ("choose", "Go to which tab?", ["load", "analysis", "plot"])),
    ("ctrl+x ctrl+b", ("choose", "Go to which tab?", ["load", "analysis", "plot"])),
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

NO_REGION = ("notify", "Nothing is selected, and no mark is set.", "information")
NOTHING_TO_FILL = ("notify", "No text is here to fill: prose, a comment, or a string of several lines.", "information")

SAID = [
    *(("a^", f"ctrl+x {key}", NO_REGION) for key in ("space", "r t", "r k", "r d", "ctrl+u", "ctrl+l")),
    ("1^", "ctrl+alt+h", ("notify", "No function or class is here.", "information")),
    ("a^", "alt+q", NOTHING_TO_FILL),
    *(("a^", f"ctrl+x {key}", ("notify", NO_TABS, "error")) for key in ("b", "ctrl+b", "left", "right", "ctrl+f")),
    *(
        ("a^", f"ctrl+x r {key}", ("notify", "No place is marked. `:mark a` marks this one as a.", "information"))
        for key in "jb"
    ),
    ("m:a^", "ctrl+x ctrl+a ctrl+b", ("notify", "Breakpoints are set in code cells.", "information")),
    (
        "a^",
        "ctrl+x ctrl+a ctrl+l",
        ("notify", "The kernel is not stopped, and there is no error to look at: no kernel runs.", "information"),
    ),
]
"""What is said where there is nothing to do."""

ROWS = [
    *rows(CHANGES, cells),
    *rows(TEXT, editor, text),
    *rows(SAID, host, text),
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
    *rows([(f"a{mark}", "ctrl+x ctrl+a ctrl+l", ("show_calls",)) for mark in "^*"], host, stopped),
    *rows([("a*", "ctrl+x ctrl+a ctrl+b", Breakpoint(0)), ("a/b^", "ctrl+x ctrl+a ctrl+b", Breakpoint(1))], breakpoints),
    *rows(
        [(f"a{mark}", f"ctrl+x {key}", ("go", at)) for key, at in (("left", 0), ("right", 2)) for mark in "^*"], tabs, two_tabs
    ),
    *rows(
        [("ab^", f"ctrl+x r {key}", ("ask", "Mark this place, by a letter:", "")) for key in ("space", "m")],
        host,
    ),
    *rows([("a|bc^", f"ctrl+x r {key}", "k at 2 of c1") for key in ("space", "m")], places, answers("k")),
    *rows([("a^|b", f"ctrl+x r {key}", "a|b*") for key in "jb"], cells, marked),
    *rows([("ab^|c", "ctrl+x r m ctrl+c ctrl+n ctrl+x r j", ("edit_from", "c0", 2))], host, answers("k", 0)),
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
    keymap = Keymap.from_tables(EMACS_KEYS)
    bound = keymap.bindings(mode)
    twins = {keys[1:]: name for keys, name in bound.items() if keys[0] == "escape" and keys[1:] not in ((), ("escape",))}
    with_alt = {keys: name for keys, name in bound.items() if keys[0].startswith("alt+")}
    assert {(f"alt+{key}", *rest): name for (key, *rest), name in twins.items()} == (with_alt if mode == "edit" else {})
    shown = [part for name in set(bound.values()) for part in keymap.describe(name, mode)]
    assert [part for part in shown if part.startswith("Esc ")] == (["Esc Esc"] if mode == "edit" else [])
