"""Implements commands.host.Inspection for one pane: opens the panel of variables and the viewer of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import InspectionError
from tuinb.ui.layer import Taken
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widget import Widget

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.session.variables import Variable
    from tuinb.ui.inspection.panel import VariablesPanel
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class Inspection:
    """Opens the panel and the viewer. `focus_notebook` and `sync` are methods of the pane, `context` its commands' context.

    `make_room` is called before the panel opens: another one may be where it goes.
    """

    def __init__(
        self,
        parent: Widget,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        focus_notebook: Callable[[], None],
        sync: Callable[[], None],
        context: Callable[[], Context],
        make_room: Callable[[], None],
    ) -> None:
        self._parent = parent
        self._shell = shell
        self._session = session
        self._state = state
        self._focus_notebook = focus_notebook
        self._sync = sync
        self._context = context
        self._make_room = make_room
        self._panel: VariablesPanel | None = None

    # ---- the panel

    def show_variables(self) -> None:
        """Opens the panel, or gives it the keys."""
        self._state.mode = Mode.COMMAND
        if self._panel is not None:
            self._parent.screen.set_focus(self._panel, scroll_visible=False)
            return
        self._make_room()
        self._shell.system.run_later(self._open_panel())

    async def _open_panel(self) -> None:
        from tuinb.ui.inspection.panel import VariablesPanel

        if self._panel is not None:
            return
        panel = self._panel = VariablesPanel(
            self._session,
            self._state,
            self._shell.role,
            open_variable=self._open_variable,
            go=self._go,
            leave=self._focus_notebook,
            close=self.close_panel,
            changed=self._shell.show_status,
        )
        await self._parent.mount(panel)
        self._parent.screen.set_focus(panel, scroll_visible=False)

    def close_panel(self) -> None:
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

    def follow_active(self) -> None:
        """Has the panel mark what the active cell would set again."""
        if self._panel is not None:
            self._panel.follow_active()

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Offers a key to the panel."""
        return self._panel.offer_key(key, event) if self._panel is not None else Taken.BELOW

    def _go(self, cell: CellId) -> None:
        self._state.activate(cell)
        self._sync()

    def _open_variable(self, variable: Variable) -> None:
        work = self.open_table((variable.name,)) if variable.is_table else self._inspect(variable.name)
        self._shell.system.run_later(work)

    async def _inspect(self, name: str) -> None:
        lines = await self._session.variables.inspect(name)
        await self._shell.dialogs.read(name, "\n".join(lines))

    # ---- tables

    async def open_table(self, sources: tuple[str, ...]) -> None:
        """Opens the first of these names and outputs that is a table. Raises InspectionError if none is."""
        from tuinb.session.table_view import open_table
        from tuinb.ui.inspection.table_viewer import TableViewer

        problem: InspectionError | None = None
        for source in sources:
            try:
                table = await open_table(self._session, source)
            except InspectionError as error:
                problem = problem or error
                continue
            viewer = TableViewer(self._shell, table, self._context())
            try:
                again = await self._shell.dialogs.open_over(viewer)
            finally:
                await table.close()
            if again:
                await self.open_table((table.source,))
            return
        raise problem or InspectionError("there is no table")
