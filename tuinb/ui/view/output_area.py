"""The outputs of one cell as rows. Long outputs are collapsed to their first and last rows.

While collapsed, only the outputs at both ends are rendered, so that a cell with 60,000 outputs or a million lines costs only
what is shown. A picture is shown whole or not at all, and only text is hidden around up to ten pictures. Blocks are cached
until their output changes.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tuinb.mime import WIDGET_VIEW, joined
from tuinb.render.block import Block, FoldingBlock, Line, Lines, LiveBlock, Span, hides_frames, is_picture, is_wide
from tuinb.render.registry import Choices, render_output, row_of
from tuinb.workspace.view_state import DEFAULT_LOOK, Look

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tuinb.notebook.outputs import Output, Outputs
    from tuinb.render.block import WideBlock
    from tuinb.render.context import RenderContext

_COUNTED = 300
"""Maximum number of outputs that are rendered to count the hidden lines. Of more, the outputs are counted."""
_MARKUP = ("text/html", "text/markdown")
_PER_CHARACTER = 20
"""Bytes per character of rendered markup (measured with a table of pandas)."""
_MOST_MEMORY = 2 << 20
"""Maximum bytes of a block of markup, since render.html cuts longer markup."""
_SHORTEST_FOLD = 3
"""Minimum number of lines that are hidden between others: a row for two of them saves one row, and hides what may matter."""
_SHOWN_PICTURES = 10
"""Maximum number of pictures that are shown between the first and the last rows."""
_PICTURE = 5
"""Lines of text that a picture of any height counts as."""
_SHOWING = (("toggle-output", "expands"), ("look-at-output", "views"), ("page-output", "pages"))
"""Commands that show hidden rows, and what they do with the output."""


class Place(NamedTuple):
    """Place of a row: the output, and the row within it."""

    output: int
    """Index of the output in the cell; -1 for the row that replaces the hidden rows."""
    row: int


class _Rendered(NamedTuple):
    output: Output
    revision: int
    block: Block
    wide: WideBlock | None
    """The block, if it may be wider than the screen."""
    live: LiveBlock | None
    """The block, if it changes while its output stays the same."""
    weight: int
    """Lines that the block counts as; 0 means its height."""
    memory: int
    """Approximate bytes of the block."""


_FOLD = -1


class OutputArea:
    """Rows of one cell's outputs. `limit` is the maximum number of lines while collapsed, and `fitting` the number of lines up
    to which they are not collapsed, if it is more. Call `sync` first.
    """

    def __init__(self, outputs: Outputs, context: RenderContext, limit: int, fitting: int = 0) -> None:
        self.outputs = outputs
        self.context = context
        self._head = max(2, limit // 2)
        self._tail = max(1, limit - self._head - 1)
        self._fitting = fitting
        self._rendered: dict[int, _Rendered] = {}
        self._state: tuple[int, bool, Look] | None = None
        self._look = DEFAULT_LOOK
        self._fold: Block = Lines(())
        self._live: list[LiveBlock] = []
        self._synced_live = 0
        self._rows: list[Place] = []
        self._ends: list[int] = []
        self.long = False
        """Whether the outputs exceed the limit, or have frames of libraries, so that they can be collapsed."""

    def sync(self, whole: bool, look: Look = DEFAULT_LOOK) -> bool:
        """Brings the rows up to date. `whole` shows all rows. Returns whether anything changed."""
        state = (self.outputs.revision, whole, look)
        if state == self._state and self.live_revision == self._synced_live:
            return False
        if self._state is not None and self._state[1] != whole:
            self._rendered.clear()
        self._drop_stale(look)
        self._state = state
        most = max(self._head + self._tail + 1, self._fitting)
        everything, lines = self._rows_from(range(len(self.outputs)), most + 1)
        collapsed = self._collapsed() if lines > most else None
        self.long = collapsed is not None or any(hides_frames(rendered.block) for rendered in self._rendered.values())
        self._ends = []
        if collapsed is None:
            self._rows = everything if lines <= most else self._rows_from(range(len(self.outputs)), sys.maxsize)[0]
        elif whole:
            self._rows = []
            self._ends = self._measure()
        else:
            self._rows = collapsed
        if not self._ends and len(self.outputs) > _COUNTED:
            shown = {place.output for place in self._rows}
            self._rendered = {index: rendered for index, rendered in self._rendered.items() if index in shown}
        self._live = [rendered.live for rendered in self._rendered.values() if rendered.live is not None]
        self._synced_live = self.live_revision
        return True

    @property
    def whole(self) -> bool:
        """Whether all rows are shown."""
        return self._state is not None and self._state[1]

    @property
    def live_revision(self) -> int:
        """Increases when a widget changes, which changes rows while the outputs stay the same."""
        return max((block.revision for block in self._live), default=0)

    @property
    def memory(self) -> int:
        """Approximate bytes of the blocks."""
        return sum(rendered.memory for rendered in self._rendered.values())

    def shows(self, models: AbstractSet[str]) -> bool:
        """Returns whether any of these widget models is shown."""
        return any(block.shows(models) for block in self._live)

    def _drop_stale(self, look: Look) -> None:
        """Sets the look, and drops the blocks that it changes."""
        old, self._look = self._look, look
        if look.mime != old.mime:
            self._rendered.clear()
        for index, _ in look.toggled ^ old.toggled:
            self._rendered.pop(index, None)

    @property
    def height(self) -> int:
        """Rows that are shown."""
        return self._ends[-1] if self._ends else len(self._rows)

    @property
    def columns(self) -> int:
        """Columns of the widest rendered output; 0 if all fit on the screen."""
        wide = (rendered.wide.columns for rendered in self._rendered.values() if rendered.wide is not None)
        return max((columns for columns in wide if columns > self.context.width), default=0)

    def place(self, row: int) -> Place:
        """Returns the output and the row within it that row `row` shows, 0 ≤ row < height."""
        if not self._ends:
            return self._rows[row]
        index = bisect_right(self._ends, row)
        return Place(index, row - (self._ends[index - 1] if index else 0))

    def row_of(self, place: Place) -> int | None:
        """Returns the row that shows a place. None if it is hidden."""
        if self._ends:
            return place.row + (self._ends[place.output - 1] if place.output else 0)
        return self._rows.index(place) if place in self._rows else None

    def line(self, row: int) -> Line:
        """Returns the content of row `row`, 0 ≤ row < height."""
        index, at = self.place(row)
        if index == _FOLD:
            return self._fold.line(at)
        rendered = self._render(index)
        if rendered.wide is not None and self._look.start:
            start = min(self._look.start, max(0, rendered.wide.columns - self.context.width))
            return row_of(partial(rendered.wide.window, start=start), at, self.context)
        return row_of(rendered.block.line, at, self.context)

    def role(self, row: int) -> str:
        """Returns the role of the theme that colours the mark beside row `row`: errors and stderr have theirs.

        A row that stands for hidden ones has the mark of the row above it.
        """
        index, _ = self.place(row)
        if index == _FOLD:
            index, _ = self.place(max(0, row - 1))
        output = self.outputs[index]
        return "error" if output.type == "error" else "stderr" if output.name == "stderr" else "rule"

    def node(self, row: int) -> tuple[int, str] | None:
        """Returns the output and the JSON pointer of the node at a row. None if the row has no node that can be collapsed."""
        index, at = self.place(row)
        block = self.block(index) if index != _FOLD else None
        pointer = block.node(at) if isinstance(block, FoldingBlock) else None
        return None if pointer is None else (index, pointer)

    def block(self, index: int) -> Block:
        """Returns the rendered output `index`."""
        return self._render(index).block

    def _render(self, index: int) -> _Rendered:
        output = self.outputs[index]
        old = self._rendered.get(index)
        if old is not None and old.output is output and (old.revision == output.revision or output.stream is not None):
            return old
        context = replace(self.context, folds_frames=not self.whole) if output.type == "error" else self.context
        block = render_output(output, context, choices(self._look, index))
        if old is not None and is_picture(old.block) and is_picture(block):
            block.supersede(old.block.picture)
        wide = block if is_wide(block) else None
        live = block if WIDGET_VIEW in output.data and isinstance(block, LiveBlock) else None
        weight = _PICTURE if is_picture(block) else 0
        made = self._rendered[index] = _Rendered(output, output.revision, block, wide, live, weight, _memory(output))
        return made

    def _rows_from(self, indices: range, most: int) -> tuple[list[Place], int]:
        """Returns the first rows of these outputs, and the lines that they count as. Descending indices give the last rows.

        Stops at `most` lines. A picture gives all of its rows.
        """
        rows: list[Place] = []
        lines = 0
        for index in indices:
            rendered = self._render(index)
            height = rendered.block.height
            count = height if rendered.weight else min(height, most - lines)
            rows.extend(Place(index, height - 1 - i if indices.step < 0 else i) for i in range(count))
            lines += rendered.weight or count
            if lines >= most:
                break
        return rows, lines

    def _collapsed(self) -> list[Place] | None:
        """Returns the first and last rows around one that counts the hidden rows. None if no row would be hidden."""
        count = len(self.outputs)
        head, _ = self._rows_from(range(count), self._head)
        tail, _ = self._rows_from(range(count - 1, -1, -1), self._tail)
        head += [head[-1]._replace(row=head[-1].row + 1 + i) for i in range(self._picture_around(head[-1])[1])]
        tail += [tail[-1]._replace(row=tail[-1].row - 1 - i) for i in range(self._picture_around(tail[-1])[0])]
        last = head[-1]
        tail = [place for place in reversed(tail) if place > last]
        if count > _COUNTED:
            text = f"… {count:,} outputs, {self._head} lines at the start and {self._tail} at the end shown{self._hint}"
            folds, middle = [text], [Place(_FOLD, 0)]
        else:
            folds, middle = self._middle(last, tail[0] if tail else Place(count, 0))
            if not folds:
                return None
        self._fold = Lines([(Span(text, self.context.styles.role("muted")),) for text in folds])
        return [*head, *middle, *tail]

    def _middle(self, last: Place, following: Place) -> tuple[list[str], list[Place]]:
        """Returns the rows between two places, and the texts of the rows that replace hidden ones.

        Pictures are not hidden, unless there are many, nor are so few lines that hiding them saves no room.
        """
        folds: list[str] = []
        places: list[Place] = []
        hidden: list[tuple[int, range]] = []
        shown = pictures = 0

        def fold() -> None:
            lines = sum(len(rows) for _, rows in hidden)
            if not pictures and lines < _SHORTEST_FOLD:
                places.extend(Place(output, row) for output, rows in hidden for row in rows)
            else:
                places.append(Place(_FOLD, len(folds)))
                folds.append(_hidden_text(pictures, lines) + self._hint)
            hidden.clear()

        for index in range(last.output, min(following.output + 1, len(self.outputs))):
            rendered = self._render(index)
            start = last.row + 1 if index == last.output else 0
            end = following.row if index == following.output else rendered.block.height
            if not rendered.weight:
                hidden.append((index, range(start, end)))
            elif end > start and shown < _SHOWN_PICTURES:
                shown += 1
                fold()
                pictures = 0
                places += [Place(index, row) for row in range(start, end)]
            elif end > start:
                pictures += 1
        fold()
        return folds, places

    @property
    def _hint(self) -> str:
        """What shows the hidden rows, for the user's keys."""
        hints = [f"{key} {what}" for command, what in _SHOWING if (key := self.context.keys.get(command))]
        return f" ({', '.join(hints)})" if hints else ""

    def _picture_around(self, place: Place) -> tuple[int, int]:
        """Returns the rows of a picture above and below one of its rows: a block may have other rows and pictures, too."""
        rendered = self._render(place.output)
        block = rendered.block
        if rendered.weight or rendered.output.stream is not None:
            return 0, 0  # shown whole already, or without pictures: asking for rows would render them
        line = row_of(block.line, place.row, self.context)
        image = next((span.image for span in line if span.image is not None), None)
        if image is None:
            return 0, 0
        return min(image.row, place.row), min(image.picture.rows - image.row, block.height - place.row) - 1

    def _measure(self) -> list[int]:
        """Returns the row after the last one of each output."""
        ends, total = [], 0
        for index in range(len(self.outputs)):
            total += self.block(index).height
            ends.append(total)
        return ends


def _hidden_text(pictures: int, lines: int) -> str:
    """Returns the text of a row that replaces hidden ones: `… 2 more pictures, 15 more lines`."""
    counts = [(pictures, "picture"), (lines, "line")]
    what = ", ".join(f"{count:,} more {noun}{'s' * (count != 1)}" for count, noun in counts if count)
    return f"… {what}"


def _memory(output: Output) -> int:
    """Returns the approximate bytes of an output's block. Only markup counts: other rows are made when they are shown."""
    marked = max((len(joined(output.data.get(mime))) for mime in _MARKUP), default=0)
    return min(_PER_CHARACTER * marked, _MOST_MEMORY)


def choices(look: Look, index: int) -> Choices:
    """Returns the choices of a cell's look for one of its outputs."""
    return Choices(look.mime, frozenset(pointer for output, pointer in look.toggled if output == index))
