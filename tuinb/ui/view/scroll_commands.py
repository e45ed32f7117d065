"""The view as commands use it: implements commands.host.Viewport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook
    from tuinb.ui.view.notebook_view import NotebookView
    from tuinb.workspace.view_state import ViewState


class Find(Protocol):
    """Opens the search bar."""

    def __call__(self, *, backward: bool, replaces: bool) -> None: ...


class ScrollCommands:
    """Implements commands.host.Viewport for one pane. `sync`, `place_overlays`, `find`, `find_again`, `enter_prompt` and
    `show_contents` are the pane's.
    """

    def __init__(
        self,
        notebook: Notebook,
        state: ViewState,
        view: NotebookView,
        focus_row: Callable[[CellId], int],
        sync: Callable[[], None],
        place_overlays: Callable[[], None],
        find: Find,
        find_again: Callable[[int], None],
        enter_prompt: Callable[[], None],
        show_contents: Callable[[], None],
    ) -> None:
        self._notebook = notebook
        self._state = state
        self._view = view
        self._focus_row = focus_row
        self._sync = sync
        self._place_overlays = place_overlays
        self._find = find
        self._find_again = find_again
        self._enter_prompt = enter_prompt
        self._show_contents = show_contents

    def scroll(self, *, rows: int = 0, pages: float = 0) -> None:
        """Scrolls the view. The active cell stays active."""
        self._view.scroll_by(rows + round(pages * self._view.size.height))
        self._place_overlays()

    def show_contents(self) -> None:
        """Opens the panel of the headings, or gives it the keys."""
        self._show_contents()

    def go_to_prompt(self) -> None:
        """Scrolls to the open prompt of the kernel and gives it the keys."""
        self._enter_prompt()

    def visible_page(self, direction: int) -> None:
        """Scrolls by a page, down (1) or up (-1), and activates a cell in view."""
        view, state, viewport = self._view, self._state, self._view.viewport
        before = viewport.rows()[:1]
        view.scroll_by(direction * max(1, view.size.height - 2))
        cells = viewport.cells()
        if not cells:
            return
        if viewport.rows()[:1] == before:
            state.activate(cells[-1] if direction > 0 else self._notebook.order[0])
            view.reveal_active()
        elif state.active not in cells[1:-1]:
            state.activate(cells[min(1, len(cells) - 1)] if direction > 0 or len(cells) < 3 else cells[-2])
        self._sync()

    def centre(self) -> None:
        """Scrolls the active cell, or the cursor in it, to the middle of the view."""
        self._put_at(self._view.size.height // 2)

    def put_at_edge(self, direction: int) -> None:
        """Scrolls the active cell, or the cursor in it, to the top (-1) or the bottom (1) of the view."""
        self._put_at(0 if direction < 0 else max(0, self._view.size.height - 1))

    def show_end(self, covered: int) -> None:
        """Scrolls to the end of the active cell, above the last rows of the view, which a dialog covers. 0 ends that."""
        cell, viewport = self._state.active, self._view.viewport
        viewport.cover(covered)
        if cell is not None and covered:
            end = viewport.height_of(cell) - 1
            viewport.reveal(cell, max(0, end + 1 - max(1, self._view.size.height - covered)), end)
        self._view.refresh()
        self._place_overlays()

    def _put_at(self, y: int) -> None:
        """Scrolls the active cell, or the cursor in it, to line `y` of the view."""
        cell = self._state.active
        if cell is not None:
            self._view.viewport.put_at(cell, self._focus_row(cell), y)
            self._view.refresh()
            self._place_overlays()

    def find(self, *, backward: bool = False, replaces: bool = False) -> None:
        """Opens the search bar, to search `backward` or with the line that `replaces` matches."""
        self._find(backward=backward, replaces=replaces)

    def find_again(self, direction: int) -> None:
        """Goes to the next match (1) or to the previous one (-1)."""
        self._find_again(direction)
