"""Lists, tasks and quotes of Markdown: what Enter and Tab make of their lines.

A line of them begins with its markers: those of quotes, the indentation, a bullet or a number, the box of a task.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.selection import Edit, Selection
from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from tuinb.editing.selection import State

_MARKERS = late_pattern(
    r"((?: {0,3}> ?)*)"  # quotes
    r"([ \t]*)(?:([-*+]|(\d{1,9})([.)]))([ \t]+)(\[[ xX]\](?:[ \t]+|$))?)?"  # an item, and the box of a task
)
_RULE = late_pattern(r"\s*([-*_])(?:\s*\1){2,}\s*")
"""A line across the page, which looks like items without a text."""
_MOST_LINES = 400
"""Lines above in which the item is searched that an item belongs to."""
_FENCES = late_pattern(r"^[ \t>]*(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)


def next_line(state: State, selection: Selection) -> Edit | None:
    """Returns what Enter does behind the markers of a line: it goes on with them, or removes the last one if nothing follows.

    Returns None in other lines, and in code and formulas, where it begins a line as elsewhere.
    """
    row, column = state.buffer.place(selection.start)
    line, start = state.buffer.lines[row], state.buffer.start(row)
    found = _MARKERS.match(line)
    if found is None or not found[0].strip() or column < found.end() or _RULE.fullmatch(line):
        return None
    if is_literal(state.buffer.text, start):
        return None
    quotes, indent, item, number, sign, space, box = found.groups(default="")
    if selection.is_empty and not line[found.end() :].strip():
        kept = quotes if item else quotes[: quotes.rindex(">")].rstrip(" ")
        at = start + len(kept)
        return Edit(start, start + len(line), kept, Selection(at, at))
    marker = f"{int(number) + 1}{sign}" if number else item
    text = f"\n{quotes}{indent}{marker}{space}{'[ ] ' if box else ''}"
    last, end = state.buffer.place(selection.end)
    rest = state.buffer.lines[last][end:]
    at = selection.start + len(text)
    return Edit(selection.start, selection.end + len(rest) - len(rest.lstrip(" \t")), text, Selection(at, at))


def is_before_item(before: str) -> bool:
    """Returns whether the part of a line before the cursor is the markers of an item alone."""
    found = _MARKERS.fullmatch(before)
    return found is not None and bool(found[3])


def markers(line: str) -> tuple[str, str, str]:
    """Returns the quotes, the indentation, and the bullet or number with its box and blanks that a line begins with."""
    found = _MARKERS.match(line)
    assert found is not None
    return found[1], found[2], line[found.end(2) : found.end()]


def is_rule(line: str) -> bool:
    """Returns whether a line is drawn across the page."""
    return _RULE.fullmatch(line) is not None


def nest(state: State, selection: Selection) -> Edit:
    """Moves an item with the cursor behind its markers one level deeper. A number begins anew."""
    _, indent, item, number, sign, space, _ = _markers_at(state, selection)
    width = len(item) + len(space)
    return _with_markers(state, selection, indent + " " * width, f"1{sign}" if number else item)


def unnest(state: State, selection: Selection) -> Edit | None:
    """Moves an item to the level of the one that it belongs to, and goes on with its numbers. None at the first level."""
    quotes, indent, item, number, sign, _, _ = _markers_at(state, selection)
    if not indent:
        return None
    row = state.buffer.place(selection.head).row
    for line in reversed(state.buffer.lines[max(0, row - _MOST_LINES) : row]):
        above = _MARKERS.match(line)
        if above is not None and above[3] and above[1] == quotes and len(above[2]) < len(indent):
            goes_on = bool(number and above[4])
            return _with_markers(state, selection, above[2], f"{int(above[4]) + 1}{sign}" if goes_on else item)
    return _with_markers(state, selection, "", item)


def _markers_at(state: State, selection: Selection) -> tuple[str, ...]:
    row, column = state.buffer.place(selection.head)
    found = _MARKERS.match(state.buffer.lines[row][:column])
    assert found is not None
    return found.groups(default="")


def _with_markers(state: State, selection: Selection, indent: str, item: str) -> Edit:
    """Replaces the indentation and the bullet or the number of an item."""
    quotes, old_indent, old_item, *_ = _markers_at(state, selection)
    start = selection.head - state.buffer.place(selection.head).column + len(quotes)
    end = start + len(old_indent) + len(old_item)
    at = selection.head + len(indent) + len(item) - (end - start)
    return Edit(start, end, indent + item, Selection(at, at))


def is_literal(text: str, offset: int) -> bool:
    """Returns whether a line that begins at an offset is in a block of code, or in a formula."""
    fence = ""
    if "```" in text or "~~~" in text:
        for found in _FENCES.finditer(text, 0, offset):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence):
                fence = ""
    return bool(fence) or text.count("$$", 0, offset) % 2 == 1
