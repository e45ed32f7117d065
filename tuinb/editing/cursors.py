"""Several cursors: functions that add selections to those of a text."""

from __future__ import annotations

import re
from bisect import bisect
from typing import TYPE_CHECKING

from tuinb.editing import marks, motions
from tuinb.editing.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.editing.selection import Motion, State


def add_next_occurrence(state: State) -> None:
    """Selects the word at the cursor; if text is selected, its next occurrence, too, and after the last one the first."""
    if state.selection.is_empty:
        _select_word(state)
    elif (found := _next_occurrence(state)) is not None:
        state.selections = (*state.selections, found)


def skip_occurrence(state: State) -> None:
    """Selects the word at the cursor; if text is selected, its next occurrence instead of the one that was selected last."""
    if state.selection.is_empty:
        _select_word(state)
    elif (found := _next_occurrence(state)) is not None:
        state.selections = (*state.selections[:-1], found)


def drop_cursor(state: State) -> None:
    """Drops the cursor or the selection that was added last. A single selection becomes a cursor."""
    head = state.selection.head
    state.selections = state.selections[:-1] or (Selection(head, head),)


def cursors_at_line_ends(state: State) -> None:
    """Puts a cursor at the end of each selected line, but not of the one at whose start the selection ends."""
    found: dict[int, None] = {}
    for each in state.selections:
        first, end = state.buffer.place(each.start).row, state.buffer.place(each.end)
        for row in range(first, end.row + (end.column > 0 or end.row == first)):
            found[state.buffer.start(row) + len(state.buffer.lines[row])] = None
    state.selections = tuple([Selection(offset, offset) for offset in found])


def select_all_occurrences(state: State) -> None:
    """Selects all occurrences of the selected text, or of the word at the cursor."""
    if state.selection.is_empty:
        _select_word(state)
    if not state.selection.is_empty:
        last = state.selection
        state.selections = (last,)
        state.selections = (*_other_occurrences(state), last)


def add_cursor_above(state: State) -> None:
    """Adds a cursor on the row above the first one."""
    _add_cursor(state, motions.up, min(state.selections, key=lambda each: each.head), -1)


def add_cursor_below(state: State) -> None:
    """Adds a cursor on the row below the last one."""
    _add_cursor(state, motions.down, max(state.selections, key=lambda each: each.head), 1)


def select_rectangle(state: State) -> None:
    """Selects, on each line from the mark to the cursor, what is between their columns."""
    region = marks.region(state)
    (top, left), (bottom, right) = state.buffer.place(region.start), state.buffer.place(region.end)
    left, right = min(left, right), max(left, right)
    found = []
    for row in range(top, bottom + 1):
        start, length = state.buffer.start(row), len(state.buffer.lines[row])
        if length >= left:
            found.append(Selection(start + left, start + min(right, length)))
    state.marking = False
    state.selections = tuple(found)


def _add_cursor(state: State, motion: Motion, beside: Selection, direction: int) -> None:
    if not motions.at_edge(state, beside, direction):
        target = motion(state, Selection(beside.head, beside.head, beside.wanted))
        state.selections = (*state.selections, Selection(target.offset, target.offset, target.wanted))
        state.merge()


def _select_word(state: State) -> None:
    """Selects the word at the cursor, or right before it."""
    text, head = state.buffer.text, state.selection.head
    if not text[head : head + 1].isidentifier() and not text[head : head + 1].isdecimal() and head:
        head -= 1
    word = motions.word_around(state, head)
    if re.fullmatch(r"\w+", text[word.start : word.end]):
        state.selection = word


def _next_occurrence(state: State) -> Selection | None:
    """Returns the occurrence of the selected text after the one with the cursor, and after the last one the first."""
    found = list(_other_occurrences(state))
    after = (each for each in found if each.start >= state.selection.end)
    return next(after, found[0] if found else None)


def _other_occurrences(state: State) -> Iterator[Selection]:
    """Yields where the selected text is, without what overlaps a selection."""
    taken = sorted(state.selections, key=lambda each: each.start)
    starts = [each.start for each in taken]
    for each in _occurrences(state):
        at = bisect(starts, each.start)
        if not any(each.overlaps(beside) for beside in taken[max(0, at - 1) : at + 1]):
            yield each


def _occurrences(state: State) -> Iterator[Selection]:
    """Yields where the selected text is. If that is a whole word, as a whole word."""
    text, selection = state.buffer.text, state.selection
    needle = text[selection.start : selection.end]
    word = motions.word_around(state, selection.start)
    is_word = (word.start, word.end) == (selection.start, selection.end) and re.fullmatch(r"\w+", needle) is not None
    pattern = rf"(?<!\w){re.escape(needle)}(?!\w)" if is_word else re.escape(needle)
    return (Selection(*found.span()) for found in re.finditer(pattern, text))
