"""Motions over expressions, definitions, statements and sentences as (before, motion, after). `|` is the cursor."""

from __future__ import annotations

import pytest

from tests.editing.test_motions import state_of, written
from tuinb.editing import marks, structure
from tuinb.editing.selection import Motion, Selection

EXPRESSIONS = [
    ('|foo.bar(1, "a)b")[x]', structure.next_expression, 'foo|.bar(1, "a)b")[x]'),
    ('foo.bar|(1, "a)b")[x]', structure.next_expression, 'foo.bar(1, "a)b")|[x]'),
    ("f(a|)", structure.next_expression, "f(a|)"),
    ("f|(a", structure.next_expression, "f|(a"),
    ("|rb'x y' z", structure.next_expression, "rb'x y'| z"),
    ("|# c (d\nfoo", structure.next_expression, "# c (d\nfoo|"),
    ('x = |"""a (b\nc""" + 1', structure.next_expression, 'x = """a (b\nc"""| + 1'),
    ('f("a |(b c) d")', structure.next_expression, 'f("a (b c)| d")'),
    ('f("a b|")', structure.next_expression, 'f("a b|")'),
    ("| [1, {2: 3}]", structure.next_expression, " [1, {2: 3}]|"),
    ('foo.bar(1, "a)b")[x]|', structure.previous_expression, 'foo.bar(1, "a)b")|[x]'),
    ('foo.bar(1, "a)b")|', structure.previous_expression, 'foo.bar|(1, "a)b")'),
    ("f(|a)", structure.previous_expression, "f(|a)"),
    ("a)|", structure.previous_expression, "a)|"),
    ('x = """a (b\nc"""|', structure.previous_expression, 'x = |"""a (b\nc"""'),
    ("z rb'x y'|", structure.previous_expression, "z |rb'x y'"),
    ('f("a (b c)| d")', structure.previous_expression, 'f("a |(b c) d")'),
    ("foo  # c (d\n|x", structure.previous_expression, "|foo  # c (d\nx"),
    ("# a b|", structure.previous_expression, "# a |b"),
    ("f(a, [b, |c])", structure.out_of_brackets, "f(a, |[b, c])"),
    ("f('a |b')", structure.out_of_brackets, "f(|'a b')"),
    ("a|", structure.out_of_brackets, "a|"),
    ("|f(a)", structure.into_brackets, "f(|a)"),
    ("f(a|) + (b)", structure.into_brackets, "f(a|) + (b)"),
]


@pytest.mark.parametrize(("before", "motion", "after"), EXPRESSIONS)
def test_expressions(before: str, motion: Motion, after: str) -> None:
    state = state_of(before)
    state.move(motion)
    assert written(state) == after


def test_an_expression_far_into_a_long_text() -> None:
    lines = "x = f('(', \"#\")  # )\n" * 2_000
    state = state_of(f"{lines}|(a, b)")
    state.move(structure.next_expression)
    assert written(state).endswith("\n(a, b)|")
    state.move(structure.previous_expression)
    assert written(state).endswith("\n|(a, b)")


SENTENCES = [
    ("|One two. Three.", structure.sentence_end, "One two.| Three."),
    ('One two.| "Three." Four', structure.sentence_end, 'One two. "Three."| Four'),
    ("# A head|\n\nOne\ntwo", structure.sentence_end, "# A head\n\nOne\ntwo|"),
    ("|pi is 3.14 today. Or", structure.sentence_end, "pi is 3.14 today.| Or"),
    ("|日本。語", structure.sentence_end, "日本。|語"),
    ("a.|", structure.sentence_end, "a.|"),
    ("One|\n- two\n  2. three", structure.sentence_end, "One\n- two|\n  2. three"),
    ("One\n- two\n  2. three|", structure.sentence_start, "One\n- two\n  |2. three"),
    ("One two. Three|.", structure.sentence_start, "One two. |Three."),
    ("One two. |Three.", structure.sentence_start, "|One two. Three."),
    ("# A head\n\nOne\ntwo|", structure.sentence_start, "# A head\n\n|One\ntwo"),
    ("|a.", structure.sentence_start, "|a."),
    ("  |", structure.sentence_start, "  |"),
]


@pytest.mark.parametrize(("before", "motion", "after"), SENTENCES)
def test_sentences_of_markdown(before: str, motion: Motion, after: str) -> None:
    state = state_of(before, language="markdown")
    state.move(motion)
    assert written(state) == after


STATEMENTS = [
    ("|x = f(1,\n   2)\ny", structure.sentence_end, "x = f(1,\n   2)|\ny"),
    ("x = 1|\n\nif y:\n    z", structure.sentence_end, "x = 1\n\nif y:|\n    z"),
    ("x|", structure.sentence_end, "x|"),
    ('"""|One two. Three"""\nx', structure.sentence_end, '"""One two.| Three"""\nx'),
    ('"""One two.| Three"""\nx', structure.sentence_end, '"""One two. Three|"""\nx'),
    ("# a| b\nx.", structure.sentence_end, "# a b|\nx."),
    ("x = f(1,\n   2|)", structure.sentence_start, "|x = f(1,\n   2)"),
    ("x = f(1,\n   2)\n\n|y", structure.sentence_start, "|x = f(1,\n   2)\n\ny"),
    ("if x:\n    y = 3|", structure.sentence_start, "if x:\n    |y = 3"),
    ("if x:\n    |y = 3", structure.sentence_start, "|if x:\n    y = 3"),
    ("|x", structure.sentence_start, "|x"),
    ('"""One two. Three|"""', structure.sentence_start, '"""One two. |Three"""'),
]


@pytest.mark.parametrize(("before", "motion", "after"), STATEMENTS)
def test_statements_and_the_sentences_of_strings_and_comments(before: str, motion: Motion, after: str) -> None:
    state = state_of(before)
    state.move(motion)
    assert written(state) == after


CODE = """\
import x

@dec
def f(a,
      b):
    '''D.

x
'''
    def g():
        return 1

    return g


class A:
    def m(self):
        pass

    def n(self):
        pass

z = 1
"""


def rows_after(motion: Motion, row: int, times: int) -> list[int]:
    state = state_of("|" + CODE)
    state.selection = Selection(state.buffer.start(row), state.buffer.start(row))
    found = []
    for _ in range(times):
        state.move(motion)
        assert state.buffer.place(state.selection.head).column == 0
        found.append(state.buffer.place(state.selection.head).row)
    return found


def test_the_definition_around_lines_that_are_indented_further() -> None:
    state = state_of("|x\ndef a():\n    if b:\n        c\n        d\n")
    at = state.buffer.start(4)
    state.selection = Selection(at, at)
    around = structure.definition_around(state)
    assert (around.head, around.anchor) == (state.buffer.start(1), state.buffer.start(5))


def test_a_line_of_a_string_is_no_definition() -> None:
    source = '|def a():\n    """\n    class of things\n    """\n    b\nc = 1'
    for motion, end in ((structure.definition_start, 0), (structure.definition_end, 5)):
        state = state_of(source)
        at = state.buffer.start(4)
        state.selection = Selection(at, at)
        state.move(motion)
        assert state.buffer.place(state.selection.head).row == end


def test_definitions() -> None:
    assert rows_after(structure.definition_end, 0, 4) == [13, 21, 23, 23]
    assert rows_after(structure.definition_end, 10, 1) == [11]
    assert rows_after(structure.definition_end, 12, 1) == [13]
    assert rows_after(structure.definition_start, 23, 4) == [15, 3, 0, 0]
    assert rows_after(structure.definition_start, 13, 1) == [3]
    assert rows_after(structure.definition_start, 11, 3) == [9, 3, 0]
    assert rows_after(structure.definition_start, 20, 4) == [19, 16, 15, 3]


@pytest.mark.parametrize("rows", ["1,\n", "word\n"])
def test_a_definition_goes_on_over_rows_of_brackets_and_strings_that_are_not_indented(rows: str) -> None:
    opener, closer = ("[", "]") if "," in rows else ("'''", "'''")
    code = f"def f():\n    x = {opener}\n{rows * 30}{closer}\n    y\n"
    state = state_of(f"|{code}z")
    state.move(structure.definition_end)
    assert written(state) == f"{code}|z"
    state.move(structure.definition_start)
    assert written(state) == f"|{code}z"


def test_a_definition_in_a_language_without_a_word_for_it() -> None:
    state = state_of("f() {\n  a|\n}\ng() {\n}\n", language="bash")
    state.move(structure.definition_start)
    assert written(state) == "|f() {\n  a\n}\ng() {\n}\n"
    state.move(structure.definition_end)
    assert written(state) == "f() {\n  a\n}\n|g() {\n}\n"


@pytest.mark.parametrize(
    ("row", "marked"), [(2, (2, 13)), (7, (2, 13)), (10, (9, 11)), (13, (15, 21)), (17, (16, 18)), (22, None)]
)
def test_a_definition_is_marked_with_its_decorators(row: int, marked: tuple[int, int] | None) -> None:
    state = state_of("|" + CODE)
    state.selection = Selection(state.buffer.start(row), state.buffer.start(row))
    marks.mark_around(structure.definition_around)(state)
    found = state.selection
    place = state.buffer.place
    assert (None if found.is_empty else (place(found.head).row, place(found.anchor).row)) == marked


def test_a_paragraph_is_marked() -> None:
    state = state_of("a\n\nb\nc|c\n\nd", language="markdown")
    marks.mark_around(structure.paragraph_around)(state)
    assert written(state) == "a\n|\nb\ncc\n^\nd"


def test_marking_expressions_goes_on() -> None:
    state = state_of("|f(a) + b")
    for after in ("|f^(a) + b", "|f(a)^ + b", "|f(a) + b^"):
        marks.mark_on(structure.next_expression)(state)
        assert written(state) == after
    assert state.mark == len("f(a) + b")
