"""Motions as (before, motion, after). `|` is the cursor, `[` and `]` enclose what is selected with the cursor at `|`."""

from __future__ import annotations

import pytest

from tuinb.editing import languages, motions
from tuinb.editing.buffer import Buffer
from tuinb.editing.selection import Motion, Selection, State
from tuinb.editing.view import Measure, Rows
from tuinb.render.safe import one_to_one, width


def state_of(text: str, *, columns: int = 0, language: str = "python") -> State:
    """`|` is the cursor, `^` the other end of what is selected."""
    head = text.replace("^", "").index("|")
    anchor = text.replace("|", "").index("^") if "^" in text else head
    buffer = Buffer(text.replace("|", "").replace("^", ""))
    rows = Rows(buffer.lines, Measure(one_to_one, width), width=columns)
    return State(buffer, rows, languages.rules(language), (Selection(anchor, head),), page=2)


def written(state: State) -> str:
    text, selection = state.buffer.text, state.selection
    marks = [(selection.head, "|")] + ([] if selection.is_empty else [(selection.anchor, "^")])
    for at, mark in sorted(marks, reverse=True):
        text = text[:at] + mark + text[at:]
    return text


@pytest.mark.parametrize(
    ("before", "motion", "after"),
    [
        ("a|b", motions.left, "|ab"),
        ("|ab", motions.left, "|ab"),
        ("a\n|b", motions.left, "a|\nb"),
        ("^ab|c", motions.left, "|abc"),
        ("|ab^c", motions.right, "ab|c"),
        ("ab|", motions.right, "ab|"),
        ("a|\nb", motions.right, "a\n|b"),
        ("foo  bar|", motions.word_left, "foo  |bar"),
        ("foo  |bar", motions.word_left, "|foo  bar"),
        ("foo.bar|", motions.word_left, "foo.|bar"),
        ("foo.|bar", motions.word_left, "foo|.bar"),
        ("foo ++|", motions.word_left, "foo| ++"),
        ("  |x", motions.word_left, "|  x"),
        ("a\n|b", motions.word_left, "a|\nb"),
        ("|a", motions.word_left, "|a"),
        ("|foo  bar", motions.word_right, "foo|  bar"),
        ("foo|  bar", motions.word_right, "foo  bar|"),
        ("foo|.bar", motions.word_right, "foo.|bar"),
        ("foo|  ", motions.word_right, "foo  |"),
        ("a|\nb", motions.word_right, "a\n|b"),
        ("a|", motions.word_right, "a|"),
        ("  ab|", motions.line_start, "  |ab"),
        ("  |ab", motions.line_start, "|  ab"),
        (" | ab", motions.line_start, "|  ab"),
        ("|  ab", motions.line_start, "  |ab"),
        ("  |", motions.line_start, "|  "),
        ("a|b\nc", motions.line_end, "ab|\nc"),
        ("foo_bar.|", motions.previous_word, "foo_|bar."),
        ("foo\n  |", motions.previous_word, "|foo\n  "),
        ("|", motions.previous_word, "|"),
        ("foo|_bar", motions.next_word, "foo_bar|"),
        ("foo|\n  b", motions.next_word, "foo\n  b|"),
        ("a|.", motions.next_word, "a.|"),
        ("a\n\nb\nc|\n\nd", motions.previous_paragraph, "a\n|\nb\nc\n\nd"),
        ("a\n\n|b", motions.previous_paragraph, "|a\n\nb"),
        ("a\n\n \n|b\n", motions.previous_paragraph, "|a\n\n \nb\n"),
        ("|a", motions.previous_paragraph, "|a"),
        ("\n\n|", motions.previous_paragraph, "|\n\n"),
        ("a|b\nc\n\nd", motions.next_paragraph, "ab\nc\n|\nd"),
        ("a\n|\n\nd\n \ne", motions.next_paragraph, "a\n\n\nd\n| \ne"),
        ("a|\nb", motions.next_paragraph, "a\nb|"),
        ("  ab|", motions.indentation, "  |ab"),
        ("|  ", motions.indentation, "  |"),
        ("f(a|)", motions.to_bracket, "f|(a)"),
        ("f(a)|", motions.to_bracket, "f|(a)"),
        ("|f", motions.to_bracket, "|f"),
        ("a\nb|\nc", motions.text_start, "|a\nb\nc"),
        ("a\nb|\nc", motions.text_end, "a\nb\nc|"),
        ("ab|c\nd", motions.down, "abc\nd|"),
        ("abc|\nd", motions.down, "abc\nd|"),
        ("ab\nc|d", motions.up, "a|b\ncd"),
        ("a|b", motions.up, "|ab"),
        ("a|b", motions.down, "ab|"),
        ("中|x\nabc", motions.down, "中x\nab|c"),
        ("\t|x\nabcdef", motions.down, "\tx\nabcd|ef"),
        ("a\nb\nc\nd|", motions.page_up, "a\nb|\nc\nd"),
        ("a|\nb", motions.page_up, "a|\nb"),
        ("|a\nb\nc\nd", motions.page_down, "a\nb\n|c\nd"),
        ("a\n|b", motions.page_down, "a\n|b"),
        ("a b|c d", motions.whole_line_start, "|a bc d"),
        ("a b|c d", motions.whole_line_end, "a bc d|"),
    ],
)
def test_motions(before: str, motion: Motion, after: str) -> None:
    state = state_of(before)
    state.move(motion)
    assert written(state) == after


@pytest.mark.parametrize(
    ("before", "motion", "after"),
    [
        ("one two th|ree", motions.line_start, "one two |three"),
        ("one two |three", motions.line_start, "|one two three"),
        ("one| two three", motions.line_end, "one two| three"),
        ("one two| three", motions.line_end, "one two three|"),
        ("one two t|hree", motions.line_end, "one two three|"),
        ("o|ne two three", motions.down, "one two t|hree"),
        ("one two t|hree", motions.up, "o|ne two three"),
        ("one two t|hree", motions.whole_line_start, "|one two three"),
        ("one tw|o three", motions.whole_line_end, "one two three|"),
    ],
)
def test_motions_on_wrapped_rows(before: str, motion: Motion, after: str) -> None:
    state = state_of(before, columns=8)
    state.move(motion)
    assert written(state) == after


def test_up_and_down_lead_to_the_column_where_they_began() -> None:
    state = state_of("abcd|\n\nabcdef")
    state.move(motions.down)
    state.move(motions.down)
    assert written(state) == "abcd\n\nabcd|ef"
    state.move(motions.left)
    state.move(motions.up)
    state.move(motions.up)
    assert written(state) == "abc|d\n\nabcdef"


def test_a_selection_is_extended_from_its_anchor() -> None:
    state = state_of("one |two three")
    state.move(motions.word_right, extend=True)
    state.move(motions.right, extend=True)
    assert written(state) == "one ^two |three"
    state.move(motions.text_start, extend=True)
    assert written(state) == "|one ^two three"


@pytest.mark.parametrize(
    ("text", "up", "down"), [("a|\nb", True, False), ("a\n|b", False, True), ("|", True, True), ("a\n|b\nc", False, False)]
)
def test_edges(text: str, up: bool, down: bool) -> None:
    state = state_of(text)
    assert motions.at_edge(state, state.selection, -1) is up
    assert motions.at_edge(state, state.selection, 1) is down


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ("a b\none t|wo x\n", "two", "one two x"),
        ("a =|= b", "==", "a == b"),
        ("a  |  b", "    ", "a    b"),
        ("word|", "word", "word"),
        ("|", "", ""),
    ],
)
def test_what_is_around_the_cursor(text: str, word: str, line: str) -> None:
    state = state_of(text)
    for found, expected in (
        (motions.word_around(state, state.selection.head), word),
        (motions.line_around(state, state.selection.head), line),
    ):
        assert state.buffer.text[found.start : found.end] == expected


def test_brackets_match_across_lines() -> None:
    text = "f(\n [1, (2)],\n) ]"
    state = state_of(f"|{text}")
    pairs = {1: 14, 14: 1, 4: 11, 8: 10, 0: None, 16: None, len(text): None}
    assert {at: motions.matching_bracket(state, at) for at in pairs} == pairs


@pytest.mark.parametrize(("reach", "found"), [(15_998, True), (15_999, False)])
def test_brackets_match_only_nearby(reach: int, found: bool) -> None:
    state = state_of(f"|({' ' * reach})")
    assert (motions.matching_bracket(state, 0) == reach + 1) is found
    assert (motions.matching_bracket(state, reach + 1) == 0) is found
