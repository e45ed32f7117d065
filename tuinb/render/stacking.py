"""Blocks of blocks: below each other, and beside each other."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from tuinb.render.block import Block, Line, Span
from tuinb.render.flow import line_width

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 1
"""Columns between what stands beside each other."""


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


class Beside:
    """Blocks beside each other, each so many columns wide."""

    def __init__(self, blocks: Sequence[Block], columns: Sequence[int]) -> None:
        self._columns = columns
        self._parts = [(block, block.height) for block in blocks]

    @property
    def height(self) -> int:
        return max((height for _, height in self._parts), default=0)

    def line(self, index: int) -> Line:
        spans: list[Span] = []
        owed = 0
        for (block, height), columns in zip(self._parts, self._columns, strict=True):
            line = block.line(index) if index < height else ()
            if line:
                spans += [Span(" " * owed)] if owed else []
                spans += line
                owed = 0
            owed += columns - line_width(line) + GAP
        return tuple(spans)
