"""What others than this screen did to the notebook, above all kernels: painted without moving what is looked at."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import RunState
from tuinb.notebook.changes import Applied, CellId, SetKind, SetMetadata, SpliceSource
from tuinb.ui.view.run_marks import error_name
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.ui.app import TuinbApp
    from tuinb.ui.view.viewport import Layout
    from tuinb.workspace.view_state import ViewState


class Tail:
    """Whether the end of the active cell is followed as the cell grows: once it was seen, until it is scrolled away."""

    def __init__(self) -> None:
        self._followed = False
        self._painted: tuple[object, ...] = ()
        self._typed = False

    def typed(self) -> None:
        """Somebody types: from now on the line that is typed on does not move, until a cell is run or the editor is left."""
        self._typed = True

    def ran(self) -> None:
        """A cell is run by this screen: what it prints is what one wants to see."""
        self._typed = False

    def followed(self, state: ViewState, layout: Layout) -> bool:
        """To be asked before what arrived is laid out."""
        if state.active is not None and layout.end_seen(state.active):
            self._followed = True
        elif self._painted != _place(state):
            self._followed = False
        self._typed = self._typed and state.mode is Mode.EDIT
        return self._followed and not self._typed

    def painted(self, state: ViewState) -> None:
        """What arrived was laid out: another place than this one is where somebody scrolled to."""
        self._painted = _place(state)


def _place(state: ViewState) -> tuple[object, ...]:
    return state.active, state.scroll_cell, state.scroll_row


def paint(app: TuinbApp, changed: frozenset[CellId] | None) -> None:
    """Paints the cells that changed, as far as they are in view; all, where None."""
    view = app.view
    app.host.refresh_viewer()
    if changed is not None:
        _tell_failures(app, changed)
    if changed is not None and changed.isdisjoint(view.layout_rows.cells()):
        app.show_status()
        return
    with anchored(app):
        view.repaint()
    app.show_status()


@contextmanager
def anchored(app: TuinbApp) -> Iterator[None]:
    """Around what makes rows come or go unasked: what is looked at stays.

    The row of the active cell that is worked on stays in view if it was; where one types, it does not even move. The cell's
    end stays in view, too, as the cell grows, until somebody scrolls it away or types.
    """
    state, layout = app.view_state, app.view.layout_rows
    active = state.active if state.active is not None and state.active in app.session.notebook else None
    focus_at = layout.y_of(active, app.focus_row(active)) if active is not None else None
    followed = active is not None and app.tail.followed(state, layout)
    yield
    if active is not None:
        row, end = app.focus_row(active), app.view.box(active).height - 1
        edited = state.mode is Mode.EDIT and focus_at is not None
        if edited and focus_at is not None and layout.y_of(active, row) != focus_at:
            layout.put_at(active, row, focus_at)
        if followed:
            layout.reveal(active, row if edited else end, end)
        elif focus_at is not None:
            layout.reveal(active, row, row)
    app.tail.painted(state)
    app.place_overlays()


def follow(app: TuinbApp, applied: Applied) -> None:
    """Brings what is kept for painting, and the open editor, up to a change that the editor did not make."""
    changes = applied.changes
    if any(isinstance(change, SetMetadata) and change.cell is None for change in changes):
        app.view.forget()  # the language may be another one
    kinds = frozenset(change.cell for change in changes if isinstance(change, SetKind))
    if kinds:
        app.view.forget(kinds)
    if applied.structural and app.prompt is not None:
        app.prompt.move(app.view_state.active)
    if app.editing is not None:
        for cell in {change.cell for change in changes if isinstance(change, SpliceSource)}:
            app.editing.source_changed(cell)


def _tell_failures(app: TuinbApp, changed: frozenset[CellId]) -> None:
    """A cell that failed out of view is named, once."""
    notebook = app.session.notebook
    for cell in changed.difference(app.view.layout_rows.cells()):
        run = app.session.run_of(cell)
        if cell in notebook and run.state is RunState.ERROR and run.current and app.failures.get(cell) != run.started:
            app.failures[cell] = run.started
            number = notebook.index(cell) + 1
            app.host.notify(f"Cell {number} failed: {error_name(run)}. :{number} goes there.", "error")


def keep_clear(app: TuinbApp, rows: int) -> None:
    """Scrolls the row that is worked on out from under a message over the last rows; 0 where there is none any more."""
    cell, layout = app.view_state.active, app.view.layout_rows
    seen = cell is not None and cell in app.session.notebook and layout.y_of(cell, app.focus_row(cell)) is not None
    if layout.cover(rows):
        if seen and cell is not None:
            layout.reveal(cell, app.focus_row(cell), app.focus_row(cell))
        app.view.refresh()
        app.place_overlays()
