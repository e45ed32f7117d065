"""The mark, as Emacs has it: a place that the selection begins at while the cursor moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.selection import Selection

if TYPE_CHECKING:
    from tuinb.editing.selection import State


def set_mark(state: State) -> None:
    """Marks the place of the cursor; what is passed from there on is selected. At the same place again, selects nothing."""
    head = state.selection.head
    state.marking = not (state.marking and state.mark == head)
    state.mark = head
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
    state.mark, state.marking = end, True
    state.selection = Selection(end, 0)


def region(state: State) -> Selection:
    """Returns what is selected, or what is between the mark and the cursor."""
    selection = state.selection
    return Selection(state.mark, selection.head) if selection.is_empty and state.mark is not None else selection


def deselect(state: State) -> None:
    """Selects nothing. The cursor, one if there are several, and the mark stay where they are."""
    head = state.selection.head
    state.marking = False
    state.selection = Selection(head, head)
