"""The outputs as commands use them: implements commands.host.OutputViews and opens the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.commands.command import Command
    from tuinb.commands.host import Link
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.outputs import Output
    from tuinb.session.port import SessionPort
    from tuinb.ui.outputs.viewer import Viewer
    from tuinb.ui.shell import Shell
    from tuinb.ui.view.notebook_view import NotebookView
    from tuinb.workspace.view_state import ViewState


class OutputViews:
    """Implements commands.host.OutputViews for one pane. `run_command` and `sync` are methods of the pane."""

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        view: NotebookView,
        run_command: Callable[[Command], None],
        sync: Callable[[], None],
    ) -> None:
        self.shell = shell
        self.session = session
        self.state = state
        self.view = view
        self.run_command = run_command
        self.sync = sync
        self.viewer: Viewer | None = None
        """The viewer, while it is open."""
        self._after_viewer: list[Callable[[], None]] = []
        """Called when the viewer is closed."""

    @property
    def selected(self) -> int | None:
        """Index of the output under the viewer's cursor. None if the viewer is closed."""
        return self.viewer.output if self.viewer is not None else None

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        """Returns the MIME types that can be shown, the one on the screen first."""
        return registry.types_of(output.data, self.view.painter.context, preferred)

    async def text_of(self, output: Output, mime: str = "") -> str:
        """Returns the whole text of an output without colours."""
        from tuinb.ui.outputs import text

        return await text.text_of(output, mime, self.view.painter.context)

    def pages_of(self, output: Output, mime: str = "") -> Iterator[str]:
        """Yields the text of an output in chunks for a pager."""
        from tuinb.ui.outputs import text

        return text.pages_of(output, mime, self.view.painter.context)

    def links_of(self, cell: CellId) -> Sequence[Link]:
        """Returns the links on the viewer's row if there are any, else the links of the cell."""
        from tuinb.ui.outputs.links import links_in

        if self.viewer is not None and (here := self.viewer.links):
            return here
        return links_in(self.session.notebook[cell], self.view.box(cell))

    def folds(self, cell: CellId) -> bool:
        """Returns whether the outputs of a cell are long enough to be collapsed."""
        area = self.view.box(cell).area
        return area is not None and area.long

    def columns_of(self, cell: CellId) -> tuple[int, int]:
        """Returns the visible columns of a cell's outputs and the columns of the widest output; 0 if all fit."""
        if self.viewer is not None:
            return self.viewer.columns
        area = self.view.box(cell).area
        return self.view.painter.content, area.columns if area is not None else 0

    # ---- the viewer

    def open_viewer(self, cell: CellId) -> None:
        """Opens the viewer on the outputs of a cell."""
        if self.viewer is None:
            self.shell.system.run_later(self._run_viewer(cell))

    async def _run_viewer(self, cell: CellId) -> None:
        from tuinb.ui.outputs.viewer import Viewer

        self.viewer = Viewer(self, cell)
        try:
            await self.shell.dialogs.open_over(self.viewer)
        finally:
            self.viewer = None
        after, self._after_viewer = self._after_viewer, []
        for action in after:
            action()

    def refresh_viewer(self) -> None:
        """Paints the viewer again if it is open."""
        if self.viewer is not None and self.viewer.is_attached:
            self.viewer.refresh()

    def leave_viewer(self, then: Callable[[], None]) -> bool:
        """Closes the viewer and calls `then` once the notebook has the focus. Returns False if the viewer is not open."""
        if self.viewer is None:
            return False
        self._after_viewer.append(then)
        self.viewer.finish(None)
        return True
