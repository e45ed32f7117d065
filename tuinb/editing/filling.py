"""Filling: breaks the lines of a paragraph anew, so that each is as long as the width allows.

In Markdown a paragraph is one item of a list, or lines of one quote. Headings, tables, HTML, formulas and blocks of code are
not filled. In code, comments and strings of several lines are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tuinb.editing import lists
from tuinb.editing.languages import indent_of
from tuinb.editing.selection import Edit, Selection
from tuinb.editing.syntax import surroundings
from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from tuinb.editing.selection import State

WIDTH: Final = 70
"""Columns that are filled, as in Emacs: they fit beside the margin in a terminal of 80."""
_MOST_LINES = 400
"""Lines above and below the cursor in which a paragraph is searched."""
_NOT_PROSE = late_pattern(r"[ >]*(?:#{1,6}(?:\s|$)|\||<|```|~~~|\$\$|\[[^\]]+\]:|=+\s*$)| {4,}(?![-*+\d ])")
"""A heading, a row of a table, HTML, a fence, a formula, the address of a link, or indented code."""
_LOOKS_LIKE_MARKER = late_pattern(r" (?=(?:[-+*>=]+|#{1,6}|\d{1,9}[.)])(?: |$))")
"""A space behind which a new line would begin an item, a quote or a heading."""
_OPENS_STRING = late_pattern(r"\s*[A-Za-z]{0,2}(\"{3}|'{3})")


_PROMPT = late_pattern(r"[ \t#]*(?:>>>|\.\.\.)[ \t]")
"""What begins a line of an example in a docstring."""


class _Head(NamedTuple):
    """What begins a line that can be filled."""

    text: str
    hanging: str
    """What begins further lines of its paragraph."""
    begins: bool = False
    """Whether the line begins a paragraph."""


def fill(state: State, selection: Selection) -> Edit | None:
    """Fills the paragraph of the cursor, or the paragraphs of the selected lines. The cursor stays at its text."""
    lines = state.buffer.lines
    if selection.is_empty:
        row = state.buffer.place(selection.head).row
        found = [each for each in _paragraphs(state, *_text_around(state, row)) if row in each[0]]
    else:
        first, last = state.selected_rows(selection)
        found = list(_paragraphs(state, first, last))
    if not found:
        return None
    start, end = found[0][0].start, found[-1][0].stop
    new: list[str] = []
    for at, (rows, head) in enumerate(found):
        new += _filled(state, rows, head)
        new += lines[rows.stop : found[at + 1][0].start] if at + 1 < len(found) else []
    if new == lines[start:end]:
        return None
    origin, text = state.buffer.start(start), "\n".join(new)
    stop = state.buffer.start(end - 1) + len(lines[end - 1])
    cursor = origin + len(text)
    if selection.is_empty:
        cursor = origin + _at_same_text(state.buffer.text[origin:stop], text, selection.head - origin, found[0][1])
    return Edit(origin, stop, text, Selection(cursor, cursor))


def is_text(state: State, selection: Selection) -> bool:
    """Returns whether there is a paragraph that can be filled."""
    first, last = state.selected_rows(selection)
    return any(_head(state, row) is not None for row in range(first, last + 1))


def wrapped(words: str, first: str, rest: str, width: int) -> list[str]:
    """Returns words as lines of at most `width` columns, the first one behind `first`, the others behind `rest`."""
    import textwrap

    return textwrap.wrap(
        words, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _filled(state: State, rows: range, head: _Head) -> list[str]:
    lines = [state.buffer.lines[row] for row in rows]
    prose = [lines[0][len(head.text) :], *(line[len(_common(line, head.hanging)) :] for line in lines[1:])]
    words = _LOOKS_LIKE_MARKER.sub("\0", " ".join(part.strip() for part in prose))
    new = [line.replace("\0", " ") for line in wrapped(words, head.text, head.hanging, WIDTH)]
    if new and state.language.has_lists and _ends_hard(lines[-1]):
        new[-1] += lines[-1][len(lines[-1].rstrip()) :]
    return new


def _common(line: str, hanging: str) -> str:
    """Returns what a line has instead of what begins further lines of a paragraph."""
    if line.startswith(hanging):
        return hanging
    return line[: len(line) - len(line.lstrip(" \t>" if ">" in hanging else " \t"))]


def _at_same_text(old: str, new: str, at: int, head: _Head) -> int:
    """Returns the offset in the filled text that has as many characters of words before it as the old one had."""
    marker = head.hanging.strip()

    def shown(text: str) -> list[int]:
        """Returns the offsets of what is no blank and no marker of a line."""
        found, start = [], 0
        for line in text.split("\n"):
            skipped = len(line) - len(line.lstrip())
            skipped += len(marker) if marker and line[skipped:].startswith(marker) else 0
            found += [start + column for column in range(skipped, len(line)) if not line[column].isspace()]
            start += len(line) + 1
        return found

    before = sum(each < at for each in shown(old))
    places = shown(new)
    if not before:
        return min(at, places[0])
    if before >= len(places):  # more than that where markers of a line are spelled differently
        return len(new.rstrip())
    # Behind a word stays behind it.
    return places[before - 1] + 1 if old[at - 1 : at].strip() else places[before]


def _text_around(state: State, row: int) -> tuple[int, int]:
    """Returns the first and the last of the lines around a row that can be filled."""
    first = last = row
    while first > max(0, row - _MOST_LINES) and _head(state, first - 1) is not None:
        first -= 1
    while last + 1 < min(len(state.buffer.lines), row + _MOST_LINES) and _head(state, last + 1) is not None:
        last += 1
    return first, last


def _paragraphs(state: State, first: int, last: int) -> list[tuple[range, _Head]]:
    """Returns the rows of each paragraph from one row to another, and the head of its first one."""
    found: list[tuple[range, _Head]] = []
    for row in range(first, last + 1):
        head = _head(state, row)
        if head is None:
            continue
        if found and found[-1][0].stop == row and _goes_on(state, found[-1][1], head, row):
            found[-1] = (range(found[-1][0].start, row + 1), found[-1][1])
        else:
            found.append((range(row, row + 1), head))
    return found


def _goes_on(state: State, first: _Head, head: _Head, row: int) -> bool:
    """Returns whether a row goes on with the paragraph of the row above."""
    if head.begins:
        return False
    if state.language.has_lists:
        return head.text.count(">") == first.text.count(">") and not _ends_hard(state.buffer.lines[row - 1])
    return head.text == first.hanging


def _ends_hard(line: str) -> bool:
    """Returns whether a line of Markdown ends with a line break that is shown."""
    return line.endswith(("  ", "\\"))


def _head(state: State, row: int) -> _Head | None:
    """Returns what begins a row; None if it is no text that can be filled."""
    line = state.buffer.lines[row]
    if state.language.has_lists:
        if _NOT_PROSE.match(line) or lists.is_literal(state.buffer.text, state.buffer.start(row)):
            return None
        return _with_markers(line, "")
    if _PROMPT.match(line):
        return None
    where = surroundings(state.buffer.text, state.buffer.start(row), state.language)
    if where.inside:
        return _in_string(line, where.inside)
    comment = state.language.comment
    if comment and line.lstrip().startswith(comment):
        marker = line[: len(indent_of(line)) + len(comment)]
        return _with_markers(line[len(marker) :], marker)
    opener = _OPENS_STRING.match(line)
    if opener is None or opener[1] not in state.language.strings or not line[opener.end() :].strip():
        return None
    found = _in_string(line[opener.end() :], opener[1])
    return None if found is None else _Head(indent_of(line), indent_of(line), begins=True)


def _in_string(line: str, delimiter: str) -> _Head | None:
    """Returns what begins a line in a string; None if it is no prose, or code follows the string."""
    before, closed, after = line.partition(delimiter)
    if len(delimiter) == 1 or after.strip() or (closed and not before.strip()):
        return None
    return _with_markers(line, "")


def _with_markers(line: str, before: str) -> _Head | None:
    """Returns the head of a line with the markers of lists and quotes behind what is `before` it; None if no text follows."""
    quotes, indent, item = lists.markers(line)
    text = quotes + indent + item
    if not line[len(text) :].strip() or lists.is_rule(line):
        return None
    return _Head(before + text, before + quotes + indent + " " * len(item), begins=bool(item))
