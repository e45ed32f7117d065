"""Implements commands.host.Inspection for one pane: opens the panel, of variables or of calls, and the viewer of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.session.state import Frame
    from tuinb.session.variables import Variable
    from tuinb.ui.inspection.side_panel import SidePanel
    from tuinb.ui.inspection.slot import PanelSlot
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class Inspection:
    """Opens panels in `slot`, and the viewer. `sync` is a method of the pane, `context` its commands' context."""

    def __init__(
        self,
        slot: PanelSlot,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        sync: Callable[[], None],
        context: Callable[[], Context],
    ) -> None:
        self._slot = slot
        self._shell = shell
        self._session = session
        self._state = state
        self._sync = sync
        self._context = context

    # ---- the panels

    def show_panel(self) -> None:
        """Gives the panel of the calls or the variables the keys. Opens that of the calls if the kernel is stopped."""
        panel = self._slot.panel
        shows_calls = self._session.stop is not None or (panel is not None and panel.shows_calls)
        self._slot.show(self._calls if shows_calls else self._variables)

    def show_calls(self) -> None:
        """Shows the calls of a stopped kernel, or of an error, in the panel."""
        self._slot.show(self._calls)

    def follow_stop(self) -> None:
        """Has an open panel of the kernel's show the calls of a kernel that has stopped."""
        panel = self._slot.panel
        if panel is not None and panel.is_of_kernel and not panel.shows_calls and self._session.stop is not None:
            self._slot.show(self._calls, focus=panel.has_keys)

    def _calls(self) -> SidePanel:
        from tuinb.commands.registry import COMMANDS
        from tuinb.ui.inspection.calls_panel import CallsPanel

        return CallsPanel(
            self._session,
            self._shell.role,
            go=self._go_to_call,
            look=lambda title, text: self._shell.system.run_later(self._shell.dialogs.read(title, text)),
            evaluate=lambda: COMMANDS["evaluate"](self._context()),
            variables=lambda: self._slot.show(self._variables),
            leave=self._slot.leave,
            close=self._close_calls,
            changed=self._shell.show_status,
            run=self._shell.system.run_later,
            in_keys=self._shell.in_keys,
        )

    def _variables(self) -> SidePanel:
        from tuinb.ui.inspection.panel import VariablesPanel

        return VariablesPanel(
            self._session,
            self._state,
            self._shell.role,
            open_variable=self._open_variable,
            go=self._go,
            leave=self._slot.leave,
            close=self._slot.close,
            changed=self._shell.show_status,
        )

    def _close_calls(self) -> None:
        self._slot.close()
        self._session.debugger.leave_error()

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
