"""Paints one row of the editor: colours of the language, then what is marked on it, such as the selection and the cursor."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from tuinb.editing.view import TAB
from tuinb.record import Record
from tuinb.render.safe import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.style import Style

    from tuinb.render.block import Line

_PER_COLUMN = 4
"""Characters per column that are read: some characters take no column."""


class EditorStyles(Record):
    """The styles of the editor. All but `base` and `current` are laid over what they mark."""

    base: Style
    current: Style
    """In place of `base` behind the end of the cursor's row. Under its text, too, each move would send two rows anew."""
    cursor: Style
    selection: Style
    bracket: Style
    muted: Style
    """Line numbers, and the mark of a row that continues a line."""


class Mark(NamedTuple):
    """A part of a line that is marked: from a column to another one, in characters. The line end is a character, too."""

    start: int
    end: int
    style: Style


def paint(
    line: Line, start: int, end: int, x: int, columns: int, marks: Sequence[Mark], base: Style
) -> tuple[list[Segment], int]:
    """Returns the characters `start` to `end` of a line, from column `x` on, up to about column `columns`, and where they end.

    `line` has one character for each. The line end is painted as a blank if `end` is behind the last character.
    """
    end = min(end, start + _PER_COLUMN * max(0, columns - x))
    out: list[Segment] = []
    for text, style in _pieces(line, start, end, marks):
        shown = text
        if "\t" in text:
            first, *others = text.split("\t")
            shown = first
            for part in others:
                shown += " " * (TAB - (x + width(shown)) % TAB) + part
        x += width(shown)
        out.append(Segment(shown, base + style if style is not None else base))
        if x >= columns:
            break
    return out, x


def _pieces(line: Line, start: int, end: int, marks: Sequence[Mark]) -> Iterator[tuple[str, Style | None]]:
    """Yields the text between two columns, in pieces of one style."""
    at = 0
    for text, style, _ in line:
        stop = at + len(text)
        if marks:
            yield from _marked(text, at, style, max(start, at), min(end, stop), marks)
        elif start < stop:
            yield text[max(0, start - at) : end - at], style
        at = stop
        if at >= end:
            return
    yield from _marked(" ", at, None, max(start, at), at + 1, marks)


def _marked(
    text: str, at: int, style: Style | None, start: int, end: int, marks: Sequence[Mark]
) -> Iterator[tuple[str, Style | None]]:
    """Yields the part from `start` to `end` of a text that begins at column `at`, divided where marks begin and end."""
    if start >= end:
        return
    if not marks:
        yield text[start - at : end - at], style
        return
    cuts = sorted({start, end, *(cut for mark in marks for cut in mark[:2] if start < cut < end)})
    for first, last in pairwise(cuts):
        laid = style
        for mark in marks:
            if mark.start <= first < mark.end:
                laid = mark.style if laid is None else laid + mark.style
        yield text[first - at : last - at], laid
