"""Several cursors. `|` is a cursor; `[` and `]` enclose what is selected with the cursor at its end."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editing.test_motions import state_of
from tuinb.editing import cursors, motions, operators
from tuinb.editing.selection import Edit, Selection, are_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import Operator, State


def several(notation: str) -> State:
    plain = re.sub(r"[|\[\]]", "", notation)
    found, at = [], 0
    start = -1
    for char in notation:
        if char == "[":
            start = at
        elif char == "]":
            found.append(Selection(start, at))
        elif char == "|":
            found.append(Selection(at, at))
        else:
            at += 1
    state = state_of(f"|{plain}")
    state.selections = tuple(found)
    return state


def shown(state: State) -> str:
    text = state.buffer.text
    for each in sorted(state.selections, key=lambda each: each.start, reverse=True):
        inside = text[each.start : each.end]
        text = text[: each.start] + (f"[{inside}]" if inside else "|") + text[each.end :]
    return text


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [
        ("fo|o foo", [cursors.add_next_occurrence], "[foo] foo"),
        ("foo| foo", [cursors.add_next_occurrence] * 2, "[foo] [foo]"),
        ("a foo fo|o food foo", [cursors.add_next_occurrence] * 2, "a foo [foo] food [foo]"),
        ("a foo fo|o food foo", [cursors.add_next_occurrence] * 3, "a [foo] [foo] food [foo]"),
        ("a foo fo|o food foo", [cursors.add_next_occurrence] * 4, "a [foo] [foo] food [foo]"),
        ("[fo]o food", [cursors.add_next_occurrence], "[fo]o [fo]od"),
        ("a | b", [cursors.add_next_occurrence] * 2, "a | b"),
        ("fo|o foo foo", [cursors.add_next_occurrence, cursors.skip_occurrence], "foo [foo] foo"),
        ("fo|o foo foo", [cursors.add_next_occurrence] * 2 + [cursors.skip_occurrence], "[foo] foo [foo]"),
        ("fo|o bar", [cursors.skip_occurrence] * 2, "[foo] bar"),
        ("fo|o foo foo", [cursors.add_next_occurrence] * 3 + [cursors.drop_cursor], "[foo] [foo] foo"),
        ("fo|o foo foo", [cursors.add_next_occurrence, cursors.drop_cursor], "foo| foo foo"),
        ("a|b", [cursors.drop_cursor], "a|b"),
        ("a[b\n\ncd]e", [cursors.cursors_at_line_ends], "ab|\n|\ncde|"),
        ("[ab\ncd\n]e", [cursors.cursors_at_line_ends], "ab|\ncd|\ne"),
        ("a|b\nc|d\n|", [cursors.cursors_at_line_ends], "ab|\ncd|\n|"),
        ("a[b] c[d]", [cursors.cursors_at_line_ends], "ab cd|"),
        ("x|+x+x", [cursors.select_all_occurrences], "[x]+[x]+[x]"),
        ("|", [cursors.select_all_occurrences], "|"),
        ("aa a[aa]", [cursors.select_all_occurrences], "[aa] a[aa]"),
        ("a[aa]aaa", [cursors.add_next_occurrence] * 3, "a[aa]a[aa]"),
        ("ab\na|b\nab", [cursors.add_cursor_above], "a|b\na|b\nab"),
        ("ab\na|b\nab", [cursors.add_cursor_below, cursors.add_cursor_above], "a|b\na|b\na|b"),
        ("a|b", [cursors.add_cursor_below], "a|b"),
        ("a|\n\nbc", [cursors.add_cursor_below] * 2, "a|\n|\nb|c"),
    ],
)
def test_adding_selections(before: str, steps: list[Callable[[State], None]], after: str) -> None:
    state = several(before)
    for step in steps:
        step(state)
    assert shown(state) == after


def test_cursors_that_meet_become_one() -> None:
    state = several("a|b|\n")
    state.move(motions.line_end)
    assert shown(state) == "ab|\n"
    state = several("[ab][cd]")
    state.merge()
    assert shown(state) == "[ab][cd]"


@settings(max_examples=30)
@given(st.text(st.sampled_from("ab \n"), max_size=20), st.data())
def test_selections_never_overlap(text: str, data: st.DataObject) -> None:
    state = state_of(f"|{text}")
    state.selection = Selection(*(data.draw(st.integers(0, len(text))) for _ in range(2)))
    steps = [
        cursors.add_next_occurrence, cursors.select_all_occurrences, cursors.add_cursor_above, cursors.add_cursor_below,
        cursors.skip_occurrence, cursors.drop_cursor, cursors.cursors_at_line_ends,
        lambda state: state.move(motions.right), lambda state: state.move(motions.word_left, extend=True),
    ]  # fmt: skip
    for step in data.draw(st.lists(st.sampled_from(steps), max_size=8)):
        step(state)
        found = sorted(state.selections, key=lambda each: (each.start, each.end))
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert len({(each.start, each.end) for each in found}) == len(found)


def test_an_edit_moves_the_selection_that_it_was_made_at() -> None:
    state = several("a|b|c")
    state.finish_one(1, Edit(2, 2, "x", Selection(3, 3)))
    assert shown(state) == "a|bc|"


@pytest.mark.parametrize(
    ("before", "texts"),
    [
        ("a^bcd\nx\nefg|h", ["bc", "", "fg"]),
        ("ab|cd\n\nefg^h", ["c", "g"]),
        ("a|b\nc^d", ["", ""]),
    ],
)
def test_a_rectangle_is_what_is_between_two_columns(before: str, texts: list[str]) -> None:
    state = state_of(before)
    cursors.select_rectangle(state)
    assert [state.buffer.text[each.start : each.end] for each in state.selections] == texts


def test_a_rectangle_from_the_mark() -> None:
    state = state_of("abc\ndef|")
    state.mark = 1
    cursors.select_rectangle(state)
    assert [state.buffer.text[each.start : each.end] for each in state.selections] == ["bc", "ef"]


def in_turn(state: State, operator: Operator) -> str:
    planned = [operator(state, each) for each in state.selections]
    for index, first in enumerate(planned):
        if first is not None and any(first.change == each.change for each in planned[:index] if each is not None):
            continue  # one edit for several cursors
        edit = operator(state, state.selections[index])
        if edit is not None:
            state.splice(edit.start, edit.end, edit.text)
            state.finish_one(index, edit)
    state.merge()
    return shown(state)


def apart(state: State, operator: Operator) -> str | None:
    """None if an edit touches what is of another selection."""
    selections = state.selections
    edits = [operator(state, each) for each in selections]
    if not are_apart(selections, edits):
        return None
    once = {edit.change: edit for edit in edits if edit is not None}.values()
    for edit in sorted(once, key=lambda edit: edit.start, reverse=True):
        state.splice(edit.start, edit.end, edit.text)
    state.finish_apart(selections, edits)
    state.merge()
    return shown(state)


@settings(max_examples=60)
@given(
    st.text(st.sampled_from("ab \n"), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=5),
    st.sampled_from([operators.insert("xy"), operators.insert("\n"), operators.delete_left, operators.delete_right,
                     operators.delete_word_left, operators.indent_lines, operators.comment_lines,
                     operators.delete_lines, operators.delete_blank_lines, operators.duplicate_lines_down]),
)  # fmt: skip
def test_edits_that_are_apart_do_the_same_as_one_after_the_other(
    text: str, places: list[tuple[int, int]], operator: Operator
) -> None:
    found = []
    for state in (state_of(f"|{text}"), state_of(f"|{text}")):
        state.selections = tuple([Selection(min(one, len(text)), min(other, len(text))) for one, other in places])
        state.merge()
        found.append(state)
    changes = [edit.change for each in found[0].selections if (edit := operator(found[0], each)) is not None]
    result = apart(found[0], operator)
    if result is not None:
        other = in_turn(found[1], operator)
        assert found[0].buffer.text == found[1].buffer.text
        assert result == other or len(set(changes)) < len(changes)


@given(
    st.text(st.sampled_from("ab\n"), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=5),
    st.sampled_from([operators.move_lines_up, operators.move_lines_down]),
)
def test_moved_lines_stay_whole(text: str, places: list[tuple[int, int]], operator: Operator) -> None:
    state = state_of(f"|{text}")
    state.selections = tuple([Selection(min(one, len(text)), min(other, len(text))) for one, other in places])
    state.merge()
    if apart(state, operator) is None:
        in_turn(state, operator)
    assert sorted(state.buffer.text.split("\n")) == sorted(text.split("\n"))


@pytest.mark.parametrize(
    ("before", "operator", "after"),
    [
        ("a|b|\nc", operators.comment_lines, "# a|b|\nc"),
        ("a|b|\nc", operators.indent_lines, "    a|b|\nc"),
        ("x[a][b]\nc", operators.indent, "    x[a][b]\nc"),
        ("a|b|\nc\nd", operators.delete_lines, "c|\nd"),
        ("a|b|\nc", operators.duplicate_lines_down, "ab\na|b|\nc"),
        ("a|b|\nc", operators.duplicate_lines_up, "a|b|\nab\nc"),
        ("a|b|\nc", operators.move_lines_down, "c\na|b|"),
        ("a|\nb|\nc\nd|\ne", operators.move_lines_down, "c\na|\nb|\ne\nd|"),
        ("a\nb|\nc|\nd", operators.move_lines_up, "b|\nc|\na\nd"),
        ("a|\n[b\nc]\nd", operators.move_lines_down, "d\na|\n[b\nc]"),
        ("[a\nb]|\nc\nd", operators.delete_lines, "c|\nd"),
    ],
)
def test_a_command_on_lines_changes_each_line_once(before: str, operator: Operator, after: str) -> None:
    assert apart(several(before), operator) == after


def test_edits_that_touch_are_not_apart() -> None:
    assert apart(several("a|\n|\nb"), operators.delete_blank_lines) is None
    assert in_turn(several("a|b|\nc|\nd"), operators.delete_lines) == "|d|"
    assert apart(several("a|b|"), operators.insert("x")) == "ax|bx|"
    assert apart(several("a|\nb|"), operators.comment_lines) == "# a|\n# b|"
    assert apart(several("a|b|"), operators.move_lines_up) == "a|b|"


def test_selections_that_overlap_become_one_whatever_their_order() -> None:
    state = state_of("|abcdef")
    state.selections = (Selection(4, 6), Selection(0, 5), Selection(2, 2))
    state.merge()
    assert list(state.selections) == [Selection(4, 6), Selection(2, 2)]
