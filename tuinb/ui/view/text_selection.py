"""The text selected with the mouse, across cells. Stored by cell and row, so that it stays in place while the view scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuinb.render.block import Line, plain
from tuinb.render.safe import width
from tuinb.ui.strips import cut
from tuinb.ui.view.viewport import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook


class Point(NamedTuple):
    """A place in the text of the notebook."""

    cell: CellId
    row: int
    """Counted from the top of the cell's box."""
    column: int
    """Column on the screen, counted from the start of the content."""


_TO_THE_END = 1 << 20
"""More columns than a row has."""


class TextSelection:
    """The selection from the point where the button was pressed to the mouse."""

    def __init__(self) -> None:
        self._start: Point | None = None
        self._end: Point | None = None
        self.dragging = False
        """Whether the button is pressed."""

    @property
    def active(self) -> bool:
        """Whether any text is selected."""
        return self._start is not None and self._start != self._end

    def begin(self, point: Point | None) -> None:
        """Starts a selection. None clears it."""
        self._start = self._end = point
        self.dragging = point is not None

    def extend(self, point: Point) -> bool:
        """Moves the end of the selection. Returns whether it changed."""
        changed, self._end = point != self._end, point
        return changed

    def end(self) -> None:
        """Ends dragging and keeps the selection."""
        self.dragging = False

    def clear(self) -> None:
        """Removes the selection."""
        self._start = self._end = None
        self.dragging = False

    def _ordered(self, notebook: Notebook) -> tuple[Point, Point] | None:
        start, end = self._start, self._end
        if start is None or end is None or start == end or start.cell not in notebook or end.cell not in notebook:
            return None
        if (notebook.index(end.cell), end.row, end.column) < (notebook.index(start.cell), start.row, start.column):
            start, end = end, start
        return start, end

    def span(self, row: Row, notebook: Notebook) -> tuple[int, int] | None:
        """Returns the selected columns of a row, from and to. None if none are selected."""
        both = self._ordered(notebook)
        if both is None:
            return None
        start, end = both
        here = (notebook.index(row.cell), row.row)
        first, last = (notebook.index(start.cell), start.row), (notebook.index(end.cell), end.row)
        if not first <= here <= last:
            return None
        left = start.column if here == first else 0
        right = end.column if here == last else _TO_THE_END
        return (left, right) if right > left else None

    def text(
        self,
        notebook: Notebook,
        height: Callable[[CellId], int],
        line: Callable[[CellId, int], Line],
        hang: Callable[[CellId, int], int | None],
    ) -> str:
        """Returns the selected text: lines without trailing spaces, joined by newlines.

        `height` returns the rows of a cell's box, `line` the content of a row, `hang` the columns before the text of a row that
        continues a line.
        """
        both = self._ordered(notebook)
        if both is None:
            return ""
        start, end = both
        rows: list[str] = []
        for index in range(notebook.index(start.cell), notebook.index(end.cell) + 1):
            cell = notebook.order[index]
            first = start.row if cell == start.cell else 0
            last = end.row if cell == end.cell else height(cell) - 1
            for row in range(first, min(last, height(cell) - 1) + 1):
                text = plain(line(cell, row))
                left, right = self.span(Row(cell, row), notebook) or (0, 0)
                kept = cut(text, min(right, width(text)))
                before = hang(cell, row)
                selected = kept[len(cut(kept, max(left, before or 0))) :]
                if before is not None and rows:
                    rows[-1] += selected
                else:
                    rows.append(selected)
        return "\n".join(row.rstrip() for row in rows)
