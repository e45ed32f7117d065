"""The viewport: which rows of which cells are on the screen. Knows no widget.

The scroll position is an anchor, a cell and a row within it, not an offset from the top. So a cell above the screen can change
its height without moving the screen, and only the heights of cells in view are needed: opening and paging cost the same for ten
cells and for twenty thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.workspace.view_state import ViewState


class Box(Protocol):
    """The box of a cell."""

    @property
    def height(self) -> int:
        """Rows of the box. 0 if the cell is hidden, which the first one never is."""
        ...


class Row(NamedTuple):
    """A row of a cell's box."""

    cell: CellId
    row: int
    """Counted from the top of the cell's box."""


class Thumb(NamedTuple):
    """The scrollbar's thumb, in rows of the screen."""

    top: int
    size: int


class Viewport:
    """Lays out the visible rows from `view.scroll_cell` and `view.scroll_row`, and keeps both valid.

    `box_of` returns the box of a cell, brought up to date.
    """

    def __init__(self, notebook: Notebook, view: ViewState, box_of: Callable[[CellId], Box]) -> None:
        self._notebook = notebook
        self._view = view
        self._box_of = box_of
        self._height = 24
        self._covered = 0
        """Rows at the bottom that a message or the search bar covers."""
        self._rows: list[Row] | None = None
        self._ended = False
        """Whether the last of `_rows` was the last row of its cell when the rows were laid out."""
        self._thumb: tuple[list[Row], Thumb | None] | None = None
        self._index = 0
        """Index of the scroll cell, for when it is deleted."""

    @property
    def height(self) -> int:
        """Rows of the viewport."""
        return self._height

    def resize(self, height: int) -> None:
        """Sets the rows of the viewport."""
        self._height = max(1, height)
        self._rows = None

    def cover(self, rows: int) -> bool:
        """Sets the number of rows at the bottom that are covered, 0 for none. Returns whether it changed."""
        covered = min(rows, self._height - 1)
        changed, self._covered = covered != self._covered, covered
        if changed:
            self._rows = None
        return changed

    @property
    def _free(self) -> int:
        return self._height - self._covered

    def invalidate(self) -> None:
        """Drops the layout, after a change of heights, of the order of cells, or of the anchor."""
        self._rows = None

    def rows(self) -> list[Row]:
        """Returns the row that each line of the viewport shows, from the top. Fewer if the notebook ends before."""
        if self._rows is None:
            self._validate_anchor()
            self._rows = rows = self._walk_down(self._anchor(), self._height)
            self._ended = bool(rows) and rows[-1].row == self._box_of(rows[-1].cell).height - 1
        return self._rows

    def y_of(self, cell: CellId, row: int) -> int | None:
        """Returns the line of the viewport that shows a row. None if the row is out of view."""
        rows = self.rows()
        if not rows or cell not in self._notebook:
            return None
        y = self._first_y(cell)
        if y is None:
            return None
        y += row
        return y if 0 <= y < len(rows) and rows[y].cell == cell else None

    def shows(self, cell: CellId, row: int) -> bool:
        """Returns whether a row of a cell is in view and not covered."""
        y = self.y_of(cell, row)
        return y is not None and y < self._free

    def top_of(self, cell: CellId) -> int | None:
        """Returns the line of the cell's first row, negative above the viewport. None if no row of the cell is in view."""
        self.rows()
        return self._first_y(cell)

    def height_of(self, cell: CellId) -> int:
        """Returns the rows of a cell's box."""
        return self._box_of(cell).height

    def visible(self, cell: CellId) -> bool:
        """Returns whether any row of a cell is in view."""
        return self.top_of(cell) is not None

    def end_was_visible(self, cell: CellId) -> bool:
        """Returns whether a cell's last row was in view at the last layout. The cell may have grown since."""
        rows = self.rows()
        last = max((y for y, row in enumerate(rows) if row.cell == cell), default=self._free)
        return last < self._free and (last + 1 < len(rows) or self._ended)

    def cells(self) -> list[CellId]:
        """Returns the cells in view, from the top."""
        return list(dict.fromkeys(row.cell for row in self.rows()))

    def scroll(self, delta: int) -> None:
        """Scrolls by rows, down if positive. Stops at the ends of the notebook."""
        anchor = self._anchor()
        if anchor is None:
            return
        moved = self._down(anchor, delta) if delta > 0 else self._up(anchor, -delta)
        self._set_anchor(moved)

    def put_at(self, cell: CellId, row: int, y: int) -> None:
        """Scrolls so that a row is on line `y` of the viewport. Stops at the ends of the notebook."""
        self._set_anchor(self._up(Row(cell, row), y) if y >= 0 else self._down(Row(cell, row), -y))

    def reveal(self, cell: CellId, first: int, last: int) -> None:
        """Scrolls as little as possible to show rows `first` to `last` of a cell, or the first of them if not all fit."""
        if cell not in self._notebook:
            return
        last = min(last, first + self._free - 1)
        top, bottom = self.y_of(cell, first), self.y_of(cell, last)
        if top is not None and bottom is not None and bottom < self._free:
            return
        anchor = self._anchor()
        assert anchor is not None
        index, at = self._notebook.index(cell), self._notebook.index(anchor.cell)
        if top is None and (index < at or (index == at and first < anchor.row)):
            self._set_anchor(Row(cell, first))
        else:
            self.put_at(cell, last, self._free - 1)

    def thumb(self) -> Thumb | None:
        """Returns the scrollbar's thumb. None if all cells are in view. Measured in cells, since most heights are unknown."""
        rows = self.rows()
        if self._thumb is None or self._thumb[0] is not rows:
            self._thumb = (rows, self._place_thumb(rows))
        return self._thumb[1]

    def _place_thumb(self, rows: list[Row]) -> Thumb | None:
        count = len(self._notebook)
        if not rows:
            return None
        last = rows[-1]
        start, end = self._cells_in_view(rows)
        if end - start >= count - 1e-9 or (not start and self._ended and self._down(last, 1) == last):
            return None
        size = max(1, min(self._height - 1, round((end - start) / count * self._height)))
        room, share = self._height - size, start / max(1e-9, count - (end - start))
        return Thumb(min(room, round(share * room)), size)

    def _cells_in_view(self, rows: list[Row]) -> tuple[float, float]:
        """Returns how many cells are above the view, and above its end. A part of a cell counts by its rows."""
        first, last = rows[0], rows[-1]
        start = self._notebook.index(first.cell) + first.row / self._box_of(first.cell).height
        return start, self._notebook.index(last.cell) + (last.row + 1) / self._box_of(last.cell).height

    def move_thumb(self, thumb: Thumb) -> None:
        """Scrolls to about where the scrollbar has this thumb: with the same size, further down for a greater row."""
        if self.thumb() is None:
            return
        self._put_on_top(len(self._notebook))
        furthest, _ = self._cells_in_view(self.rows())
        self._put_on_top(max(0.0, min(1.0, thumb.top / max(1, self._height - thumb.size))) * furthest)

    def _put_on_top(self, cells: float) -> None:
        """Scrolls so that this many cells are above the view."""
        index = min(len(self._notebook) - 1, int(cells))
        while not (height := self._box_of(cell := self._notebook.order[index]).height):
            index -= 1
        self._set_anchor(Row(cell, max(0, min(height - 1, round((cells - index) * height)))))

    # ---- the anchor

    def _anchor(self) -> Row | None:
        cell, notebook = self._view.scroll_cell, self._notebook
        if not len(notebook):
            return None
        if cell is None or cell not in notebook:
            index = min(self._index, len(notebook) - 1)
            return Row(notebook.order[index], 0)
        height = self._box_of(cell).height
        return Row(cell, max(0, min(self._view.scroll_row, height - 1)))

    def _set_anchor(self, anchor: Row) -> None:
        self._view.scroll_cell, self._view.scroll_row = anchor
        self._index = self._notebook.index(anchor.cell)
        self._rows = None

    def _validate_anchor(self) -> None:
        """Makes the anchor valid. Scrolls up if there is free space below the end of the notebook."""
        anchor = self._anchor()
        if anchor is None:
            return
        below = self._count_down(anchor, self._free)
        if below < self._free:
            anchor = self._up(anchor, self._free - below)
        self._set_anchor(anchor)

    def _first_y(self, cell: CellId) -> int | None:
        for y, row in enumerate(self._rows or ()):
            if row.cell == cell:
                return y - row.row
        return None

    # ---- walking

    def _walk_down(self, start: Row | None, count: int) -> list[Row]:
        if start is None:
            return []
        rows: list[Row] = []
        order, row = self._notebook.order, start.row
        for index in range(self._notebook.index(start.cell), len(order)):
            cell = order[index]
            end = min(self._box_of(cell).height, row + count - len(rows))
            rows.extend(Row(cell, r) for r in range(row, end))
            if len(rows) >= count:
                break
            row = 0
        return rows

    def _count_down(self, start: Row, most: int) -> int:
        """Returns the number of rows from one on, at most `most`."""
        order, count = self._notebook.order, -start.row
        for index in range(self._notebook.index(start.cell), len(order)):
            count += self._box_of(order[index]).height
            if count >= most:
                return most
        return count

    def _down(self, start: Row, count: int) -> Row:
        order, cell, row = self._notebook.order, start.cell, start.row + count
        index = self._notebook.index(cell)
        last = start
        while row >= (height := self._box_of(cell).height):
            if height:
                last = Row(cell, height - 1)
            if index + 1 >= len(order):
                return last
            row -= height
            index += 1
            cell = order[index]
        return Row(cell, row)

    def _up(self, start: Row, count: int) -> Row:
        order, cell, row = self._notebook.order, start.cell, start.row - count
        index = self._notebook.index(cell)
        while row < 0:
            if index == 0:
                return Row(cell, 0)
            index -= 1
            cell = order[index]
            row += self._box_of(cell).height
        return Row(cell, row)
