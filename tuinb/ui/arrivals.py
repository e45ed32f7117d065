"""What others than this screen did to the notebook, above all kernels: painted without moving what is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, CellId, SetKind, SetMetadata, SpliceSource

if TYPE_CHECKING:
    from tuinb.ui.app import TuinbApp


def paint(app: TuinbApp, changed: frozenset[CellId] | None) -> None:
    """Paints the cells that changed, as far as they are in view; all, where None. The active cell stays in view if it was."""
    active, view = app.view_state.active, app.view
    if changed is not None and changed.isdisjoint(view.layout_rows.cells()):
        app.show_status()
        return
    was_visible = active is not None and view.layout_rows.visible(active)
    view.repaint()
    if was_visible and active is not None and active in app.session.notebook:
        row = app.focus_row(active)
        view.layout_rows.reveal(active, row, row)
    app.place_overlays()
    app.show_status()


def follow(app: TuinbApp, applied: Applied) -> None:
    """Brings what is kept for painting, and the open editor, up to a change that the editor did not make."""
    changes = applied.changes
    if any(isinstance(change, SetMetadata) and change.cell is None for change in changes):
        app.view.forget()  # the language may be another one
    kinds = frozenset(change.cell for change in changes if isinstance(change, SetKind))
    if kinds:
        app.view.forget(kinds)
    if app.editing is not None:
        for cell in {change.cell for change in changes if isinstance(change, SpliceSource)}:
            app.editing.source_changed(cell)
