"""The prompt of a kernel's `input()` or `getpass()`, below the cell that requested input.

The prompt is not modal: other cells can be read and edited while it is open. Queued cells wait until it is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.buffer import common_prefix
from tuinb.margin import MARGIN
from tuinb.record import Record
from tuinb.ui.layer import Taken
from tuinb.ui.view.cell_box import Part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.widget import Widget

    from tuinb.kernel.protocol.events import CompleteReply
    from tuinb.notebook.changes import CellId
    from tuinb.session.events import Prompt
    from tuinb.ui.editor.answer_line import AnswerLine
    from tuinb.ui.view.notebook_view import NotebookView


_MOST_ANSWERS = 500
"""Answers that are remembered."""
_MOST_SHOWN = 20
"""Completions that are listed."""
_SENDING_KEYS = ("enter", "ctrl+d")
"""Keys that send an answer or end of file."""


class Answer(Record):
    """An answer that was typed and not sent."""

    prompt: Prompt
    text: str
    """Empty for a password, which is not kept."""


class StdinPrompt:
    """The prompt of one pane, open or closed.

    `return_focus` moves the focus to the notebook. `changed` is called when the prompt gets or loses the focus.
    """

    def __init__(
        self,
        view: NotebookView,
        parent: Widget,
        answer: Callable[[str], None],
        eof: Callable[[], None],
        interrupt: Callable[[], None],
        return_focus: Callable[[], None],
        changed: Callable[[], None],
        complete: Callable[[str, int], Awaitable[CompleteReply | None]],
        notify: Callable[[str], None],
        run_later: Callable[[Awaitable[None]], None],
    ) -> None:
        self.view = view
        self._parent = parent
        self._interrupt = interrupt
        self._return_focus = return_focus
        self.changed = changed
        self._answer = answer
        self._eof = eof
        self._ask_kernel = complete
        self._notify = notify
        self._run_later = run_later
        self._answers: list[str] = []
        """What was answered before, the latest last. No passwords."""
        self._back = 0
        """How many answers back the line shows; 0 for what is being written."""
        self._draft = ""
        self._line: AnswerLine | None = None
        self._prompt: Prompt | None = None
        self._entered = False
        """Whether the input line has the focus, or had it when the terminal lost the focus or went away."""
        self._ends = False
        self.cell: CellId | None = None
        """The cell below which the prompt is open."""

    @property
    def is_open(self) -> bool:
        """Whether the kernel waits for an answer."""
        return self._line is not None

    def is_under(self, cell: CellId | None) -> bool:
        """Returns whether the prompt is open below `cell`."""
        return self.is_open and self.cell == cell

    @property
    def has_keys(self) -> bool:
        """Whether the input line has the focus."""
        return self._line is not None and self._line.screen.focused is self._line

    @property
    def in_view(self) -> bool:
        """Whether the input line is on the screen."""
        return self._line is not None and self.cell is not None and self.view.viewport.shows(self.cell, self._row(self.cell))

    @property
    def unsent(self) -> Answer | None:
        """The answer that is being typed; None while the input line does not get the keys."""
        if self._line is None or self._prompt is None or not self._entered:
            return None
        return Answer(self._prompt, "" if self._prompt.password else self._line.value)

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Leaves keys to the input line while it has the focus. Ctrl+C interrupts the kernel.

        A key scrolls a line that is out of view back into view. The keys that send an answer do nothing else then.
        """
        if not self.has_keys:
            return Taken.BELOW
        if key == "ctrl+c":
            self._interrupt()
            return Taken.HERE
        if key != "escape" and not self.in_view:
            self._reveal()
            return Taken.HERE if key in _SENDING_KEYS else Taken.FOCUSED
        return Taken.FOCUSED

    def open(self, prompt: Prompt, cell: CellId | None, answer: str = "") -> None:
        """Shows the prompt below `cell`, with the beginning of an answer. Its line gets no keys until `enter`."""
        from tuinb.ui.editor.answer_line import AnswerLine

        self.close()
        self.cell = cell
        self.view.prompt_cell, self.view.prompt_text = cell, prompt.text
        self._prompt = prompt
        self._back = 0
        self._line = AnswerLine(self, answer, password=prompt.password)
        self._parent.mount(self._line)
        self.view.repaint()
        self.place()

    def move(self, cell: CellId | None) -> None:
        """Moves the prompt below `cell` if its own cell was deleted: the kernel still waits for the answer."""
        if self.cell is not None and cell is not None and self.view.is_deleted(self.cell):
            self.cell = self.view.prompt_cell = cell
            self.view.repaint()
            self.place()

    def enter(self) -> None:
        """Gives the input line the focus and scrolls it into view."""
        if self._line is not None:
            self._reveal()
            self._line.screen.set_focus(self._line, scroll_visible=False)

    def keep_in_view(self) -> None:
        """Scrolls the input line into view if it has the focus."""
        if self.has_keys:
            self._reveal()

    def _reveal(self) -> None:
        if self.cell is not None:
            self.view.reveal(self.cell, Part.PROMPT, self.view.box(self.cell).prompt_rows - 1)
            self.place()

    def _row(self, cell: CellId) -> int:
        """Returns the row of a cell on which the answer is typed."""
        box = self.view.box(cell)
        return box.row_of(Part.PROMPT, box.prompt_rows - 1)

    def focus_changed(self, *, entered: bool) -> None:
        """Notes that the input line got the focus, or that another widget did."""
        if not self._ends:
            self._entered = entered
            self.changed()

    def ignore_focus(self) -> None:
        """Keeps `unsent` as it is: the app ends, which takes the focus from its widgets."""
        self._ends = True

    def leave(self) -> None:
        """Returns the focus to the notebook. The prompt stays open."""
        self._return_focus()

    def answer(self, text: str) -> None:
        """Sends the answer to the kernel."""
        self.leave()
        if self._prompt is not None and not self._prompt.password and text and self._answers[-1:] != [text]:
            self._answers = [*self._answers, text][-_MOST_ANSWERS:]
        self._answer(text)

    def recall(self, step: int) -> None:
        """Shows an earlier answer (1) or a later one (-1); after the latest, what was being written."""
        line, back = self._line, self._back + step
        if line is None or self._prompt is None or self._prompt.password or not 0 <= back <= len(self._answers):
            return
        if not self._back:
            self._draft = line.value
        self._back = back
        line.value = self._answers[-back] if back else self._draft
        line.cursor_position = len(line.value)

    def complete(self) -> None:
        """Completes the name before the cursor, if the kernel can complete while it waits for the answer."""
        if self._line is not None and self._prompt is not None and not self._prompt.password:
            self._run_later(self._complete(self._line, self._line.value, self._line.cursor_position))

    async def _complete(self, line: AnswerLine, text: str, cursor: int) -> None:
        reply = await self._ask_kernel(text, cursor)
        if line is not self._line or line.value != text:
            return
        if reply is None or not reply.matches:
            self._notify("No completions here." if reply else "The kernel can't complete while it waits for input.")
            return
        first, last = min(reply.matches), max(reply.matches)
        common = first[: common_prefix(first, last)]
        line.value = text[: reply.start] + common + text[reply.end :]
        line.cursor_position = reply.start + len(common)
        if len(reply.matches) > 1:
            self._notify("  ".join(reply.matches[:_MOST_SHOWN]) + (" …" if len(reply.matches) > _MOST_SHOWN else ""))

    def answer_eof(self) -> None:
        """Sends end of file to the kernel."""
        self.leave()
        self._eof()

    def close(self) -> None:
        """Removes the prompt, after an answer, an interrupt, or the end of the kernel."""
        if self._line is None:
            return
        if self.has_keys:
            self._return_focus()
        self._line.remove()
        self._line = self._prompt = None
        self._entered = False
        self.cell = self.view.prompt_cell = None
        self.view.prompt_text = None
        self.view.repaint()

    def place(self) -> None:
        """Places the input line over the last row of the prompt."""
        if self._line is None or self.cell is None:
            return
        region = self.view.region_of(self.cell, Part.PROMPT)
        box = self.view.box(self.cell)
        y = -2 if region is None else region.y + box.prompt_rows - 1
        self._line.styles.offset = (MARGIN + box.prompt_indent, y)
        self._line.styles.width = max(4, self.view.painter.content - box.prompt_indent)
