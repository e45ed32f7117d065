"""The line in which a kernel's `input()` or `getpass()` is answered, under the cell that asked.

Nothing waits for it: other cells are read and edited meanwhile, and the queue stands still behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.ui.dialogs.prompts import LineInput
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.painter import MARGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.containers import Container
    from textual.widgets import Input

    from tuinb.notebook.changes import CellId
    from tuinb.session.events import PromptOpened
    from tuinb.ui.view.notebook_view import NotebookView


class AnswerLine(LineInput):
    """One line, placed by its owner."""

    DEFAULT_CSS = """
    AnswerLine, AnswerLine:focus { position: absolute; layer: editor; width: 20; height: 1; padding: 0; border: none; }
    """

    def __init__(self, prompt: InputPrompt, *, password: bool) -> None:
        super().__init__("", prompt.view.painter.role, password=password)
        self._prompt = prompt

    def on_key(self, event: events.Key) -> None:
        if event.key == "ctrl+d" and not self.value:
            event.stop()
            event.prevent_default()
            self._prompt.answer_eof()
        elif event.key == "escape":
            event.stop()
            self._prompt.leave()

    # Textual sets has_focus after these, hence the delay.
    def on_focus(self) -> None:
        self.call_later(self._prompt.changed)

    def on_blur(self) -> None:
        self.call_later(self._prompt.changed)

    def on_input_changed(self) -> None:
        self._prompt.keep_in_view()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._prompt.view.wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._prompt.view.wheel(event, -3)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._prompt.answer(event.value)


class InputPrompt:
    """The open prompt of a screen, if there is one."""

    def __init__(
        self,
        view: NotebookView,
        into: Container,
        answer: Callable[[str], None],
        eof: Callable[[], None],
        give_back: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self.view = view
        self._into = into
        self._give_back = give_back
        self.changed = changed
        self._answer = answer
        self._eof = eof
        self._line: AnswerLine | None = None
        self.cell: CellId | None = None

    @property
    def is_open(self) -> bool:
        return self._line is not None

    def is_under(self, cell: CellId | None) -> bool:
        """Whether it is open under this cell."""
        return self.is_open and self.cell == cell

    @property
    def has_keys(self) -> bool:
        return self._line is not None and self._line.has_focus

    def open(self, prompt: PromptOpened, cell: CellId | None, *, take_keys: bool) -> None:
        """Shows the prompt under `cell`. The keys go to it at once only where the user is not typing elsewhere."""
        self.close()
        self.cell = cell
        self.view.prompt_cell, self.view.prompt_text = cell, prompt.text
        self._line = AnswerLine(self, password=prompt.password)
        self._into.mount(self._line)
        self.view.repaint()
        self.place()
        if take_keys:
            self.enter()

    def move(self, cell: CellId | None) -> None:
        """Goes on under another cell, where its own was deleted: the kernel waits all the same."""
        if self.cell is not None and cell is not None and self.view.box_gone(self.cell):
            self.cell = self.view.prompt_cell = cell
            self.view.repaint()
            self.place()

    def enter(self) -> None:
        """Gives the prompt the keys, and brings it into view."""
        if self._line is not None:
            self._reveal()
            self._line.focus(scroll_visible=False)

    def keep_in_view(self) -> None:
        """Brings the line into view if it has the keys: nobody should type what can't be seen."""
        if self.has_keys:
            self._reveal()

    def _reveal(self) -> None:
        if self.cell is not None:
            self.view.reveal(self.cell, Part.PROMPT, self.view.box(self.cell).prompt_rows - 1)
            self.place()

    def leave(self) -> None:
        """Gives the keys back to the notebook; the prompt stays open."""
        self._give_back()

    def answer(self, text: str) -> None:
        self.leave()
        self._answer(text)

    def answer_eof(self) -> None:
        self.leave()
        self._eof()

    def close(self) -> None:
        """Takes the prompt away: it was answered, interrupted, or its kernel is gone."""
        if self._line is None:
            return
        if self._line.has_focus:
            self._give_back()
        self._line.remove()
        self._line = None
        self.cell = self.view.prompt_cell = None
        self.view.prompt_text = None
        self.view.repaint()

    def place(self) -> None:
        """Lays the line over the prompt's row."""
        if self._line is None or self.cell is None:
            return
        region = self.view.region_of(self.cell, Part.PROMPT)
        box = self.view.box(self.cell)
        y = -2 if region is None else region.y + box.prompt_rows - 1
        self._line.styles.offset = (MARGIN + box.prompt_indent, y)
        self._line.styles.width = max(4, self.view.painter.content - box.prompt_indent)
