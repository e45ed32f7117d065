"""The prompt of a kernel's `input()` or `getpass()`, under the cell that asked.

It is not modal: other cells can be read and edited while it is open. The queue of cells waits behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.margin import MARGIN
from tuinb.ui.layer import Taken
from tuinb.ui.view.cell_box import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widget import Widget

    from tuinb.notebook.changes import CellId
    from tuinb.session.events import Prompt
    from tuinb.ui.editor.answer_line import AnswerLine
    from tuinb.ui.view.notebook_view import NotebookView


class StdinPrompt:
    """The prompt of one notebook on one screen, open or not."""

    def __init__(
        self,
        view: NotebookView,
        into: Widget,
        answer: Callable[[str], None],
        eof: Callable[[], None],
        interrupt: Callable[[], None],
        give_back: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self.view = view
        self._into = into
        self._interrupt = interrupt
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

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Leaves keys to the line while it has the focus. Ctrl+C interrupts the kernel."""
        if not self.has_keys:
            return Taken.BELOW
        if key == "ctrl+c":
            self._interrupt()
            return Taken.HERE
        return Taken.FOCUSED

    def open(self, prompt: Prompt, cell: CellId | None, *, take_keys: bool) -> None:
        """Shows the prompt under `cell`. The keys go to it at once only where the user is not typing elsewhere."""
        from tuinb.ui.editor.answer_line import AnswerLine

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
