"""Indentation of a line as it is typed: after Enter, after the colon of `else:`, and before a closing bracket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.languages import indent_of
from tuinb.editing.syntax import surroundings

if TYPE_CHECKING:
    from tuinb.editing.selection import State

_MOST_LINES = 400
"""Lines above in which the block of an `else:` is searched."""
_PARTNERS = {")": "(", "]": "[", "}": "{"}


def next_indent(state: State, offset: int) -> str:
    """Returns the indentation of the line that Enter at an offset begins."""
    text, language = state.buffer.text, state.language
    row, column = state.buffer.place(offset)
    before = state.buffer.lines[row][:column]
    around = surroundings(text, offset, language)
    if len(around.inside) > 1 or (around.inside == "#" and before.lstrip().startswith("#")):
        return indent_of(before)
    first = state.buffer.place(around.statement).row
    opener = around.brackets[-1] if around.brackets else -1
    if opener >= 0 and text[opener] in language.joining:
        return _in_brackets(state, opener, row, before)
    statement = indent_of(state.buffer.lines[first][: column if first == row else None])
    if before.endswith("\\") and language.aligns:
        return statement + language.indent if first == row else indent_of(before)
    is_code = around.inside in ("", "#")
    if opener >= around.statement or (is_code and language.block and re.search(language.block, before)):
        return statement + language.indent
    rest = state.buffer.lines[row][column:]
    start = before if first == row else state.buffer.lines[first]
    if language.leave and not rest.strip() and re.search(language.leave, start):
        return statement[: max(0, len(statement) - len(language.indent))]
    return statement


def _in_brackets(state: State, opener: int, row: int, before: str) -> str:
    """Returns the indentation of a line within brackets: that of its neighbours, the first argument's, or one step."""
    place = state.buffer.place(opener)
    if row > place.row and before.strip():
        return indent_of(before)
    line = state.buffer.lines[place.row]
    after = (before if row == place.row else line)[place.column + 1 :]
    argument = after.lstrip()
    comment = state.language.comment
    if state.language.aligns and not state.hanging and argument and not (comment and argument.startswith(comment)):
        return " " * (place.column + 1 + len(after) - len(argument))
    return indent_of(line) + state.language.indent


def after_colon(state: State, offset: int) -> str | None:
    """Returns the indentation of the line on which a colon is typed at an offset, if the line belongs to a block above.

    Returns None if it has it already, or belongs to none.
    """
    row, column = state.buffer.place(offset)
    before = state.buffer.lines[row][:column]
    keyword = re.match(r"\s+(\w+)(?=\s|$)", before)
    owners = state.language.branches.get(keyword[1], "") if keyword else ""
    if not owners:
        return None
    around = surroundings(state.buffer.text, offset, state.language)
    if around.inside or around.brackets:
        return None
    indent = indent_of(before)
    limit = len(indent)
    for line in reversed(state.buffer.lines[max(0, row - _MOST_LINES) : row]):
        own = indent_of(line)
        if not line.strip() or len(own) > limit:
            continue
        if (found := re.match(owners, line[len(own) :])) is not None:
            return own if len(own) < len(indent) and not found.lastindex else None
        limit = len(own) - 1
    return None


def of_closing(state: State, offset: int, bracket: str) -> str | None:
    """Returns the indentation of a line that begins with a closing bracket: that of the line that ends with the opening one.

    Returns None if something stands before the bracket, or behind the opening one.
    """
    row, column = state.buffer.place(offset)
    before = state.buffer.lines[row][:column]
    if before.strip():
        return None
    around = surroundings(state.buffer.text, offset, state.language)
    opener = around.brackets[-1] if around.brackets and not around.inside else -1
    if opener < 0 or state.buffer.text[opener] != _PARTNERS[bracket]:
        return None
    place = state.buffer.place(opener)
    line = state.buffer.lines[place.row]
    indent = indent_of(line)
    return None if line[place.column + 1 :].strip() or indent == before else indent
