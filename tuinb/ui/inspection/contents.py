"""Opens the panel of the headings beside the notebook, and keeps it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.ui.layer import Taken
from tuinb.workspace.jumps import Place
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widget import Widget

    from tuinb.notebook.document import Notebook
    from tuinb.notebook.sections import Heading
    from tuinb.ui.inspection.contents_panel import ContentsPanel
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class ContentsBeside:
    """Opens and closes the panel of one pane.

    `focus_notebook` and `sync` are methods of the pane. `make_room` is called before the panel opens: another one may be where
    it goes.
    """

    def __init__(
        self,
        parent: Widget,
        shell: Shell,
        notebook: Notebook,
        state: ViewState,
        focus_notebook: Callable[[], None],
        sync: Callable[[], None],
        make_room: Callable[[], None],
    ) -> None:
        self._parent = parent
        self._shell = shell
        self._notebook = notebook
        self._state = state
        self._focus_notebook = focus_notebook
        self._sync = sync
        self._make_room = make_room
        self._panel: ContentsPanel | None = None

    def show(self) -> None:
        """Opens the panel, or gives it the keys."""
        self._state.mode = Mode.COMMAND
        if self._panel is None:
            self._make_room()
            self._shell.system.run_later(self._open())
        else:
            self._parent.screen.set_focus(self._panel, scroll_visible=False)

    async def _open(self) -> None:
        from tuinb.ui.inspection.contents_panel import ContentsPanel

        if self._panel is not None:
            return
        panel = self._panel = ContentsPanel(
            self._notebook,
            self._state,
            self._shell.role,
            go=self._go,
            leave=self._focus_notebook,
            close=self.close,
            changed=self._shell.show_status,
        )
        await self._parent.mount(panel)
        self._parent.screen.set_focus(panel, scroll_visible=False)

    def close(self) -> None:
        """Closes the panel if it is open."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self._focus_notebook()
            panel.remove()

    @property
    def has_keys(self) -> bool:
        """Whether the panel has the focus."""
        return self._panel is not None and self._panel.has_keys

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of the panel."""
        return self._panel.hints if self._panel is not None else ()

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Offers a key to the panel."""
        return self._panel.offer_key(key, event) if self._panel is not None else Taken.BELOW

    def follow(self) -> None:
        """Marks the section of the active cell."""
        if self._panel is not None:
            self._panel.follow_active()

    def read(self) -> None:
        """Shows the headings as they are now."""
        if self._panel is not None:
            self._panel.read()

    def _go(self, heading: Heading) -> None:
        """Makes the cell of a heading active, at the top of the screen, and gives the notebook the keys."""
        state = self._state
        if heading.cell not in self._notebook:
            return
        if state.active is not None and state.active != heading.cell:
            state.jumps.remember(Place(state.active))
        state.activate(heading.cell)
        state.scroll_cell, state.scroll_row = heading.cell, 0
        self._focus_notebook()
        self._sync()
