"""The text area's document. It splits lines at `\\n` only and reports each change as a splice.

Textual's Document splits lines as str.splitlines does, so that one key in a cell with a form feed or U+2028 would rewrite the
cell. All edits, undo and redo pass `replace_range`, which reports them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from textual.document._document import Document, EditResult, Location, Newline
from textual.geometry import Size

from tuinb.render.safe import one_to_one, width

Splice: TypeAlias = Callable[[int, str, str], None]
"""Called with the offset in code points, the removed text and the inserted text."""


_WIDTH_STEP = 32


class SourceDocument(Document):
    """A text whose lines end at `\\n`. Every other character is content."""

    def __init__(self, text: str, on_splice: Splice) -> None:
        super().__init__("")
        self._newline: Newline = "\n"
        self._lines = text.split("\n")
        self._on_splice = on_splice
        self._text: str | None = text
        self._widths: list[int] | None = None
        self._tab_width = 0

    @property
    def text(self) -> str:
        """The whole text. Cached, since Textual reads it for every line that it paints."""
        if self._text is None:
            self._text = "\n".join(self._lines)
        return self._text

    def offset(self, location: Location) -> int:
        """Returns the offset of a location in code points."""
        row, column = location
        return sum(map(len, self._lines[:row])) + row + column

    def location(self, offset: int) -> Location:
        """Returns the row and column of an offset, clamped to the text."""
        for row, line in enumerate(self._lines):
            if offset <= len(line):
                return row, max(0, offset)
            offset -= len(line) + 1
        return len(self._lines) - 1, len(self._lines[-1])

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replaces a range and reports the splice."""
        (top, left), (bottom, right) = sorted((start, end))
        bottom = min(bottom, len(self._lines) - 1)
        first, last = self._lines[top], self._lines[bottom]
        left, right = min(left, len(first)), min(right, len(last))
        at = self.offset((top, left))
        removed = self.get_text_range((top, left), (bottom, right))
        inserted = text.split("\n")
        column = len(inserted[-1]) + (left if len(inserted) == 1 else 0)
        inserted[0] = first[:left] + inserted[0]
        inserted[-1] += last[right:]
        self._lines[top : bottom + 1] = inserted
        self._text = None
        if self._widths is not None:
            self._widths[top : bottom + 1] = [self._width(line) for line in inserted]
        if removed or text:
            self._on_splice(at, removed, text)
        return EditResult((top + len(inserted) - 1, column), removed)

    def get_size(self, tab_width: int) -> Size:
        if self._widths is None or tab_width != self._tab_width:
            self._tab_width = tab_width
            self._widths = [self._width(line) for line in self._lines]
        # Rounded up: a size that changes with every key would lay out the screen again with every key.
        return Size((max(self._widths) // _WIDTH_STEP + 1) * _WIDTH_STEP, len(self._lines))

    def _width(self, line: str) -> int:
        return width(one_to_one(line).expandtabs(self._tab_width))
