"""Motions: where a key moves the cursor to. Free functions that all sets of keys share.

Words are runs of letters, digits and underscores, and runs of all else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.selection import Selection, Target
from tuinb.editing.view import Point

if TYPE_CHECKING:
    from tuinb.editing.selection import State


def left(state: State, selection: Selection) -> Target:
    """One character back, or to the start of what is selected."""
    return Target(max(0, selection.head - 1) if selection.is_empty else selection.start)


def right(state: State, selection: Selection) -> Target:
    """One character on, or to the end of what is selected."""
    return Target(min(len(state.buffer.text), selection.head + 1) if selection.is_empty else selection.end)


def up(state: State, selection: Selection) -> Target:
    """One row up; from the first row, to the start of the text."""
    return _vertical(state, selection, -1)


def down(state: State, selection: Selection) -> Target:
    """One row down; from the last row, to the end of the text."""
    return _vertical(state, selection, 1)


def page_up(state: State, selection: Selection) -> Target:
    """A page up, to the first row at most."""
    return _vertical(state, selection, -min(state.page, _row(state, selection)))


def page_down(state: State, selection: Selection) -> Target:
    """A page down, to the last row at most."""
    return _vertical(state, selection, min(state.page, state.rows.total - 1 - _row(state, selection)))


def _row(state: State, selection: Selection) -> int:
    return state.rows.point(state.buffer.place(selection.head)).row


def _vertical(state: State, selection: Selection, rows: int) -> Target:
    point = state.rows.point(state.buffer.place(selection.head))
    row = point.row + rows
    wanted = point.x if selection.wanted is None else selection.wanted
    if row < 0:
        return Target(0, wanted)
    if row >= state.rows.total:
        return Target(len(state.buffer.text), wanted)
    return Target(state.buffer.offset(state.rows.place(Point(row, wanted))), wanted)


def at_edge(state: State, selection: Selection, direction: int) -> bool:
    """Returns whether the cursor is on the first row (-1) or on the last one (1)."""
    return _row(state, selection) == (0 if direction < 0 else state.rows.total - 1)


def line_start(state: State, selection: Selection) -> Target:
    """To the start of the row; on the first row of a line, to its first character that is no blank, or from there to column
    0.
    """
    place = state.buffer.place(selection.head)
    piece = state.rows.piece(state.rows.point(place).row)
    line = state.buffer.lines[place.row]
    indent = len(line) - len(line.lstrip())
    if piece.continues and place.column > piece.start:
        column = piece.start
    else:
        column = 0 if 0 < place.column <= indent or indent == len(line) else indent
    return Target(state.buffer.offset(Place(place.row, column)))


def line_end(state: State, selection: Selection) -> Target:
    """To the end of the row, and from there to the end of the line."""
    place = state.buffer.place(selection.head)
    piece = state.rows.piece(state.rows.point(place).row)
    length = len(state.buffer.lines[place.row])
    column = length if piece.end == length or place.column == piece.end - 1 else piece.end - 1
    return Target(state.buffer.offset(Place(place.row, column)))


def whole_line_start(state: State, selection: Selection) -> Target:
    """To column 0 of the line, however many rows it has."""
    return Target(selection.head - state.buffer.place(selection.head).column)


def whole_line_end(state: State, selection: Selection) -> Target:
    """To the end of the line, however many rows it has."""
    row, column = state.buffer.place(selection.head)
    return Target(selection.head - column + len(state.buffer.lines[row]))


def text_start(state: State, selection: Selection) -> Target:
    """To the start of the text."""
    return Target(0)


def text_end(state: State, selection: Selection) -> Target:
    """To the end of the text."""
    return Target(len(state.buffer.text))


def word_left(state: State, selection: Selection) -> Target:
    """Over blanks to the start of a word; from the start of a line, to the end of the line above."""
    row, column = state.buffer.place(selection.head)
    if not column:
        return Target(max(0, selection.head - 1))
    line = state.buffer.lines[row]
    at = column
    while at and line[at - 1].isspace():
        at -= 1
    if at:
        kind = _in_word(line[at - 1])
        while at and _in_word(line[at - 1]) == kind:
            at -= 1
    return Target(selection.head - column + at)


def word_right(state: State, selection: Selection) -> Target:
    """Over blanks and a word to its end; from the end of a line, to the start of the line below."""
    row, column = state.buffer.place(selection.head)
    line = state.buffer.lines[row]
    if column == len(line):
        return Target(min(len(state.buffer.text), selection.head + 1))
    at = column
    while at < len(line) and line[at].isspace():
        at += 1
    if at < len(line):
        kind = _in_word(line[at])
        while at < len(line) and _in_word(line[at]) == kind:
            at += 1
    return Target(selection.head - column + at)


_WORD = re.compile(r"[^\W_]+")
"""What Emacs takes for a word: letters and digits."""
_WORD_REACH = 4_000
"""Characters before the cursor in which a word is searched."""


def previous_word(state: State, selection: Selection) -> Target:
    """To the start of a word of letters and digits, also on a line above."""
    text, start = state.buffer.text, max(0, selection.head - _WORD_REACH)
    found = [word.start() for word in _WORD.finditer(text, start, selection.head)]
    return Target(found[-1] if found else start)


def next_word(state: State, selection: Selection) -> Target:
    """To the end of a word of letters and digits, also on a line below."""
    found = _WORD.search(state.buffer.text, selection.head)
    return Target(len(state.buffer.text) if found is None else found.end())


def previous_paragraph(state: State, selection: Selection) -> Target:
    """Returns the empty line above the paragraph, or the start of the text."""
    lines = state.buffer.lines
    row, column = state.buffer.place(selection.head)
    row -= not column
    while row >= 0 and not lines[row].strip():
        row -= 1
    while row >= 0 and lines[row].strip():
        row -= 1
    return Target(state.buffer.start(row) if row >= 0 else 0)


def next_paragraph(state: State, selection: Selection) -> Target:
    """Returns the empty line below the paragraph, or the end of the text."""
    lines = state.buffer.lines
    row, last = state.buffer.place(selection.head).row, len(lines)
    while row < last and not lines[row].strip():
        row += 1
    while row < last and lines[row].strip():
        row += 1
    return Target(state.buffer.start(row) if row < last else len(state.buffer.text))


def indentation(state: State, selection: Selection) -> Target:
    """To the first character of the line that is no blank."""
    row, column = state.buffer.place(selection.head)
    line = state.buffer.lines[row]
    return Target(selection.head - column + len(line) - len(line.lstrip()))


def word_around(state: State, offset: int) -> Selection:
    """Returns the word at an offset: a run of letters, of blanks, or of other characters."""
    row, column = state.buffer.place(offset)
    line = state.buffer.lines[row]
    start = end = min(column, max(0, len(line) - 1))
    while end < len(line) and _kind(line[end]) == _kind(line[start]):
        end += 1
    while start and _kind(line[start - 1]) == _kind(line[end - 1]):
        start -= 1
    origin = state.buffer.start(row)
    return Selection(origin + start, origin + end)


def line_around(state: State, offset: int) -> Selection:
    """Returns the line at an offset, without its end."""
    row = state.buffer.place(offset).row
    start = state.buffer.start(row)
    return Selection(start, start + len(state.buffer.lines[row]))


def to_bracket(state: State, selection: Selection) -> Target:
    """To the bracket that matches the one at the cursor, or before it. Without one, stays."""
    pair = bracket_pair(state, selection.head)
    return Target(selection.head if pair is None else pair[1])


def bracket_pair(state: State, offset: int) -> tuple[int, int] | None:
    """Returns the bracket at an offset, or before it, and the one that matches it."""
    for at in (offset, offset - 1) if offset else (offset,):
        partner = matching_bracket(state, at)
        if partner is not None:
            return at, partner
    return None


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _kind(character: str) -> int:
    return 2 if _in_word(character) else int(character.isspace())


_PAIRS = {bracket: re.compile(rf"[\{pair[0]}\{pair[1]}]") for pair in ("()", "[]", "{}") for bracket in pair}
"""Bracket → a regular expression for it and its partner."""
_REACH = 16_000
"""Characters in which a matching bracket is searched, before or after."""


def matching_bracket(state: State, offset: int) -> int | None:
    """Returns the offset of the bracket that matches the one at an offset. None without one within 16,000 characters."""
    text = state.buffer.text
    bracket = text[offset : offset + 1]
    pair = _PAIRS.get(bracket)
    if pair is None:
        return None
    if bracket in "([{":
        found = pair.finditer(text, offset, offset + _REACH)
    else:
        found = reversed(list(pair.finditer(text, max(0, offset + 1 - _REACH), offset + 1)))
    depth = 0
    for match in found:
        depth += 1 if match[0] == bracket else -1
        if not depth:
            return match.start()
    return None
