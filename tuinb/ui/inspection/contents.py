"""Opens the panel of the headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.workspace.jumps import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.document import Notebook
    from tuinb.notebook.sections import Heading
    from tuinb.ui.inspection.contents_panel import ContentsPanel
    from tuinb.ui.inspection.slot import PanelSlot
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class Contents:
    """Opens the panel in `slot`. `sync` is a method of the pane."""

    def __init__(self, slot: PanelSlot, shell: Shell, notebook: Notebook, state: ViewState, sync: Callable[[], None]) -> None:
        self._slot = slot
        self._shell = shell
        self._notebook = notebook
        self._state = state
        self._sync = sync

    def show(self) -> None:
        """Opens the panel, or gives it the keys. Closes it if it has them."""
        from tuinb.ui.inspection.contents_panel import ContentsPanel

        if self._slot.has_keys and isinstance(self._slot.panel, ContentsPanel):
            self._slot.close()
        else:
            self._slot.show(self._made)

    def _made(self) -> ContentsPanel:
        from tuinb.ui.inspection.contents_panel import ContentsPanel

        return ContentsPanel(
            self._notebook,
            self._state,
            self._shell.role,
            go=self._go,
            leave=self._slot.leave,
            close=self._slot.close,
            changed=self._shell.show_status,
        )

    def _go(self, heading: Heading) -> None:
        """Makes the cell of a heading active, at the top of the screen, and gives the notebook the keys."""
        state = self._state
        if heading.cell not in self._notebook:
            return
        if state.active is not None and state.active != heading.cell:
            state.jumps.remember(Place(state.active))
        state.activate(heading.cell)
        state.scroll_cell, state.scroll_row = heading.cell, 0
        self._slot.leave()
        self._sync()
