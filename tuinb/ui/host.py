"""The screen as commands see it: questions, messages, the clipboard, scrolling (commands.context.Host)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from tuinb.errors import TuinbError
from tuinb.terminal.clipboard import to_tmux
from tuinb.ui.editor.actions import EditorActions
from tuinb.ui.keys import router
from tuinb.ui.outputs.host import OutputHost
from tuinb.ui.view import anchoring

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tuinb.ui.app import TuinbApp
    from tuinb.ui.dialogs.base import Dialog
    from tuinb.ui.outputs.viewer import Viewer

T = TypeVar("T")


class ScreenHost(OutputHost):
    """Serves one app's commands."""

    def __init__(self, app: TuinbApp) -> None:
        super().__init__(app)
        self._tasks: set[asyncio.Future[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._starting = 0
        self._dialog_has_keys = False
        self.dialog: Dialog[Any] | None = None
        """The dialog that has the keys, if one is open."""
        self.clipboard = ""
        """What was last cut or copied here: terminals are not asked for theirs."""

    @property
    def editor(self) -> EditorActions | None:
        editing = self._app.editing
        return EditorActions(self._app) if editing is not None and editing.cell is not None else None

    # ---- saying and asking

    def notify(self, text: str, severity: str = "information") -> None:
        app = self._app
        app.message.tell(text, severity)
        anchoring.keep_clear(app, app.message.rows)

    @property
    def holds_keys(self) -> bool:
        """Whether a dialog is about to open: keys that come now are for it."""
        return self._starting > 0 or (self.dialog is not None and not self._dialog_has_keys)

    async def _open(self, dialog: Dialog[T]) -> T | None:
        """Shows a dialog, and gives its result. One that is open is not disturbed: the next waits for its end."""
        async with self._one_at_a_time:
            return await self._show(dialog)

    async def open_dialog(self, dialog: Dialog[T]) -> T | None:
        """The same for a dialog of somebody else's."""
        return await self._open(dialog)

    async def open_viewer(self, viewer: Viewer) -> None:
        """Shows what fills the screen; questions may open over it, as over the notebook."""
        await self._show(viewer)

    async def _show(self, dialog: Dialog[T]) -> T | None:
        app, below = self._app, self.dialog
        focused = app.screen.focused
        self.dialog, self._dialog_has_keys = dialog, False
        app.keyboard.reset()
        try:
            await app.stage.mount(dialog)
            lines = dialog.query("LineInput")
            app.screen.set_focus(lines.first() if lines else dialog, scroll_visible=False)
            self._dialog_has_keys = True
            router.release_keys(app)
            return await dialog.result
        finally:
            self.dialog = below
            if focused is not None and focused.is_attached:
                app.screen.set_focus(focused, scroll_visible=False)
            await dialog.remove()
            app.sync()

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        from tuinb.ui.dialogs.base import Chooser

        return await self._open(Chooser(self._app.role, question, list(options), at=at, moved=moved))

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No") -> bool:
        return await self.choose(question, [yes, no]) == 0

    async def ask(self, question: str, initial: str = "") -> str | None:
        from tuinb.ui.dialogs.prompts import Asker

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
        from tuinb.commands import ex_line
        from tuinb.ui.dialogs.prompts import Palette
        from tuinb.ui.help import entries

        line = await self._open(Palette(self._app.role, entries(self._app.keyboard.keymap), initial))
        if line:
            ex_line.execute(self._app.context, line)
            self._app.sync()

    # ---- the clipboard

    def copy(self, text: str) -> None:
        self.clipboard = text
        if self._app.capabilities.multiplexer == "tmux":
            self.run_later(to_tmux(text))
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

    @property
    def theme(self) -> str:
        return self._app.theme_name

    def set_theme(self, name: str) -> None:
        self._app.automatic_themes = None
        self._app.use_theme(name)

    # ---- the process

    def suspend(self) -> None:
        self._app.action_suspend_process()

    def run_later(self, work: Awaitable[object]) -> None:
        self._starting += 1
        task = asyncio.ensure_future(self._begin(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _begin(self, work: Awaitable[object]) -> None:
        """Runs work whose first step may open a dialog: until then, keys are held."""
        self._starting -= 1
        asyncio.get_running_loop().call_soon(router.release_keys, self._app)
        await work

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
