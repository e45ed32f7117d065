"""Operators as (before, operator, after), written as in test_motions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editing.test_motions import state_of, written
from tuinb.editing import motions, operators
from tuinb.editing.selection import Operator, Selection, State

CASES = [
    ("a|b", operators.insert("x\r\ny\rz"), "ax\ny\nz|b"),
    ("a^b|c", operators.insert("x"), "ax|c"),
    ("|a", operators.insert(""), "|a"),
    ("if x:|", operators.new_line, "if x:\n    |"),
    ("f(|)", operators.new_line, "f(\n    |\n)"),
    ("  a^b|", operators.new_line, "  a\n  |"),
    ("if x:\n    |", operators.new_line, "if x:\n\n    |"),
    ("f(a,|  b)", operators.new_line, "f(a,\n  |b)"),
    ("a|  ", operators.new_line, "a\n|  "),
    ("ab|", operators.delete_left, "a|"),
    ("a\n|b", operators.delete_left, "a|b"),
    ("      |x", operators.delete_left, "    |x"),
    ("    |x", operators.delete_left, "|x"),
    ("|ab^c", operators.delete_left, "|c"),
    ("  ^ab|c", operators.delete_left, "  |c"),
    ("|a", operators.delete_left, "|a"),
    ("a|b", operators.delete_right, "a|"),
    ("a|\nb", operators.delete_right, "a|b"),
    ("a^b|c", operators.delete_right, "a|c"),
    ("a|", operators.delete_right, "a|"),
    ("one two|", operators.delete_word_left, "one |"),
    ("a\n|b", operators.delete_word_left, "a|b"),
    ("one t^w|o", operators.delete_word_left, "one t|o"),
    ("|one two", operators.delete_word_right, "| two"),
    ("one| two", operators.delete_word_right, "one|"),
    ("one| ++", operators.delete_word_right, "one|"),
    ("one|\ntwo", operators.delete_word_right, "one|two"),
    ("o|n^e two", operators.delete_word_right, "o|e two"),
    ("  ab|c", operators.delete_to_line_start, "|c"),
    ("a\n|b", operators.delete_to_line_start, "a|b"),
    ("a|bc\nd", operators.delete_to_line_end, "a|\nd"),
    ("a|\nb", operators.delete_to_line_end, "a|b"),
    ("a\nb|b\nc", operators.delete_lines, "a\nc|"),
    ("a\n^b\nc\n|d", operators.delete_lines, "a\n|d"),
    ("aa\nb|", operators.delete_lines, "a|a"),
    ("ab|", operators.delete_lines, "|"),
    ("|", operators.delete_lines, "|"),
    ("x|y", operators.indent, "x   |y"),
    ("a|\n^b", operators.indent, "    a|\n^b"),
    ("^a\nb|", operators.indent, "^    a\n    b|"),
    ("a|\nb", operators.indent_lines, "    a|\nb"),
    ("^    a\n  b|", operators.dedent, "^a\nb|"),
    ("  a|b", operators.dedent, "a|b"),
    ("    |a", operators.dedent, "|a"),
    (" | a", operators.dedent, "|a"),
    ("a|", operators.dedent, "a|"),
    ("a|b", operators.toggle_comment, "# a|b"),
    ("|ab", operators.toggle_comment, "# |ab"),
    ("^a\nb|\nc", operators.toggle_comment, "^# a\n# b|\nc"),
    ("# a|b", operators.toggle_comment, "a|b"),
    ("# a|b", operators.comment_lines, "# # a|b"),
    ("^a\n  # b|\n\nc", operators.comment_lines, "^# a\n#   # b|\n\nc"),
    ("^a\n  # b|\n\nc", operators.uncomment_lines, "^a\n  b|\n\nc"),
    ("# # a|b", operators.uncomment_lines, "# a|b"),
    ("|", operators.comment_lines, "|"),
    ("a\nb|c\n", operators.insert_above("x\n"), "a\nx\nb|c\n"),
    ("a\nb|\nc", operators.move_lines_up, "b|\na\nc"),
    ("a|\nb", operators.move_lines_up, "a|\nb"),
    ("a|\nbb\nc", operators.move_lines_down, "bb\na|\nc"),
    ("a\nb|", operators.move_lines_down, "a\nb|"),
    ("a\n^b\nc\n|d", operators.move_lines_up, "^b\nc\n|a\nd"),
    ("^a\nb|\nc", operators.move_lines_down, "c\n^a\nb|"),
    ("^a\n|b", operators.move_lines_down, "b\n^a|"),
    ("a|\nb", operators.duplicate_lines_down, "a\na|\nb"),
    ("a|\nb", operators.duplicate_lines_up, "a|\na\nb"),
    ("^a\nb|", operators.duplicate_lines_down, "a\nb\n^a\nb|"),
    ("f(|a,\n    b)\nc", operators.join_lines, "f(a,| b)\nc"),
    ("^a\n  b\n\nc|", operators.join_lines, "a b| c"),
    ("a|", operators.join_lines, "a|"),
    ("b|\na", operators.sort_lines, "|a\nb"),
    ("c\n^b\na\n|x", operators.sort_lines, "c\n^a\nb|\nx"),
    ("a|\nb", operators.sort_lines, "a|\nb"),
    ("a\nb|\nc", operators.reverse_lines, "|c\nb\na"),
    ("a\nb\na|", operators.unique_lines, "|a\nb"),
    ("a  \nb |\t", operators.trim_lines, "a\nb|"),
    ("a  \n|\n", operators.trim_lines, "a\n|\n"),
    ("a  \n|", operators.trim_lines, "a\n|"),
    ("^a  \n|b  ", operators.trim_lines, "^a\n|b  "),
    ("a|", operators.trim_lines, "a|"),
    ("\tx\ty|", operators.tabs_to_spaces, "    x\ty|"),
    ("      x|y", operators.spaces_to_tabs, "\t  x|y"),
    ("on|e two", operators.upper_case, "ON|E two"),
    ("^One two|", operators.lower_case, "^one two|"),
    ("|one two^", operators.title_case, "|One Two^"),
    ("A|", operators.upper_case, "A|"),
    ("a|b", operators.transpose, "ba|"),
    ("xab|\n", operators.transpose, "xba|\n"),
    ("|ab", operators.transpose, "|ab"),
    ("|a", operators.transpose, "|a"),
    ("(|)", operators.delete_left, "|"),
    ("a|b", operators.open_line, "a|\nb"),
    ("a_b| c.d", operators.delete_over(motions.next_word), "a_b|.d"),
    ("a b.|", operators.delete_over(motions.previous_word), "a |"),
    ("|a^ b", operators.delete_over(motions.next_word), "| b"),
    ("a|b^c", operators.delete_selected, "a|c"),
    ("a|b", operators.delete_selected, "a|b"),
    ("a\n  b|", operators.join_line_above, "a| b"),
    ("f(\n  b|", operators.join_line_above, "f(|b"),
    ("f(a\n|)", operators.join_line_above, "f(a|)"),
    ("|a", operators.join_line_above, "|a"),
    ("on|e two", operators.upper_word, "onE| two"),
    ("ONE|, TWO", operators.lower_word, "ONE, two|"),
    ("|one two", operators.capital_word, "One| two"),
    ("|one two^", operators.capital_word, "One Two|"),
    ("one| two", operators.transpose_words, "two one|"),
    ("a  | \tb", operators.delete_blanks, "a|b"),
    ("a|\n b", operators.delete_blanks, "a|\n b"),
    ("a  | b", operators.one_space, "a |b"),
    ("a | b", operators.one_space, "a |b"),
    ("a|b", operators.one_space, "a |b"),
    ("a\t|b", operators.one_space, "a |b"),
    ("f(a|, b)", operators.transpose_words, "f(b, a|)"),
    ("o|ne two three", operators.transpose_words, "two one| three"),
    ("|one two", operators.transpose_words, "two one|"),
    ("one |two three", operators.transpose_words, "two one| three"),
    ("one t|wo three", operators.transpose_words, "one three two|"),
    ("one two|", operators.transpose_words, "two one|"),
    ("one t|wo", operators.transpose_words, "two one|"),
    ("one| ++", operators.transpose_words, "one| ++"),
    ("|", operators.transpose_words, "|"),
    ("f(x)| + [1, 2]", operators.transpose_expressions, "f[1, 2] + (x)|"),
    ("a = f|(x)", operators.transpose_expressions, "a = (x)f|"),
    ("(a|)", operators.transpose_expressions, "(a|)"),
    ("a\nb|\nc", operators.exchange_line_above, "b\na\n|c"),
    ("a\n|b", operators.exchange_line_above, "b\na|"),
    ("a|\nb", operators.exchange_line_above, "a|\nb"),
    ("a\n\n|\n  \nb", operators.delete_blank_lines, "a\n|\nb"),
    ("a\n|\nb", operators.delete_blank_lines, "a\n|b"),
    ("a\n|", operators.delete_blank_lines, "a|"),
    ("a|b\n\n\nc", operators.delete_blank_lines, "a|b\nc"),
    ("a|b\nc", operators.delete_blank_lines, "a|b\nc"),
    ("    #  a|b", operators.comment_line, "    #  a\n    #  |b"),
    ("#a|", operators.comment_line, "#a\n# |"),
    ("if x:|", operators.comment_line, "if x:\n    |"),
    ("a|b", operators.comment, "ab  # |"),
    ("  |", operators.comment, "  # |"),
    ("a = '#'|  # b", operators.comment, "a = '#'  # |b"),
    ("^a\nb|", operators.comment, "^# a\n# b|"),
    ("''|''", operators.delete_left, "'|''"),
]


def perform(state: State, operator: Operator) -> None:
    edit = operator(state, state.selection)
    if edit is not None:
        state.splice(edit.start, edit.end, edit.text)
        state.finish(edit)


@pytest.mark.parametrize(("before", "operator", "after"), CASES)
def test_operators(before: str, operator: Operator, after: str) -> None:
    state = state_of(before)
    perform(state, operator)
    assert written(state) == after


@settings(max_examples=25)
@given(
    st.text(st.sampled_from("ab (:\n\t中"), max_size=30),
    st.lists(st.sampled_from([operator for _, operator, _ in CASES]), max_size=6),
    st.data(),
)
def test_any_operators_leave_the_selection_in_the_text(text: str, chosen: list[Operator], data: st.DataObject) -> None:
    state = state_of(f"|{text}", columns=8)
    for operator in chosen:
        at, other = (data.draw(st.integers(0, len(state.buffer.text))) for _ in range(2))
        state.selection = Selection(at, other)
        perform(state, operator)
        assert 0 <= state.selection.start <= state.selection.end <= len(state.buffer.text)
        assert state.buffer.lines == state.buffer.text.split("\n")
        state.move(motions.down)
        assert state.rows.total >= len(state.buffer.lines)


def test_selections_stay_at_their_text() -> None:
    state = state_of("one ^two| three")
    state.splice(0, 0, "zero ")
    assert written(state) == "zero one ^two| three"
    state.splice(len("zero one two"), len("zero one two three"), "\n")
    assert written(state) == "zero one ^two|\n"


def test_whole_lines() -> None:
    state = state_of("|ab\ncd")
    state.selections = (Selection(0, 0), Selection(1, 1))
    assert operators.whole_lines(state) == "ab\n"
    state.selections = (Selection(4, 4), Selection(1, 1))
    assert operators.whole_lines(state) == "ab\ncd\n"
