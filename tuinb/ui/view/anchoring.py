"""Keeps the row that the user reads in place while cells change around it. Knows no widget."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.ui.view.viewport import Viewport
    from tuinb.workspace.view_state import ViewState


class Anchoring:
    """Scrolls the viewport so that changes of cells do not move the row that the user reads.

    `focus_row` returns the row of a cell that must stay in view: the cursor's row while the cell is edited, else the first row
    of its source. Once the end of the active cell was in view, it is followed as the cell grows, until the user scrolls it
    away or types.
    """

    def __init__(self, notebook: Notebook, state: ViewState, viewport: Viewport, focus_row: Callable[[CellId], int]) -> None:
        self._notebook = notebook
        self._state = state
        self._viewport = viewport
        self._focus_row = focus_row
        self._followed = False
        self._last_position: tuple[object, ...] = ()
        """Active cell and scroll position after the last change."""
        self._typing = False
        """Whether the user typed since the last run. The line with the cursor then stays in place."""

    def user_typed(self) -> None:
        """Stops following the end of the cell, until a cell is run or the editor is left."""
        self._typing = True

    def user_ran(self) -> None:
        """Follows the end of the active cell again: the user waits for its output."""
        self._typing = False

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keeps the focus row of the active cell, or the cell's end, in view while the body changes the rows."""
        state, viewport = self._state, self._viewport
        active = self._active
        focus_at = viewport.y_of(active, self._focus_row(active)) if active is not None else None
        followed = active is not None and self._follows(active)
        yield
        if active is not None:
            row, end = self._focus_row(active), viewport.height_of(active) - 1
            edited = state.mode is Mode.EDIT and focus_at is not None
            if edited and focus_at is not None and viewport.y_of(active, row) != focus_at:
                viewport.put_at(active, row, focus_at)
            if followed:
                viewport.reveal(active, row if edited else end, end)
            elif focus_at is not None:
                viewport.reveal(active, row, row)
        self._last_position = self._position

    def cover(self, rows: int) -> bool:
        """Reserves the last rows for a message, 0 for none, and scrolls the focus row out from under it.

        Returns whether anything changed.
        """
        cell, viewport = self._active, self._viewport
        seen = cell is not None and viewport.y_of(cell, self._focus_row(cell)) is not None
        if not viewport.cover(rows):
            return False
        if seen and cell is not None:
            viewport.reveal(cell, self._focus_row(cell), self._focus_row(cell))
        return True

    @property
    def _active(self) -> CellId | None:
        active = self._state.active
        return active if active is not None and active in self._notebook else None

    @property
    def _position(self) -> tuple[object, ...]:
        return self._state.active, self._state.scroll_cell, self._state.scroll_row

    def _follows(self, active: CellId) -> bool:
        if self._viewport.end_was_visible(active):
            self._followed = True
        elif self._last_position != self._position:
            self._followed = False
        self._typing = self._typing and self._state.mode is Mode.EDIT
        return self._followed and not self._typing
