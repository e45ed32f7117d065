"""The outputs of one cell as rows, folded to head and tail while they are long.

Folded, only the outputs at both ends are ever rendered, so that a cell with 60,000 outputs or a million lines costs what is
shown of it. Blocks are kept for as long as their output is what it was: a stream's block grows with its stream.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypeAlias

from tuinb.render.block import Block, Line, Lines, Span
from tuinb.render.registry import render_output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuinb.notebook.outputs import Output, Outputs
    from tuinb.render.context import RenderContext

_COUNTED = 300
"""Up to so many outputs are rendered to count the lines that a fold hides; of more, the outputs themselves are counted."""

_Row: TypeAlias = tuple[Block, int]


class OutputArea:
    """Rows of one cell's outputs; `sync` makes them current."""

    def __init__(self, outputs: Outputs, context: RenderContext, limit: int) -> None:
        self._outputs = outputs
        self._context = context
        self._head = max(2, limit // 2)
        self._tail = max(1, limit - self._head - 1)
        self._blocks: dict[int, tuple[Output, int, Block]] = {}
        self._state: tuple[int, bool] | None = None
        self._rows: list[_Row] = []
        self._ends: list[int] = []
        self.long = False
        """Whether the outputs are longer than the limit, so that folding them makes a difference."""

    def sync(self, whole: bool) -> bool:
        """Takes in what changed; `whole` shows every row. Returns whether anything did."""
        state = (self._outputs.revision, whole)
        if state == self._state:
            return False
        if self._state is not None and self._state[1] != whole:
            self._blocks.clear()
        self._state = state
        head = self._rows_from(range(len(self._outputs)), self._head + self._tail + 2)
        self.long = len(head) > self._head + self._tail + 1
        self._ends = []
        if not self.long:
            self._rows = head
        elif whole:
            self._rows = []
            self._ends = self._measure()
        else:
            self._rows = self._fold(head[: self._head])
        if not self._ends:
            shown = {id(block) for block, _ in self._rows}
            self._blocks = {i: kept for i, kept in self._blocks.items() if id(kept[2]) in shown}
        return True

    @property
    def height(self) -> int:
        return self._ends[-1] if self._ends else len(self._rows)

    def line(self, row: int) -> Line:
        """The row `row`, 0 ≤ row < height."""
        if not self._ends:
            block, at = self._rows[row]
            return block.line(at)
        index = bisect_right(self._ends, row)
        return self._block(index).line(row - (self._ends[index - 1] if index else 0))

    def _block(self, index: int) -> Block:
        output = self._outputs[index]
        kept = self._blocks.get(index)
        if kept is not None and kept[0] is output and (kept[1] == output.revision or output.stream is not None):
            return kept[2]
        block = render_output(output, self._context)
        self._blocks[index] = (output, output.revision, block)
        return block

    def _rows_from(self, indices: Iterable[int], most: int) -> list[_Row]:
        """The first rows of these outputs, taken from the end of each where the indices descend."""
        backwards = isinstance(indices, range) and indices.step < 0
        rows: list[_Row] = []
        for index in indices:
            block = self._block(index)
            count = min(block.height, most - len(rows))
            first = block.height - 1 if backwards else 0
            rows.extend((block, first - i if backwards else i) for i in range(count))
            if len(rows) >= most:
                break
        return rows

    def _fold(self, head: list[_Row]) -> list[_Row]:
        count = len(self._outputs)
        tail = self._rows_from(range(count - 1, -1, -1), self._tail)[::-1]
        if count <= _COUNTED:
            hidden = sum(self._block(i).height for i in range(count)) - len(head) - len(tail)
            text = f"… {hidden:,} more line{'' if hidden == 1 else 's'} (o opens)"
        else:
            text = f"… {count:,} outputs, {self._head} lines at the start and {self._tail} at the end of them shown (o opens)"
        fold = Lines([(Span(text, self._context.styles.role("muted")),)])
        return [*head, (fold, 0), *tail]

    def _measure(self) -> list[int]:
        """Where each output's rows end, from the top."""
        ends, total = [], 0
        for index in range(len(self._outputs)):
            total += self._block(index).height
            ends.append(total)
        return ends
