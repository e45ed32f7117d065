"""Implements commands.host.Inspection for one pane: opens the panel, of variables or of calls, and the viewer of tables."""

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
    from tuinb.session.state import Frame
    from tuinb.session.variables import Variable
    from tuinb.ui.inspection.side_panel import SidePanel
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
        self._panel: SidePanel | None = None

    # ---- the panel

    def show_panel(self) -> None:
        """Opens the panel, or gives it the keys. It shows the calls if the kernel is stopped, else the variables."""
        if self._session.stop is not None:
            self._show(self._calls)
        elif self._panel is None:
            self._show(self._variables)
        else:
            self._state.mode = Mode.COMMAND
            self._parent.screen.set_focus(self._panel, scroll_visible=False)

    def show_calls(self) -> None:
        """Shows the calls of a stopped kernel, or of an error, in the panel."""
        self._show(self._calls)

    def follow_stop(self) -> None:
        """Has an open panel show the calls of a kernel that has stopped."""
        if self._panel is not None and self._session.stop is not None:
            self._shell.system.run_later(self._open_panel(self._calls, focus=self.has_keys))

    def _show(self, make: Callable[[], SidePanel]) -> None:
        self._state.mode = Mode.COMMAND
        self._make_room()
        self._shell.system.run_later(self._open_panel(make, focus=True))

    async def _open_panel(self, make: Callable[[], SidePanel], *, focus: bool) -> None:
        panel = make()
        if self._panel is not None and self._panel.mode == panel.mode:
            panel = self._panel
        else:
            before, self._panel = self._panel, panel
            if before is not None:
                await before.remove()
            await self._parent.mount(panel)
        if focus:
            self._parent.screen.set_focus(panel, scroll_visible=False)

    def _calls(self) -> SidePanel:
        from tuinb.commands.registry import COMMANDS
        from tuinb.ui.inspection.calls_panel import CallsPanel

        return CallsPanel(
            self._session,
            self._shell.role,
            go=self._go_to_call,
            look=lambda title, text: self._shell.system.run_later(self._shell.dialogs.read(title, text)),
            evaluate=lambda: COMMANDS["evaluate"](self._context()),
            variables=lambda: self._show(self._variables),
            leave=self._focus_notebook,
            close=self._close_calls,
            changed=self._shell.show_status,
            run=self._shell.system.run_later,
        )

    def _variables(self) -> SidePanel:
        from tuinb.ui.inspection.panel import VariablesPanel

        return VariablesPanel(
            self._session,
            self._state,
            self._shell.role,
            open_variable=self._open_variable,
            go=self._go,
            leave=self._focus_notebook,
            close=self.close_panel,
            changed=self._shell.show_status,
        )

    def _close_calls(self) -> None:
        self.close_panel()
        self._session.debugger.leave_error()

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
    def mode(self) -> str:
        """What the status line calls the panel that has the focus."""
        return self._panel.mode if self._panel is not None else ""

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

    def _go_to_call(self, frame: Frame) -> None:
        if frame.cell is not None and frame.cell in self._session.notebook:
            self._go(frame.cell)

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
