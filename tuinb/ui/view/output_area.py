"""The outputs of one cell as rows, folded to head and tail while they are long.

Folded, only the outputs at both ends are ever rendered, so that a cell with 60,000 outputs or a million lines costs what is
shown of it. A picture is shown whole or not at all. Blocks are kept for as long as their output is what it was: a stream's
block grows with its stream.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tuinb.mime import WIDGET_VIEW, joined
from tuinb.render.block import Block, FoldingBlock, Line, Lines, LiveBlock, Span, is_picture, is_wide
from tuinb.render.registry import Choices, render_output, row_of
from tuinb.workspace.view_state import DEFAULT_LOOK, Look

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tuinb.notebook.outputs import Output, Outputs
    from tuinb.render.block import WideBlock
    from tuinb.render.context import RenderContext

_COUNTED = 300
"""Up to so many outputs are rendered to count the lines that a fold hides; of more, the outputs themselves are counted."""
_MARKUP = ("text/html", "text/markdown")
_PER_CHARACTER = 20
"""Bytes that a character of markup becomes (measured: a table of pandas)."""
_MOST_MEMORY = 2 << 20
"""Bytes of a block of markup: what is longer is cut (render.html)."""
_PICTURE = 5
"""Lines of text that a picture counts for, however high it is."""


class Place(NamedTuple):
    """A row of an output."""

    output: int
    """The output's place among the cell's; -1 for the row that stands for what is folded."""
    row: int


class _Kept(NamedTuple):
    output: Output
    revision: int
    block: Block
    wide: WideBlock | None
    """The same, where it may be wider than the screen."""
    live: LiveBlock | None
    """The same, where it changes without its output."""
    weight: int
    """Lines that it counts for; 0 where that is its height."""
    memory: int
    """Bytes that the block takes, about."""


_FOLD = -1


class OutputArea:
    """Rows of one cell's outputs; `sync` makes them current."""

    def __init__(self, outputs: Outputs, context: RenderContext, limit: int) -> None:
        self.outputs = outputs
        self.context = context
        self._head = max(2, limit // 2)
        self._tail = max(1, limit - self._head - 1)
        self._kept: dict[int, _Kept] = {}
        self._state: tuple[int, bool, Look] | None = None
        self._look = DEFAULT_LOOK
        self._fold: Block = Lines(())
        self._live: list[LiveBlock] = []
        self._synced_live = 0
        self._rows: list[Place] = []
        self._ends: list[int] = []
        self.long = False
        """Whether the outputs are longer than the limit, so that folding them makes a difference."""

    def sync(self, whole: bool, look: Look = DEFAULT_LOOK) -> bool:
        """Takes in what changed; `whole` shows every row. Returns whether anything did."""
        state = (self.outputs.revision, whole, look)
        if state == self._state and self.live_revision == self._synced_live:
            return False
        if self._state is not None and self._state[1] != whole:
            self._kept.clear()
        self._follow(look)
        self._state = state
        most = self._head + self._tail + 1
        everything, lines = self._rows_from(range(len(self.outputs)), most + 1)
        folded = self._folded() if lines > most else None
        self.long = folded is not None
        self._ends = []
        if folded is None:
            self._rows = everything if lines <= most else self._rows_from(range(len(self.outputs)), sys.maxsize)[0]
        elif whole:
            self._rows = []
            self._ends = self._measure()
        else:
            self._rows = folded
        if not self._ends and len(self.outputs) > _COUNTED:
            shown = {place.output for place in self._rows}
            self._kept = {index: kept for index, kept in self._kept.items() if index in shown}
        self._live = [kept.live for kept in self._kept.values() if kept.live is not None]
        self._synced_live = self.live_revision
        return True

    @property
    def whole(self) -> bool:
        """Whether every row was asked for."""
        return self._state is not None and self._state[1]

    @property
    def live_revision(self) -> int:
        """Goes up when something is to be shown anew though the outputs are the same: a widget changed."""
        return max((block.revision for block in self._live), default=0)

    @property
    def memory(self) -> int:
        """Bytes that the blocks take, about."""
        return sum(kept.memory for kept in self._kept.values())

    def shows(self, models: AbstractSet[str]) -> bool:
        """Whether any of these models of widgets is shown."""
        return any(block.shows(models) for block in self._live)

    def _follow(self, look: Look) -> None:
        """Drops the blocks that another look makes others."""
        old, self._look = self._look, look
        if look.mime != old.mime:
            self._kept.clear()
        for index, _ in look.toggled ^ old.toggled:
            self._kept.pop(index, None)

    @property
    def height(self) -> int:
        return self._ends[-1] if self._ends else len(self._rows)

    @property
    def columns(self) -> int:
        """The columns of the widest output that is wider than the screen, of those that were asked for; 0 where none is."""
        wide = (kept.wide.columns for kept in self._kept.values() if kept.wide is not None)
        return max((columns for columns in wide if columns > self.context.width), default=0)

    def place(self, row: int) -> Place:
        """What the row `row` shows, 0 ≤ row < height."""
        if not self._ends:
            return self._rows[row]
        index = bisect_right(self._ends, row)
        return Place(index, row - (self._ends[index - 1] if index else 0))

    def row_of(self, place: Place) -> int | None:
        """Where a row of an output is shown, or None where it is folded away."""
        if self._ends:
            return place.row + (self._ends[place.output - 1] if place.output else 0)
        return self._rows.index(place) if place in self._rows else None

    def line(self, row: int) -> Line:
        """The row `row`, 0 ≤ row < height."""
        index, at = self.place(row)
        if index == _FOLD:
            return self._fold.line(at)
        kept = self._keep(index)
        if kept.wide is not None and self._look.start:
            start = min(self._look.start, max(0, kept.wide.columns - self.context.width))
            return row_of(partial(kept.wide.window, start=start), at, self.context)
        return row_of(kept.block.line, at, self.context)

    def node(self, row: int) -> tuple[int, str] | None:
        """The output, and the JSON pointer of the node, that a row shows; None where it shows none that folds."""
        index, at = self.place(row)
        block = self.block(index) if index != _FOLD else None
        pointer = block.node(at) if isinstance(block, FoldingBlock) else None
        return None if pointer is None else (index, pointer)

    def block(self, index: int) -> Block:
        """The output `index` as a block."""
        return self._keep(index).block

    def _keep(self, index: int) -> _Kept:
        output = self.outputs[index]
        kept = self._kept.get(index)
        if kept is not None and kept.output is output and (kept.revision == output.revision or output.stream is not None):
            return kept
        block = render_output(output, self.context, choices(self._look, index))
        if kept is not None and is_picture(kept.block) and is_picture(block):
            block.supersede(kept.block.picture)
        wide = block if is_wide(block) else None
        live = block if WIDGET_VIEW in output.data and isinstance(block, LiveBlock) else None
        weight = _PICTURE if is_picture(block) else 0
        made = self._kept[index] = _Kept(output, output.revision, block, wide, live, weight, _memory(output))
        return made

    def _rows_from(self, indices: range, most: int) -> tuple[list[Place], int]:
        """The first rows of these outputs, taken from the end of each where the indices descend, and the lines they count for.

        They are about `most`: of a picture there are all rows or none.
        """
        rows: list[Place] = []
        lines = 0
        for index in indices:
            kept = self._keep(index)
            height = kept.block.height
            count = height if kept.weight else min(height, most - lines)
            rows.extend(Place(index, height - 1 - i if indices.step < 0 else i) for i in range(count))
            lines += kept.weight or count
            if lines >= most:
                break
        return rows, lines

    def _folded(self) -> list[Place] | None:
        """The rows of both ends around one that says what is between them; None where nothing is."""
        count = len(self.outputs)
        head, _ = self._rows_from(range(count), self._head)
        tail, _ = self._rows_from(range(count - 1, -1, -1), self._tail)
        head += [head[-1]._replace(row=head[-1].row + 1 + i) for i in range(self._picture_around(head[-1])[1])]
        tail += [tail[-1]._replace(row=tail[-1].row - 1 - i) for i in range(self._picture_around(tail[-1])[0])]
        last = head[-1]
        tail = [place for place in reversed(tail) if place > last]
        if count <= _COUNTED:
            hidden = sum(self.block(i).height for i in range(count)) - len(head) - len(tail)
            if not hidden:
                return None
            text = f"… {hidden:,} more line{'' if hidden == 1 else 's'} (o opens, l looks, | pages)"
        else:
            text = f"… {count:,} outputs, {self._head} lines at the start and {self._tail} at the end of them shown (o opens)"
        self._fold = Lines([(Span(text, self.context.styles.role("muted")),)])
        return [*head, Place(_FOLD, 0), *tail]

    def _picture_around(self, place: Place) -> tuple[int, int]:
        """How many rows of the picture that a row is of stand above and below it: it may be one of several on a page."""
        kept = self._keep(place.output)
        block = kept.block
        if kept.weight or kept.output.stream is not None:
            return 0, 0  # whole already, or there is none, and rows would be made if they were asked for
        line = row_of(block.line, place.row, self.context)
        image = next((span.image for span in line if span.image is not None), None)
        if image is None:
            return 0, 0
        return min(image.row, place.row), min(image.picture.rows - image.row, block.height - place.row) - 1

    def _measure(self) -> list[int]:
        """Where each output's rows end, from the top."""
        ends, total = [], 0
        for index in range(len(self.outputs)):
            total += self.block(index).height
            ends.append(total)
        return ends


def _memory(output: Output) -> int:
    """Bytes that an output's block takes, about. Markup becomes many small objects; all else is made when it is shown."""
    marked = max((len(joined(output.data.get(mime))) for mime in _MARKUP), default=0)
    return min(_PER_CHARACTER * marked, _MOST_MEMORY)


def choices(look: Look, index: int) -> Choices:
    """What of a cell's look concerns one of its outputs."""
    return Choices(look.mime, frozenset(pointer for output, pointer in look.toggled if output == index))
