"""The mark, as Emacs has it: a place that the selection begins at while the cursor moves. Those before it are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import Motion, State

MOST = 16
"""Marks before the last one that are kept."""


def push(state: State, offset: int) -> None:
    """Makes an offset the mark. The mark so far is kept in the ring."""
    if state.mark is not None and state.mark != offset:
        state.earlier_marks = (state.mark, *state.earlier_marks)[:MOST]
    state.mark = offset


def pop(state: State) -> None:
    """Goes to the mark. The one before it becomes the mark, and it the last of the ring. Does nothing without a mark."""
    if state.mark is not None:
        state.selection = Selection(state.mark, state.mark)
        ring = (*state.earlier_marks, state.mark)
        state.mark, state.earlier_marks, state.marking = ring[0], ring[1:], False


def set_mark(state: State) -> None:
    """Marks the place of the cursor; what is passed from there on is selected. At the same place again, selects nothing."""
    head = state.selection.head
    state.marking = not (state.marking and state.mark == head)
    push(state, head)
    state.selection = Selection(head, head)


def exchange(state: State) -> None:
    """Exchanges the cursor and the mark, and selects what is between them. Does nothing without a mark."""
    head, mark = state.selection.head, state.mark
    if mark is not None:
        state.mark, state.marking = head, True
        state.selection = Selection(head, mark)


def mark_all(state: State) -> None:
    """Selects the whole text: the mark at its end, the cursor at its start."""
    end = len(state.buffer.text)
    push(state, end)
    state.marking = True
    state.selection = Selection(end, 0)


def mark_around(around: Callable[[State], Selection]) -> Callable[[State], None]:
    """Returns the function that selects what is around the cursor: the mark at its end, the cursor at its start."""

    def mark(state: State) -> None:
        found = around(state)
        if found.is_empty:
            return
        push(state, found.anchor)
        state.marking = True
        state.selection = found

    return mark


def mark_on(motion: Motion) -> Callable[[State], None]:
    """Returns the function that marks where a motion leads, from the mark on where text is selected. The cursor stays."""

    def mark(state: State) -> None:
        head, anchor = state.selection.head, state.selection.anchor
        end = motion(state, Selection(anchor, anchor)).offset
        if state.marking and anchor != head:
            state.mark = end
        else:
            push(state, end)
        state.marking = True
        state.selection = Selection(end, head)

    return mark


def go_to_start(state: State) -> None:
    """Goes to the start of the text, and marks where the cursor was unless text is being selected from a mark."""
    _leave(state, 0)


def go_to_end(state: State) -> None:
    """Goes to the end of the text, and marks where the cursor was unless text is being selected from a mark."""
    _leave(state, len(state.buffer.text))


def _leave(state: State, offset: int) -> None:
    if not state.marking:
        push(state, state.selection.head)
    state.selection = Selection(state.selection.anchor if state.marking else offset, offset)


def region(state: State) -> Selection:
    """Returns what is selected, or what is between the mark and the cursor."""
    selection = state.selection
    return Selection(state.mark, selection.head) if selection.is_empty and state.mark is not None else selection


def deselect(state: State) -> None:
    """Selects nothing. The cursor, one if there are several, and the mark stay where they are."""
    head = state.selection.head
    state.marking = False
    state.selection = Selection(head, head)
