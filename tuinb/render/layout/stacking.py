"""Blocks made of other blocks: stacked, side by side, and mixed with lines."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.record import Record
from tuinb.render.block import Block, Line, Span
from tuinb.render.layout.flow import line_width

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 1
"""Columns between neighbours."""


class Stacked:
    """Blocks below each other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._ends = list(accumulate(block.height for block in blocks))

    @property
    def height(self) -> int:
        return self._ends[-1] if self._ends else 0

    def line(self, index: int) -> Line:
        at = bisect_right(self._ends, index)
        return self._blocks[at].line(index - (self._ends[at - 1] if at else 0))


class SideBySide:
    """Blocks beside each other, each with its own width."""

    def __init__(self, blocks: Sequence[Block], columns: Sequence[int]) -> None:
        self._columns = columns
        self._parts = [(block, block.height) for block in blocks]

    @property
    def height(self) -> int:
        return max((height for _, height in self._parts), default=0)

    def line(self, index: int) -> Line:
        spans: list[Span] = []
        padding = 0
        for (block, height), columns in zip(self._parts, self._columns, strict=True):
            line = block.line(index) if index < height else ()
            if line:
                spans += [Span(" " * padding)] if padding else []
                spans += line
                padding = 0
            padding += columns - line_width(line) + GAP
        return tuple(spans)


class LazyRow(NamedTuple):
    """A row of another block, made when it is shown."""

    block: Block
    at: int
    prefix: Line = ()


Row: TypeAlias = Line | LazyRow


def line_of(row: Row) -> Line:
    """Returns the line of a row."""
    return (*row.prefix, *row.block.line(row.at)) if isinstance(row, LazyRow) else row


def indented(mark: Span, row: Row) -> Row:
    """Returns the row with a mark before it."""
    return row._replace(prefix=(mark, *row.prefix)) if isinstance(row, LazyRow) else (mark, *row)


class RowBlock(Record):
    """Rows, some of which belong to other blocks."""

    rows: Sequence[Row]

    @property
    def height(self) -> int:
        return len(self.rows)

    def line(self, index: int) -> Line:
        return line_of(self.rows[index])
