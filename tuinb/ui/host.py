"""The screen as commands see it: questions, messages, the clipboard, scrolling (commands.context.Host)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from tuinb.errors import TuinbError
from tuinb.ui.editor_actions import EditorActions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from tuinb.ui.app import TuinbApp
    from tuinb.ui.dialogs.base import Dialog

T = TypeVar("T")


class ScreenHost:
    """Serves one app's commands."""

    def __init__(self, app: TuinbApp) -> None:
        self._app = app
        self._tasks: set[asyncio.Future[None]] = set()
        self.dialog: Dialog[object] | None = None
        """The dialog that has the keys, if one is open."""
        self.clipboard = ""
        """What was last cut or copied here: terminals are not asked for theirs."""

    @property
    def editor(self) -> EditorActions | None:
        editing = self._app.editing
        return EditorActions(self._app) if editing is not None and editing.cell is not None else None

    # ---- saying and asking

    def notify(self, text: str, severity: str = "information") -> None:
        self._app.message.tell(text, severity)

    async def _open(self, dialog: Dialog[T]) -> T | None:
        """Shows a dialog, and gives its result. One that is open already is left first."""
        app = self._app
        if self.dialog is not None:
            self.dialog.finish(None)
        focused = app.screen.focused
        self.dialog = dialog  # type: ignore[assignment]
        await app.stage.mount(dialog)
        (dialog.query("LineInput").first() if dialog.query("LineInput") else dialog).focus(scroll_visible=False)
        try:
            return await dialog.result
        finally:
            if self.dialog is dialog:
                self.dialog = None
                if focused is not None and focused.is_attached:
                    focused.focus(scroll_visible=False)
            await dialog.remove()
            app.sync()

    async def choose(self, question: str, options: Sequence[str]) -> int | None:
        from tuinb.ui.dialogs.base import Chooser

        return await self._open(Chooser(self._app.role, question, list(options)))

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No") -> bool:
        return await self.choose(question, [yes, no]) == 0

    async def ask(self, question: str, initial: str = "") -> str | None:
        from tuinb.ui.dialogs.lines import Asker

        return await self._open(Asker(self._app.role, question, initial))

    def page(self, title: str, text: str) -> None:
        from tuinb.ui.dialogs.pager import Pager

        self.run_later(self._page(Pager(self._app.role, title, text)))

    async def _page(self, dialog: Dialog[None]) -> None:
        await self._open(dialog)

    def help(self) -> None:
        from tuinb.ui.help import help_text

        self.page("Help", help_text(self._app.keyboard.keymap))

    def palette(self, initial: str = "") -> None:
        self.run_later(self._palette(initial))

    async def _palette(self, initial: str) -> None:
        from tuinb.commands import ex
        from tuinb.ui.dialogs.lines import Palette
        from tuinb.ui.help import entries

        line = await self._open(Palette(self._app.role, entries(self._app.keyboard.keymap), initial))
        if line:
            ex.execute(self._app.context, line)
            self._app.sync()

    # ---- the clipboard

    def copy(self, text: str) -> None:
        self.clipboard = text
        if not self._app.copy_text(text):
            self.notify("Copied inside tuinb; the terminal's clipboard takes no text of this size.", "warning")

    # ---- the view

    def scroll(self, *, rows: int = 0, pages: float = 0) -> None:
        view = self._app.view
        view.scroll_by(rows + round(pages * view.size.height))
        self._app.place_overlays()

    def visible_page(self, direction: int) -> None:
        view, state, notebook = self._app.view, self._app.view_state, self._app.session.notebook
        before = view.layout_rows.rows()[:1]
        view.scroll_by(direction * max(1, view.size.height - 2))
        cells = view.layout_rows.cells()
        if not cells:
            return
        if view.layout_rows.rows()[:1] == before:
            state.activate(notebook.order[-1 if direction > 0 else 0])
            view.reveal_active()
        elif state.active not in cells[1:-1]:
            state.activate(cells[min(1, len(cells) - 1)] if direction > 0 or len(cells) < 3 else cells[-2])
        self._app.sync(reveal=False)

    def centre(self) -> None:
        app = self._app
        cell = app.view_state.active
        if cell is not None:
            row = app.focus_row(cell)
            app.view.layout_rows.put_at(cell, row, app.view.size.height // 2)
            app.view.refresh()
            app.place_overlays()

    def redraw(self) -> None:
        self._app.redraw()

    def themes(self) -> Sequence[str]:
        from tuinb import themes

        return themes.names()

    def set_theme(self, name: str) -> None:
        self._app.use_theme(name)

    # ---- the process

    def suspend(self) -> None:
        self._app.action_suspend_process()

    def run_later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, TuinbError):
            self.notify(str(error), "error")
        elif error is not None:
            self._app.fail(error)
        self._app.sync()

    def exit(self) -> None:
        self._app.leaving_is_agreed = True
        self._app.exit(return_code=0)
