"""Operators: what a key changes in a text. Free functions that all sets of keys share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing import languages, motions
from tuinb.editing.buffer import Place
from tuinb.editing.selection import Edit, Operator, Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import State

_WORD = re.compile(r"\s*\w+")


def _replaced(start: int, end: int, text: str) -> Edit:
    """Returns an edit with the cursor behind the new text."""
    at = min(start, end) + len(text)
    return Edit(min(start, end), max(start, end), text, Selection(at, at))


def _deleted(start: int, end: int) -> Edit | None:
    return None if start == end else _replaced(start, end, "")


# ---- text


def insert(text: str) -> Operator:
    """Returns the operator that replaces what is selected by `text`. Line ends of other systems become `\\n`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lambda state, selection: _replaced(selection.start, selection.end, lines)


def new_line(state: State, selection: Selection) -> Edit:
    """Starts an indented line. Between brackets, the closing one gets a line of its own."""
    row, column = state.buffer.place(selection.start)
    line = state.buffer.lines[row]
    text = "\n" + languages.next_indent(line, column, state.language)
    if selection.is_empty and languages.between_brackets(line, column):
        at = selection.start + len(text)
        return Edit(selection.start, selection.end, f"{text}\n{languages.indent_of(line)}", Selection(at, at))
    return _replaced(selection.start, selection.end, text)


# ---- deleting


def delete_left(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or the character before the cursor; within the indentation, back to the previous step."""
    row, column = state.buffer.place(selection.head)
    before, step = state.buffer.lines[row][:column], len(state.language.indent)
    if selection.is_empty and before and not before.strip(" "):
        return _deleted(selection.head - column + (column - 1) // step * step, selection.head)
    return _delete_to(motions.left(state, selection).offset, selection)


def delete_right(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or the character after the cursor."""
    return _delete_to(motions.right(state, selection).offset, selection)


def delete_word_left(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or back to the start of a word."""
    return _delete_to(motions.word_left(state, selection).offset, selection)


def delete_word_right(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or up to the end of a word."""
    row, column = state.buffer.place(selection.head)
    line = state.buffer.lines[row]
    if column == len(line):
        return delete_right(state, selection)
    found = _WORD.search(line, column)
    return _delete_to(selection.head - column + (found.end() if found else len(line)), selection)


def delete_to_line_start(state: State, selection: Selection) -> Edit | None:
    """Deletes back to the start of the line; from there, what is selected, or the end of the line above."""
    column = state.buffer.place(selection.head).column
    return _deleted(selection.head - column, selection.head) if column else delete_left(state, selection)


def delete_to_line_end(state: State, selection: Selection) -> Edit | None:
    """Deletes up to the end of the line; from there, the line end."""
    row, column = state.buffer.place(selection.head)
    rest = len(state.buffer.lines[row]) - column
    return _deleted(selection.head, selection.head + rest) if rest else delete_right(state, selection)


def delete_lines(state: State, selection: Selection) -> Edit | None:
    """Deletes the selected lines. The cursor keeps its column."""
    first, last = _selected_rows(state, selection)
    lines, column = state.buffer.lines, state.buffer.place(selection.head).column
    start, end = state.buffer.start(first), state.buffer.start(last) + len(lines[last])
    if last + 1 < len(lines):
        at = start + min(column, len(lines[last + 1]))
        return Edit(start, end + 1, "", Selection(at, at))
    above = max(0, start - 1)
    at = state.buffer.offset(Place(first - 1, column)) if first else 0
    return Edit(above, end, "", Selection(at, at)) if above < end else None


def _delete_to(offset: int, selection: Selection) -> Edit | None:
    if selection.is_empty:
        return _deleted(offset, selection.head)
    return _deleted(selection.start, selection.end)


# ---- lines


def indent(state: State, selection: Selection) -> Edit | None:
    """Indents the selected lines. Without a selection, inserts spaces up to the next step of indentation."""
    if selection.is_empty:
        step = len(state.language.indent)
        return _replaced(selection.head, selection.head, " " * (step - state.buffer.place(selection.head).column % step))
    return _change_lines(state, selection, lambda lines: languages.indent_lines(lines, state.language))


def dedent(state: State, selection: Selection) -> Edit | None:
    """Dedents the selected lines."""
    return _change_lines(state, selection, lambda lines: languages.dedent_lines(lines, state.language))


def toggle_comment(state: State, selection: Selection) -> Edit | None:
    """Comments or uncomments the selected lines."""
    return _change_lines(state, selection, lambda lines: languages.toggle_comment(lines, state.language))


def move_lines_up(state: State, selection: Selection) -> Edit | None:
    """Moves the selected lines above the line before them."""
    first, last = _selected_rows(state, selection)
    lines = state.buffer.lines
    if not first:
        return None
    moved = -len(lines[first - 1]) - 1
    return _with_lines(state, selection, first - 1, last, [*lines[first : last + 1], lines[first - 1]], (moved, moved))


def move_lines_down(state: State, selection: Selection) -> Edit | None:
    """Moves the selected lines below the line after them."""
    first, last = _selected_rows(state, selection)
    lines = state.buffer.lines
    if last + 1 == len(lines):
        return None
    moved = len(lines[last + 1]) + 1
    return _with_lines(state, selection, first, last + 1, [lines[last + 1], *lines[first : last + 1]], (moved, moved))


def _selected_rows(state: State, selection: Selection) -> tuple[int, int]:
    """Returns the first and the last row of the selection. A row whose start ends the selection is not part of it."""
    start, end = state.buffer.place(selection.start), state.buffer.place(selection.end)
    return start.row, end.row - 1 if end.column == 0 and end.row > start.row else end.row


def _change_lines(state: State, selection: Selection, change: Callable[[list[str]], list[str]]) -> Edit | None:
    """Changes the selected lines, each to one line. The selection stays at its text."""
    first, last = _selected_rows(state, selection)
    old = state.buffer.lines[first : last + 1]
    new = change(old)
    if new == old:
        return None

    def moved(offset: int) -> int:
        row, column = state.buffer.place(offset)
        before = sum(len(b) - len(a) for a, b in zip(old[: row - first], new, strict=False))
        if row > last or not (column or selection.is_empty):
            return before
        return before + max(-column, len(new[row - first]) - len(old[row - first]))

    return _with_lines(state, selection, first, last, new, (moved(selection.anchor), moved(selection.head)))


def _with_lines(state: State, selection: Selection, first: int, last: int, lines: list[str], moved: tuple[int, int]) -> Edit:
    """Returns an edit of whole lines. `moved` is how far the ends of the selection move."""
    start, end = state.buffer.start(first), state.buffer.start(last) + len(state.buffer.lines[last])
    text = "\n".join(lines)
    # A selection that ends with a line end has none to end with behind the last line.
    most = len(state.buffer.text) - (end - start) + len(text)
    return Edit(start, end, text, Selection(min(most, selection.anchor + moved[0]), min(most, selection.head + moved[1])))
