"""The editor as commands use it: implements commands.host.Editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.errors import LanguageServerError
from tuinb.mime import joined
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import Motion, Operator
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.completer import Completer
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class EditorActions:
    """Implements commands.host.Editor for one pane.

    `leave_viewer` closes the viewer of outputs, calls its argument afterwards, and returns whether the viewer was open. `cover`
    keeps the cursor in view while a panel covers the last rows.
    """

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        editor: CellEditor,
        completer: Completer,
        sync: Callable[[], None],
        leave_viewer: Callable[[Callable[[], None]], bool],
        cover: Callable[[int], None],
    ) -> None:
        self._shell = shell
        self._session = session
        self._state = state
        self._editor = editor
        self._completer = completer
        self._sync = sync
        self._leave_viewer = leave_viewer
        self._cover = cover

    @property
    def is_open(self) -> bool:
        """Whether a cell is being edited."""
        return self._editor.is_open

    @property
    def cursor(self) -> int:
        """Offset of the cursor in the source, in code points."""
        return self._editor.widget.cursor

    @property
    def selected(self) -> str:
        """The selected text, or an empty string."""
        return self._editor.widget.selected_text

    @property
    def selection(self) -> tuple[int, int]:
        """Where the selected text begins and ends. Both are the cursor if nothing is selected."""
        selection = self._editor.widget.state.selection
        return selection.start, selection.end

    def perform(self, action: str) -> None:
        """Performs an action that needs the screen or the kernel, by its name."""
        editor, system = self._editor.widget, self._shell.system
        actions: dict[str, Callable[[], object]] = {
            "cut": lambda: self._copy(cut=True),
            "copy": lambda: self._copy(cut=False),
            "paste": lambda: editor.insert_text(system.clipboard),
            "complete": self._completer.ask,
            "inspect": lambda: system.run_later(self._inspect()),
        }
        actions[action]()

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        """Moves the cursor, or the end of the selection if `extend`."""
        self._editor.widget.move(motion, extend=extend)

    def change(self, operator: Operator) -> None:
        """Changes the text, unless it is read-only."""
        self._editor.widget.change(operator)

    def begin_inserting(self) -> None:
        """Begins insert mode, now or when the editor is opened, if the keys have one."""
        if self._editor.vim is not None:
            self._editor.vim.begin_inserting()

    def edit_at(self, cell: CellId, line: int) -> None:
        """Opens a cell with the cursor at the first character of a line, after the viewer is closed."""

        def edit() -> None:
            self._edit_at(cell, line)

        if not self._leave_viewer(edit):
            edit()

    def edit_from(self, cell: CellId, offset: int) -> None:
        """Opens a cell with the cursor at an offset, after the viewer is closed."""

        def edit() -> None:
            self._open(cell)
            if self._editor.cell == cell:
                self._editor.widget.cursor = offset

        if not self._leave_viewer(edit):
            edit()

    def _edit_at(self, cell: CellId, line: int) -> None:
        self._open(cell)
        if self._editor.cell == cell:
            text = self._session.notebook[cell].source.split("\n")[line]
            widget = self._editor.widget
            widget.cursor = widget.state.buffer.offset(Place(line, len(text) - len(text.lstrip())))

    def _open(self, cell: CellId) -> None:
        self._state.activate(cell)
        self._state.mode = Mode.EDIT
        self._sync()

    def _copy(self, *, cut: bool) -> None:
        editor = self._editor.widget
        if editor.selected_text:
            self._shell.system.copy(editor.selected_text)
            if cut and not editor.read_only:
                editor.insert_text("")

    async def _inspect(self) -> None:
        """Shows what the kernel knows of the name at the cursor in a panel; asked for more there, with its source; then that on
        the whole screen.
        """
        title = shown = ""
        editor, dialogs = self._editor.widget, self._shell.dialogs
        cell, text, cursor = self._editor.cell, editor.text, editor.cursor
        for detail, title in enumerate(("Inspect", "Inspect with source")):
            reply = await self._session.inspect(text, cursor, detail)
            if reply is None or not reply.found:
                if detail or not await self._show_hover(cell, cursor):
                    why = "The kernel has no documentation for this." if reply else "The kernel is busy, or none is running."
                    dialogs.notify(why)
                return
            more = "Shift+Tab shows the source" if not detail else "Shift+Tab fills the screen"
            shown = joined(reply.data.get("text/plain"))
            if not await dialogs.panel(title, shown, more=more, cover=self._cover):
                return
        await dialogs.read(title, shown)

    async def _show_hover(self, cell: CellId | None, cursor: int) -> bool:
        """Shows what a language server that runs knows of the name at the cursor. Returns whether it knows something."""
        if cell is None or cell not in self._session.notebook:
            return False
        try:
            text, name = await self._session.languages.hover(cell, cursor)
        except LanguageServerError:
            return False
        if text:
            await self._shell.dialogs.panel(f"From {name}", text, more="", cover=self._cover)
        return bool(text)
