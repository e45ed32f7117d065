"""The document behind the editor: lines split on `\\n` alone, and every change of it told as a splice.

Textual's own document splits on all that str.splitlines knows, so that one key in a cell that holds a form feed or U+2028
would rewrite the cell. Everything that edits, undo and redo among it, passes `replace_range`: the one place to listen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from textual.document._document import Document, EditResult, Location, Newline
from textual.geometry import Size

from tuinb.render.safe import one_to_one, width

Splice: TypeAlias = Callable[[int, str, str], None]
"""Called with the offset in code points, what was removed there, and what was inserted."""


_WIDTH_STEP = 32


class SourceDocument(Document):
    """A text as lines between `\\n`; any other character is content."""

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
        """The whole text, kept: Textual asks for it with every line that it paints."""
        if self._text is None:
            self._text = "\n".join(self._lines)
        return self._text

    def offset(self, location: Location) -> int:
        """The code points before a location."""
        row, column = location
        return sum(map(len, self._lines[:row])) + row + column

    def location(self, offset: int) -> Location:
        """The row and column of an offset, clamped to the text."""
        for row, line in enumerate(self._lines):
            if offset <= len(line):
                return row, max(0, offset)
            offset -= len(line) + 1
        return len(self._lines) - 1, len(self._lines[-1])

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
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
        # Rounded up: a size that changes with every key would have the screen laid out anew with every key.
        return Size((max(self._widths) // _WIDTH_STEP + 1) * _WIDTH_STEP, len(self._lines))

    def _width(self, line: str) -> int:
        return width(one_to_one(line).expandtabs(self._tab_width))
