"""Code blocks in prose: highlighted, on the background of code, with rows made on demand."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from tuinb.render.block import Line, Span
from tuinb.render.code.highlight import Highlighted
from tuinb.render.layout.flow import joined, line_width
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import is_narrow

if TYPE_CHECKING:
    from tuinb.render.styles import ThemeStyles

_NARROW = 8


class CodeBlock:
    """The rows of a fenced code block. Wraps long lines. `info` is the text after the opening backticks."""

    def __init__(self, source: str, info: str, columns: int, styles: ThemeStyles) -> None:
        language = info.split()[0].strip("{}.") if info.strip("{}. \t") else "text"
        self._code = Highlighted(source, language, styles)
        self._columns = columns
        self._margin = 1 if columns > _NARROW else 0
        self._background = styles.role("code_background")
        self._ends = list(accumulate(map(self._rows_of, range(self._code.line_count), source.split("\n"))))

    @property
    def height(self) -> int:
        return self._ends[-1]

    def line(self, index: int) -> Line:
        """Returns row `index`, filled with the background."""
        number = bisect_right(self._ends, index)
        row = index - (self._ends[number - 1] if number else 0)
        return self._on_background(wrap(self._code.line(number), self._room)[row])

    @property
    def _room(self) -> int:
        return self._columns - 2 * self._margin

    def _rows_of(self, number: int, line: str) -> int:
        if len(line) <= self._room and is_narrow(line):
            return 1
        return len(wrap(self._code.line(number), self._room))

    def _on_background(self, row: Line) -> Line:
        background = self._background
        spare = self._columns - self._margin - line_width(row)
        padded = (Span(" " * self._margin), *row, Span(" " * spare))
        return joined(span._replace(style=background if span.style is None else background + span.style) for span in padded)
