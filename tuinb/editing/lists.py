"""Lists, tasks and quotes of Markdown: what Enter makes of their lines.

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
    if _is_literal(state.buffer.text, start):
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


def _is_literal(text: str, offset: int) -> bool:
    """Returns whether a line that begins at an offset is in a block of code, or in a formula."""
    fence = ""
    if "```" in text or "~~~" in text:
        for found in _FENCES.finditer(text, 0, offset):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence):
                fence = ""
    return bool(fence) or text.count("$$", 0, offset) % 2 == 1
