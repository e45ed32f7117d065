"""The input line that answers a prompt of the kernel. Imported when a prompt opens, since Textual's Input is slow to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rich.style import Style

from tuinb.ui.dialogs.prompts import LineInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widgets import Input

    from tuinb.ui.view.notebook_view import NotebookView


_RECALLS = {"up": 1, "ctrl+p": 1, "down": -1, "ctrl+n": -1}
"""Keys that show earlier and later answers, as shells have them."""


class PromptOwner(Protocol):
    """The owner of the line (StdinPrompt)."""

    view: NotebookView

    def keep_in_view(self) -> None:
        """Scrolls the line into view if it has the focus."""
        ...

    def focus_changed(self, *, entered: bool) -> None:
        """Notes that the line got the focus, or that another widget did."""
        ...

    def leave(self) -> None:
        """Returns the focus to the notebook. The prompt stays open."""
        ...

    def answer(self, text: str) -> None:
        """Sends the answer to the kernel."""
        ...

    def recall(self, step: int) -> None:
        """Shows an earlier answer (1) or a later one (-1)."""
        ...

    def complete(self) -> None:
        """Completes the name before the cursor."""
        ...

    def answer_eof(self) -> None:
        """Sends end of file to the kernel."""
        ...


class AnswerLine(LineInput):
    """The input line. Its owner places it on the screen."""

    DEFAULT_CSS = """
    AnswerLine, AnswerLine:focus { position: absolute; layer: editor; width: 20; height: 1; padding: 0; border: none; }
    """

    def surface(self, role: Callable[[str], Style]) -> Style:
        """Returns the colours of the line. It stands between outputs, and has no border to tell it from them."""
        return Style(color=role("status_foreground").color, bgcolor=role("status_background").bgcolor)

    def __init__(self, prompt: PromptOwner, text: str, *, password: bool) -> None:
        super().__init__(text, prompt.view.painter.role, password=password)
        self._prompt = prompt

    def on_key(self, event: events.Key) -> None:
        if event.key == "ctrl+d" and not self.value:
            event.stop()
            event.prevent_default()
            self._prompt.answer_eof()
        elif event.key == "escape" or (event.key == "ctrl+g" and self._prompt.view.keeps_editing):
            # Where cells are not always edited, Ctrl+G goes to the prompt, which may have got the keys meanwhile.
            event.stop()
            self._prompt.leave()
        elif event.key in _RECALLS:
            event.stop()
            event.prevent_default()
            self._prompt.recall(_RECALLS[event.key])
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self._prompt.complete()

    def on_focus(self) -> None:
        self._prompt.focus_changed(entered=True)

    def on_blur(self) -> None:
        # A terminal that loses the focus takes it from the line for a while only.
        self._prompt.focus_changed(entered=not self.app.app_focus)

    def on_input_changed(self) -> None:
        self._prompt.keep_in_view()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._prompt.view.wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._prompt.view.wheel(event, -3)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._prompt.answer(event.value)
