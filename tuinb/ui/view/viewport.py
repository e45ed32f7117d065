"""Which rows of which cells are on the screen.

The scroll position is an anchor (a cell and a row inside it) and not an offset from the top: whatever grows, shrinks or is
measured for the first time above the screen moves nothing on it, and no height is needed but those of the cells in view, so
that opening and paging cost the same for ten cells and for twenty thousand. Knows no widget; tests drive it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.workspace.view_state import ViewState


class Box(Protocol):
    """Anything with a height in rows."""

    @property
    def height(self) -> int: ...


class Row(NamedTuple):
    cell: CellId
    row: int
    """Counted from the top of the cell's box."""


class Thumb(NamedTuple):
    """The scrollbar's thumb, in rows of the screen."""

    top: int
    size: int


class Viewport:
    """Keeps `view.scroll_cell` and `view.scroll_row` valid, and says what they show."""

    def __init__(self, notebook: Notebook, view: ViewState, box_of: Callable[[CellId], Box]) -> None:
        self._notebook = notebook
        self._view = view
        self._box_of = box_of
        self._height = 24
        self._covered = 0
        self._rows: list[Row] | None = None
        self._ended = False
        """Whether the last of these rows is the last of its cell, as high as the cell was then."""
        self._thumb: tuple[list[Row], Thumb | None] | None = None
        self._index = 0

    @property
    def height(self) -> int:
        """Rows of the viewport."""
        return self._height

    def resize(self, height: int) -> None:
        self._height = max(1, height)
        self._rows = None

    def cover(self, rows: int) -> bool:
        """Says that something lies over the last rows, or (0) that nothing does any more; returns whether that is news."""
        covered = min(rows, self._height - 1)
        changed, self._covered = covered != self._covered, covered
        if changed:
            self._rows = None
        return changed

    @property
    def _free(self) -> int:
        return self._height - self._covered

    def invalidate(self) -> None:
        """Something changed: heights, order, or the anchor."""
        self._rows = None

    def rows(self) -> list[Row]:
        """What each line of the viewport shows, from the top; shorter than the viewport where the notebook ends first."""
        if self._rows is None:
            self._settle()
            self._rows = rows = self._walk_down(self._anchor(), self._height)
            self._ended = bool(rows) and rows[-1].row == self._box_of(rows[-1].cell).height - 1
        return self._rows

    def y_of(self, cell: CellId, row: int) -> int | None:
        """The line of the viewport that shows this row, or None where it is not in view."""
        rows = self.rows()
        if not rows or cell not in self._notebook:
            return None
        y = self._first_y(cell)
        if y is None:
            return None
        y += row
        return y if 0 <= y < len(rows) and rows[y].cell == cell else None

    def top_of(self, cell: CellId) -> int | None:
        """Where the cell's row 0 is or would be, maybe above the viewport (negative); None where no row of it is in view."""
        self.rows()
        return self._first_y(cell)

    def height_of(self, cell: CellId) -> int:
        """Rows of a cell's box."""
        return self._box_of(cell).height

    def visible(self, cell: CellId) -> bool:
        return self.top_of(cell) is not None

    def end_seen(self, cell: CellId) -> bool:
        """Whether the cell's last row was in view when the rows were last laid out; it may have grown since."""
        rows = self.rows()
        last = max((y for y, row in enumerate(rows) if row.cell == cell), default=self._free)
        return last < self._free and (last + 1 < len(rows) or self._ended)

    def cells(self) -> list[CellId]:
        """The cells in view, from the top."""
        return list(dict.fromkeys(row.cell for row in self.rows()))

    def scroll(self, delta: int) -> None:
        """Moves the viewport by rows, down where positive, as far as the notebook goes."""
        anchor = self._anchor()
        if anchor is None:
            return
        moved = self._down(anchor, delta) if delta > 0 else self._up(anchor, -delta)
        self._set_anchor(moved)

    def put_at(self, cell: CellId, row: int, y: int) -> None:
        """Scrolls so that this row is on line `y` of the viewport, as far as the notebook goes."""
        self._set_anchor(self._up(Row(cell, row), y) if y >= 0 else self._down(Row(cell, row), -y))

    def reveal(self, cell: CellId, first: int, last: int) -> None:
        """Scrolls as little as possible so that rows `first` to `last` of the cell are in view; `first`, where not all fit."""
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
        """The scrollbar's thumb, or None where all is in view. Measured in cells: the heights of most are not known."""
        rows = self.rows()
        if self._thumb is None or self._thumb[0] is not rows:
            self._thumb = (rows, self._place_thumb(rows))
        return self._thumb[1]

    def _place_thumb(self, rows: list[Row]) -> Thumb | None:
        count = len(self._notebook)
        if not rows:
            return None
        first, last = rows[0], rows[-1]
        start = self._notebook.index(first.cell) + first.row / self._box_of(first.cell).height
        end = self._notebook.index(last.cell) + (last.row + 1) / self._box_of(last.cell).height
        if end - start >= count - 1e-9:
            return None
        size = max(1, min(self._height - 1, round((end - start) / count * self._height)))
        room, share = self._height - size, start / max(1e-9, count - (end - start))
        return Thumb(min(room, round(share * room)), size)

    def go_to_share(self, share: float) -> None:
        """Scrolls to a part of the whole, 0 to 1: the scrollbar was clicked."""
        count = len(self._notebook)
        if count:
            self._set_anchor(Row(self._notebook.order[min(count - 1, int(max(0.0, share) * count))], 0))

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

    def _settle(self) -> None:
        """Makes the anchor valid, and leaves no room below the end while there is something above."""
        anchor = self._anchor()
        if anchor is None:
            return
        below = len(self._walk_down(anchor, self._free))
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

    def _down(self, start: Row, count: int) -> Row:
        order, cell, row = self._notebook.order, start.cell, start.row + count
        index = self._notebook.index(cell)
        while row >= (height := self._box_of(cell).height):
            if index + 1 >= len(order):
                return Row(cell, height - 1)
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
