"""The completion list over the editor: the kernel's matches, filtered as the user types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.editing.selection import Edit, Selection
from tuinb.margin import MARGIN
from tuinb.render.safe import clean, width
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut

if TYPE_CHECKING:
    from textual import events

    from tuinb.kernel.protocol.events import CompleteReply
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.text_area import SourceEditor
    from tuinb.ui.view.notebook_view import NotebookView

_ROWS = 8


class CompletionList(Widget):
    """Up, Down and Tab move in the list, Enter accepts a match, Escape closes the list; other keys go to the editor."""

    DEFAULT_CSS = "CompletionList { position: absolute; layer: popup; display: none; }"
    ALLOW_SELECT = False

    def __init__(self, editor: CellEditor, view: NotebookView) -> None:
        super().__init__()
        self._cell_editor = editor
        self._view = view
        self._all: tuple[str, ...] = ()
        self._found: list[str] = []
        self._index = 0
        self._start = 0
        """Offset in the source where the completed text begins."""
        self._after = 0
        """Code points after the cursor that a match replaces, too."""

    @property
    def _editor(self) -> SourceEditor:
        return self._cell_editor.widget

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.display

    def offer(self, reply: CompleteReply, requested_at: int) -> None:
        """Shows the matches of a reply, or accepts a single one. `requested_at` is the cursor's offset in the request."""
        self._all, self._start, self._after = reply.matches, reply.start, max(0, reply.end - requested_at)
        self._index = 0
        if not self._filter():
            self.close()
        elif len(self._found) == 1 and self._editor.cursor == requested_at:
            self.accept()
        else:
            self._show()

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes the keys that move in the list, accept or close it, while it is open."""
        if not self.is_open:
            return Taken.BELOW
        if key in ("down", "tab", "ctrl+n"):
            self._index = (self._index + 1) % len(self._found)
        elif key in ("up", "shift+tab", "ctrl+p"):
            self._index = (self._index - 1) % len(self._found)
        elif key == "enter":
            self.accept()
        elif key == "escape":
            self.close()
        else:
            return Taken.BELOW
        self.refresh()
        return Taken.HERE

    def typed(self) -> None:
        """Filters the list after a change of the text or the cursor. Closes it if no match is left."""
        if self.is_open:
            if self._filter():
                self._show()
            else:
                self.close()

    def accept(self) -> None:
        """Replaces the completed text by the selected match, and closes the list."""
        editor, match = self._editor, self._found[self._index]
        self.close()
        if not editor.read_only:
            at = self._start + len(match)
            editor.apply(Edit(self._start, min(editor.cursor + self._after, len(editor.text)), match, Selection(at, at)))

    def close(self) -> None:
        """Hides the list."""
        self.display = False

    def _filter(self) -> bool:
        cursor = self._editor.cursor
        if cursor < self._start:
            return False
        typed = self._editor.text[self._start : cursor]
        self._found = [m for m in self._all if m.startswith(typed)] or ([] if self.is_open else list(self._all))
        self._index = min(self._index, max(0, len(self._found) - 1))
        return bool(self._found)

    def _show(self) -> None:
        column = self._editor.offset_of(self._start).x
        rows = min(_ROWS, len(self._found))
        columns = min(max(width(clean(m)) for m in self._found[:200]) + 2, self._view.size.width - MARGIN)
        x = max(0, min(MARGIN + column - 1, self._view.size.width - columns))
        row = int(self._editor.styles.offset.y.value) + self._editor.offset_of(self._editor.cursor).y
        below = self._view.size.height - row - 1
        self.styles.offset = (x, row + 1 if below >= rows or below >= row else row - rows)
        self.styles.width, self.styles.height = columns, rows
        self.display = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = max(0, self._index - _ROWS + 1) + y
        text = f" {clean(self._found[index])}" if index < len(self._found) else ""
        role = self._view.painter.role
        base = Style(color=role("status_foreground").color, bgcolor=role("status_background").bgcolor)
        style = base + Style(reverse=True) if index == self._index else base
        text = cut(text, self.size.width)
        return Strip([Segment(text, style)], width(text)).adjust_cell_length(self.size.width, style)
