"""The editor as commands use it: implements commands.host.Editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing import marks
from tuinb.editing.buffer import Place
from tuinb.editing.selection import Selection
from tuinb.errors import LanguageServerError
from tuinb.mime import joined
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.kill_ring import KillRing
    from tuinb.editing.selection import Motion, Operator, State
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.completer import Completer
    from tuinb.ui.shell import Shell
    from tuinb.workspace.view_state import ViewState


class EditorActions:
    """Implements commands.host.Editor for one pane.

    `leave_viewer` closes the viewer of outputs, calls its argument afterwards, and returns whether the viewer was open. `cover`
    keeps the cursor in view while a panel covers the last rows. `types` returns whether a letter that is pressed is typed: with
    vim's keys it is in insert mode only.
    """

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        editor: CellEditor,
        completer: Completer,
        kills: KillRing,
        sync: Callable[[], None],
        leave_viewer: Callable[[Callable[[], None]], bool],
        cover: Callable[[int], None],
        types: Callable[[], bool],
    ) -> None:
        self._shell = shell
        self._session = session
        self._state = state
        self._editor = editor
        self._completer = completer
        self._kills = kills
        self._killed = -1
        """Revision of the text area after the last kill. Another kill right after it joins."""
        self._cut = ""
        """The whole lines that were cut last."""
        self._yanked: tuple[int, int, int] | None = None
        """Revision of the text area after the last yank, and where what was inserted begins and ends."""
        self._sync = sync
        self._leave_viewer = leave_viewer
        self._cover = cover
        self._types = types

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
    def has_several(self) -> bool:
        """Whether there are several cursors or selections."""
        return len(self._editor.widget.state.selections) > 1

    @property
    def selection(self) -> tuple[int, int]:
        """Where the selected text begins and ends. Both are the cursor if nothing is selected."""
        modal = None if self._editor.vim is None else self._editor.vim.selected_span
        selection = self._editor.widget.state.selection
        return modal or (selection.start, selection.end)

    def perform(self, action: str) -> None:
        """Performs an action that needs the screen, the kernel or the kill ring, by its name."""
        system = self._shell.system
        actions: dict[str, Callable[[], object]] = {
            "cut": lambda: self._copy(cut=True),
            "copy": lambda: self._copy(cut=False),
            "cut-lines": self._cut_lines,
            "paste": lambda: self._paste(system.clipboard),
            "complete": self._completer.ask,
            "inspect": lambda: system.run_later(self._inspect()),
            "yank": self._yank,
            "yank-earlier": self._yank_earlier,
            "copy-region": self._copy_region,
            "cancel": self._completer.close,
        }
        actions[action]()

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        """Moves the cursor, or the end of the selection if `extend`."""
        self._editor.widget.move(motion, extend=extend)

    def change(self, operator: Operator) -> None:
        """Changes the text, unless it is read-only."""
        self._editor.widget.change(operator)

    def update(self, change: Callable[[State], None]) -> None:
        """Changes what is selected, or the mark, by a function of `editing`."""
        self._editor.widget.update(change)

    def begin_inserting(self) -> None:
        """Begins insert mode, now or when the editor is opened, if the keys have one."""
        if self._editor.vim is not None:
            self._editor.vim.begin_inserting()

    def begin_with(self, key: str) -> bool:
        """Types a key, now or when the editor is opened, if the keys have modes. Returns False if they have none."""
        if self._editor.vim is not None:
            self._editor.vim.begin_with(key)
        return self._editor.vim is not None

    def end_recording(self) -> bool:
        """Ends the recording of keys in a register. Returns False if there is none."""
        return self._editor.vim is not None and self._editor.vim.end_recording()

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

    def _cut_lines(self) -> None:
        """Cuts the lines of the cursors. Pasted without a selection, they are whole lines again."""
        from tuinb.editing import operators

        editor = self._editor.widget
        self._cut = operators.whole_lines(editor.state)
        self._shell.system.copy(self._cut)
        editor.change(operators.delete_lines)

    def _paste(self, text: str) -> None:
        from tuinb.editing import operators

        editor = self._editor.widget
        if text and text == self._cut and all(each.is_empty for each in editor.state.selections):
            editor.change(operators.insert_above(text))
        else:
            editor.insert_text(text)

    # ---- the kill ring

    def kill(self, operator: Operator, *, before: bool = False) -> None:
        """Changes the text, and puts what was deleted into the kill ring, joined to the last kill if that was just before."""
        editor = self._editor.widget
        joins = editor.revision == self._killed
        removed = editor.change(operator)
        if removed:
            self._keep("\n".join(removed), joins=joins, before=before)

    def _copy_region(self) -> None:
        """Copies the selected text into the kill ring. Nothing is selected afterwards."""
        self._keep(self._editor.widget.selected_text)
        self._editor.widget.update(marks.deselect)
        self._killed = -1

    def _keep(self, text: str, *, joins: bool = False, before: bool = False) -> None:
        self._shell.system.copy(self._kills.kill(text, joins=joins, before=before))
        self._killed = self._editor.widget.revision

    def _yank(self) -> None:
        """Inserts what was cut or copied last. The mark is then where it begins."""
        self._insert(self._kills.yank(self._shell.system.clipboard))

    def _yank_earlier(self) -> None:
        """Replaces what was yanked by what was killed before it, if nothing else was done since."""
        editor = self._editor.widget
        if self._yanked is None or self._yanked[0] != editor.revision:
            self._shell.dialogs.notify("Nothing was inserted just before: yank inserts what was cut last.")
        else:
            _, start, end = self._yanked
            editor.select(Selection(start, end))
            self._insert(self._kills.rotate())

    def _insert(self, text: str) -> None:
        editor = self._editor.widget
        if not text:
            self._shell.dialogs.notify("Nothing was cut or copied yet.")
            return
        start = editor.state.selection.head if editor.state.marking else editor.state.selection.start
        editor.insert_text(text)
        if not editor.read_only:
            marks.push(editor.state, start)
            self._yanked = editor.revision, start, editor.cursor

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
            if not await self._show_beside_text(title, shown, more):
                return
        await dialogs.read(title, shown)

    async def _show_hover(self, cell: CellId | None, cursor: int) -> bool:
        """Shows what a language server that runs knows of the name at the cursor. Returns whether it knows something."""
        servers = self._session.languages_in_use
        if cell is None or cell not in self._session.notebook or servers is None:
            return False
        try:
            text, name = await servers.hover(cell, cursor)
        except LanguageServerError:
            return False
        if text:
            await self._show_beside_text(f"From {name}", text)
        return bool(text)

    async def _show_beside_text(self, title: str, text: str, more: str = "") -> bool:
        """Shows text in a panel, which closes when the user types on. Returns whether the user asks for more."""
        give_back = self._shell.give_back if self._types() else None
        return await self._shell.dialogs.panel(title, text, more=more, cover=self._cover, give_back=give_back)
