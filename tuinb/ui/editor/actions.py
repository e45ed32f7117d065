"""What commands may ask of the open editor (commands.context.Editor)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.mime import joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.ui.app import TuinbApp


class EditorActions:
    """The editor that is open now; made anew for each command."""

    def __init__(self, app: TuinbApp) -> None:
        self._app = app
        assert app.editing is not None
        self._editor = app.editing.widget

    @property
    def cursor(self) -> int:
        return self._editor.cursor

    @property
    def selected(self) -> str:
        return self._editor.selected_text

    def perform(self, action: str) -> None:
        """See the Protocol."""
        editor, host = self._editor, self._app.host
        actions: dict[str, Callable[[], object]] = {
            "indent": editor.indent,
            "dedent": editor.dedent,
            "comment": editor.comment,
            "move_line_up": lambda: editor.move_lines(-1),
            "move_line_down": lambda: editor.move_lines(1),
            "undo": editor.undo,
            "redo": editor.redo,
            "cut": lambda: self._copy(cut=True),
            "copy": lambda: self._copy(cut=False),
            "paste": lambda: editor.insert_text(host.clipboard),
            "complete": lambda: host.run_later(self._complete()),
            "inspect": lambda: host.run_later(self._inspect()),
        }
        actions[action]()

    def _copy(self, *, cut: bool) -> None:
        editor = self._editor
        if editor.selected_text:
            self._app.host.copy(editor.selected_text)
            if cut and not editor.read_only:
                editor.insert_text("")

    async def _complete(self) -> None:
        app, editor = self._app, self._editor
        cell, source, cursor = app.view_state.active, editor.text, editor.cursor
        reply = await app.session.complete(source, cursor)
        if reply is None:
            app.host.notify("No completions: the kernel is busy, or there is none.")
        elif app.view_state.active == cell and editor.text == source and editor.cursor == cursor:
            if reply.matches and app.completion is not None:
                app.completion.offer(reply, cursor)
            else:
                app.host.notify("No completions here.")

    async def _inspect(self) -> None:
        app, editor = self._app, self._editor
        reply = await app.session.inspect(editor.text, editor.cursor)
        if reply is None or not reply.found:
            app.host.notify("Nothing is known of what stands here." if reply else "The kernel is busy, or there is none.")
            return
        app.host.page("Inspect", joined(reply.data.get("text/plain")))
