"""Typing as (before, keys, after), written as in test_motions.

`<` in the keys is Backspace, `⏎` Enter, `→` Tab where it indents, `←` Shift+Tab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editing.test_motions import state_of, written
from tests.editing.test_operators import perform
from tuinb.editing import languages, operators, pairs
from tuinb.editing.syntax import surroundings

if TYPE_CHECKING:
    from tuinb.editing.selection import State

PYTHON = languages.rules("python")


def type_keys(state: State, keys: str) -> None:
    special = {"⏎": operators.new_line, "<": operators.delete_left, "→": operators.indent, "←": operators.dedent}
    for key in keys:
        perform(state, special.get(key) or pairs.type_text(key))


CLOSING = [
    # brackets
    ("|", "f(", "f(|)"),
    ("|", "f(x)", "f(x)|"),
    ("|", "f([{", "f([{|}])"),
    ("|", "f([{}])", "f([{}])|"),
    ("|", "f(<", "f|"),
    ("|x", "(", "(|x"),
    ("| x", "(", "(|) x"),
    ("f(|)", ")", "f()|)"),  # one that was not inserted by itself
    ("a = |, b", "[", "a = [|], b"),
    # on a line below
    ("|", "f(⏎a,⏎)", "f(\n    a,\n)|"),
    ("|", "f(⏎a)", "f(\n    a\n)|"),
    ("|", "[⏎{⏎1,⏎},⏎]", "[\n    {\n        1,\n    },\n]|"),
    ("|", "f(⏎[1]⏎)", "f(\n    [1]\n)|"),
    ("|", "f(⏎]", "f(\n    ]|\n)"),
    ("f(\n    |\n)", ")", "f(\n)|\n)"),
    # quotes
    ("|", 'x = "', 'x = "|"'),
    ("|", 'x = "a"', 'x = "a"|'),
    ("|", "it'", "it'|"),
    ("|", "f'", "f'|'"),
    ("|", "xf'", "xf'|"),
    ("|", "rb'", "rb'|'"),
    ("|", "''", "''|"),
    ("|", "'<", "|"),
    ("x''|", "'", "x'''|'''"),
    ("|", '"""', '"""|"""'),
    ("|", '"""a"""', '"""a"""|'),
    ('x = """a""|', '"', 'x = """a"""|'),
    ("|", "'''<", "''|''"),
    # within strings, comments and words
    ("'a |", "(", "'a (|"),
    ("# a |", "(", "# a (|"),
    ("# a |", "'", "# a '|"),
    ("'a |", '"', "'a \"|"),
    # a selection is surrounded
    ("a ^b c|", "(", "a (^b c|)"),
    ("a |b^", "'", "a '|b^'"),
    ("a ^b|", "x", "a x|"),
]


@pytest.mark.parametrize(("before", "keys", "after"), CLOSING)
def test_closing_in_python(before: str, keys: str, after: str) -> None:
    state = state_of(before)
    type_keys(state, keys)
    assert written(state) == after


@pytest.mark.parametrize(
    ("language", "before", "keys", "after"),
    [
        ("markdown", "|", "it's (", "it's (|)"),
        ("markdown", "|", "`", "`|`"),
        ("markdown", "^bold|", "*", "*^bold|*"),
        ("rust", "|", "&'", "&'|"),
        ("julia", "|", 'x = """', 'x = """|"""'),
        ("julia", "|", "x'", "x'|"),
        ("javascript", "|", "`a", "`a|`"),
        ("javascript", "// |", "(", "// (|"),
    ],
)
def test_closing_in_other_languages(language: str, before: str, keys: str, after: str) -> None:
    state = state_of(before, language=language)
    type_keys(state, keys)
    assert written(state) == after


def test_nothing_closes_itself_if_that_is_off() -> None:
    state = state_of("|")
    state.auto_close = False
    type_keys(state, "f(')<")
    assert written(state) == "f('|"


def test_what_was_inserted_is_known_after_other_edits() -> None:
    state = state_of("|")
    type_keys(state, "f(g(")
    state.splice(0, 0, "# above\n")
    type_keys(state, "x)")
    assert written(state) == "# above\nf(g(x)|)"
    end = len(state.buffer.text)
    state.splice(end - 1, end, ")")  # another one
    type_keys(state, ")")
    assert written(state) == "# above\nf(g(x))|)"


INDENTING = [
    ("x = 1|", "x = 1\n|"),
    ("def f():|", "def f():\n    |"),
    ("    if x:  # why|", "    if x:  # why\n        |"),
    ("    return 3|", "    return 3\n|"),
    ("    return 3|4", "    return 3\n    |4"),
    ("        pass|", "        pass\n    |"),
    ("return|", "return\n|"),
    ("def| f():", "def\n|f():"),
    ("    |x", "\n    |x"),
    # brackets
    ("f(|", "f(\n    |"),
    ("f(  # why|", "f(  # why\n    |"),
    ("  x = {|", "  x = {\n      |"),
    ("f(a,|", "f(a,\n  |"),
    ("f(a, g(b,|", "f(a, g(b,\n       |"),
    ("f(a, g(b),|", "f(a, g(b),\n  |"),
    ("f(\n    a,|", "f(\n    a,\n    |"),
    ("f(\n        a,|", "f(\n        a,\n        |"),
    ("f(\n|)", "f(\n\n    |)"),
    ("def f(\n    a,\n) -> int:|", "def f(\n    a,\n) -> int:\n    |"),
    ("x = [\n    1,\n]|", "x = [\n    1,\n]\n|"),
    ("    return [\n        1,\n    ]|", "    return [\n        1,\n    ]\n|"),
    ("x = {'a':|", "x = {'a':\n     |"),
    ("d[')':|", "d[')':\n  |"),
    ("f(|)", "f(\n    |\n)"),
    # strings and comments
    ("x = 'a:|", "x = 'a:\n|"),
    ("    '''a:|", "    '''a:\n    |"),
    ("# like this:|", "# like this:\n|"),
    ("x = '(' # (|", "x = '(' # (\n|"),
    # a line that is continued
    ("x = a + \\|", "x = a + \\\n    |"),
    ("x = a + \\\n    b + \\|", "x = a + \\\n    b + \\\n    |"),
    ("x = a + \\\n    b|", "x = a + \\\n    b\n|"),
]


@pytest.mark.parametrize(("before", "after"), INDENTING)
def test_enter_in_python(before: str, after: str) -> None:
    state = state_of(before)
    type_keys(state, "⏎")
    assert written(state) == after


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("R", "f <- function(x) {|", "f <- function(x) {\n  |"),
        ("R", "f <- function(x) {\n  y|", "f <- function(x) {\n  y\n  |"),
        ("R", "f(a,|", "f(a,\n  |"),
        ("julia", "function f(x)|", "function f(x)\n    |"),
        ("julia", "f(x) = if x 1 else 2 end|", "f(x) = if x 1 else 2 end\n|"),
        ("bash", "for i in 1 2; do|", "for i in 1 2; do\n  |"),
        ("javascript", "if (x) {|", "if (x) {\n  |"),
        ("javascript", "if (x) {\n  f({|", "if (x) {\n  f({\n    |"),
        ("ruby", "items.each do|", "items.each do\n  |"),
        ("no such language", "anything:|", "anything:\n|"),
        ("markdown", "- a\n  b|", "- a\n  b\n  |"),
    ],
)
def test_enter_in_other_languages(language: str, before: str, after: str) -> None:
    state = state_of(before, language=language)
    type_keys(state, "⏎")
    assert written(state) == after


LISTS = [
    ("- a|", "⏎", "- a\n- |"),
    ("* a\n  + b|", "⏎", "* a\n  + b\n  + |"),
    ("-   a|", "⏎", "-   a\n-   |"),
    ("1. a|", "⏎", "1. a\n2. |"),
    ("9) a|", "⏎", "9) a\n10) |"),
    ("- [x] a|", "⏎", "- [x] a\n- [ ] |"),
    ("1. [ ] a|", "⏎", "1. [ ] a\n2. [ ] |"),
    ("> a|", "⏎", "> a\n> |"),
    (">a|", "⏎", ">a\n>|"),
    ("> > - a|", "⏎", "> > - a\n> > - |"),
    # an item is split, at its start, too
    ("- a| b", "⏎", "- a\n- |b"),
    ("- |a", "⏎", "- \n- |a"),
    ("- a^b|c", "⏎", "- a\n- |c"),
    # an empty one ends the list, a quote in it goes on
    ("- a\n- |", "⏎x", "- a\nx|"),
    ("- a\n  - |\nb", "⏎", "- a\n|\nb"),
    ("- [ ] |", "⏎", "|"),
    ("- [ ]|", "⏎", "|"),
    ("> 1. |", "⏎⏎x", "x|"),
    ("> > |", "⏎", ">|"),
    # in the markers, and in what only looks like them
    ("|- a", "⏎", "\n|- a"),
    ("-| a", "⏎", "-\n|a"),
    ("-a|", "⏎", "-a\n|"),
    ("**a**|", "⏎", "**a**\n|"),
    ("1.5 a|", "⏎", "1.5 a\n|"),
    ("- - -|", "⏎", "- - -\n|"),
    ("- a\n  b|", "⏎", "- a\n  b\n  |"),
    ("```\n- a|\n```", "⏎", "```\n- a\n|\n```"),
    ("~~~\n~~~\n```a```\n- a|", "⏎", "~~~\n~~~\n```a```\n- a\n- |"),
    ("$$\na\n- b|\n$$", "⏎", "$$\na\n- b\n|\n$$"),
]


LEVELS = [
    ("- a\n- |b", "→", "- a\n  - |b"),
    ("1. a\n2. |", "→", "1. a\n   1. |"),
    ("- a\n- [ ] |", "→", "- a\n  - [ ] |"),
    ("- a\n- |[ ] b", "→", "- a\n  - |[ ] b"),
    ("> - a\n> - |", "→", "> - a\n>   - |"),
    ("- a\n- b|", "→", "- a\n- b |"),  # behind a word, Tab completes
    ("- a\n  - b\n    - |c", "←", "- a\n  - b\n  - |c"),
    ("1. a\n   1. b\n   2. |", "←", "1. a\n   1. b\n2. |"),
    ("1. a\n   - |", "←", "1. a\n- |"),
    ("- a\n   1. |", "←", "- a\n1. |"),
    ("   - |a", "←", "- |a"),
    ("- |a", "←", "- |a"),
    ("- a\n- |", "→⏎", "- a\n|"),
]


@pytest.mark.parametrize(("before", "keys", "after"), LEVELS)
def test_tab_moves_items_of_markdown_between_levels(before: str, keys: str, after: str) -> None:
    state = state_of(before, language="markdown")
    type_keys(state, keys)
    assert written(state) == after


@pytest.mark.parametrize(("before", "keys", "after"), LISTS)
def test_enter_in_lists_of_markdown(before: str, keys: str, after: str) -> None:
    state = state_of(before, language="markdown")
    type_keys(state, keys)
    assert written(state) == after


def test_lists_do_not_go_on_if_that_is_off_nor_in_code() -> None:
    for language, continues in (("markdown", False), ("python", True)):
        state = state_of("- a|", language=language)
        state.continues_lists = continues
        type_keys(state, "⏎")
        assert written(state) == "- a\n|"


def test_enter_never_aligns_with_hanging_indentation() -> None:
    state = state_of("f(a,|")
    state.hanging = True
    type_keys(state, "⏎")
    assert written(state) == "f(a,\n    |"


DEDENTING = [
    ("if a:\n    b\n    else|", ":", "if a:\n    b\nelse:|"),
    ("if a:\n    if b:\n        c\n    else|", ":", "if a:\n    if b:\n        c\n    else:|"),
    ("if a:\n    if b:\n        c\n        else|", ":", "if a:\n    if b:\n        c\n    else:|"),
    ("if a:\n    b\n    elif c > 1|", ":", "if a:\n    b\nelif c > 1:|"),
    ("try:\n    b\n\n    except ValueError|", ":", "try:\n    b\n\nexcept ValueError:|"),
    ("try:\n    b\nexcept:\n    c\n    finally|", ":", "try:\n    b\nexcept:\n    c\nfinally:|"),
    ("match x:\n    case 1:\n        y\n        case 2|", ":", "match x:\n    case 1:\n        y\n    case 2:|"),
    ("case 1:\n    match x:\n        case 1|", ":", "case 1:\n    match x:\n        case 1:|"),
    ("match x:\n    case 1|", ":", "match x:\n    case 1:|"),
    ("if a:\n    b\n    elsewhere|", ":", "if a:\n    b\n    elsewhere:|"),
    ("b\n    else|", ":", "b\n    else:|"),
    ("if a:\n    x = [b if c\n    else|", ":", "if a:\n    x = [b if c\n    else:|"),
    ("if a:\n    '''\n    else|", ":", "if a:\n    '''\n    else:|"),
    ("f(\n    a,\n    |", ")", "f(\n    a,\n)|"),
    ("f(b,\n  a,\n  |", ")", "f(b,\n  a,\n  )|"),
    ("f(\n    a|", ")", "f(\n    a)|"),
    ("    |", ")", "    )|"),
]


@pytest.mark.parametrize(("before", "keys", "after"), DEDENTING)
def test_a_branch_and_a_closing_bracket_dedent(before: str, keys: str, after: str) -> None:
    state = state_of(before)
    type_keys(state, keys)
    assert written(state) == after


def test_a_brace_dedents_in_other_languages() -> None:
    state = state_of("if (x) {\n  y\n  |", language="javascript")
    type_keys(state, "}")
    assert written(state) == "if (x) {\n  y\n}|"


@pytest.mark.parametrize(
    ("text", "inside", "brackets", "statement"),
    [
        ("f(a, [b", "", (1, 5), 0),
        ("f(a)\ng(b", "", (6,), 5),
        ("f(a]\nb", "", (1,), 0),
        ("f([a)", "", (), 0),
        ("x = 'a\\'b", "'", (), 0),
        ("x = 'a\\", "'", (), 0),
        ("x = 'a\nb", "", (), 7),
        ("x = '''a\n'b", "'''", (), 0),
        ("x  # it's", "#", (), 0),
        ("x  # it's\n", "", (), 10),
        ("x = '# a' + b", "", (), 0),
    ],
)
def test_what_the_end_of_a_text_is_in(text: str, inside: str, brackets: tuple[int, ...], statement: int) -> None:
    assert surroundings(text, len(text), PYTHON)[:3] == (inside, brackets, statement)


def test_a_huge_text_is_scanned_from_a_line_near_by() -> None:
    text = "f(\n" + "x = 1\n" * 10_000
    assert surroundings(text + "g(", len(text) + 2, PYTHON)[:3] == ("", (len(text) + 1,), len(text))
    indented = "  y = 1\n" * 10_000
    assert surroundings(indented, len(indented), PYTHON).brackets == ()


KEYS = st.text(alphabet="()[]{}\"'`:;# ab-1.>⏎<→←\\", max_size=40)


@given(keys=KEYS, language=st.sampled_from(["python", "javascript", "markdown", "R", "no such language"]))
def test_any_keys_leave_the_cursor_in_the_text(keys: str, language: str) -> None:
    state = state_of("if x:\n    y(|)\n", language=language)
    type_keys(state, keys)
    assert 0 <= state.selection.head <= len(state.buffer.text)
    assert all(0 <= at < len(state.buffer.text) for at in state.closers)
