"""Text of a page that is selected with the mouse, and copied when the button is released.

The view of the notebook has a selection of its own, across cells (`ui/view/text_selection.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import width
from tuinb.ui.strips import cut

if TYPE_CHECKING:
    from textual import events


class SelectionMade(Message):
    """Text was selected with the mouse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class SelectableRows(Widget):
    """A widget that shows rows of a text from `top_row` on. `text_of` returns a row; `turn` scrolls by rows."""

    _start: tuple[int, int] | None = None
    """Row and column at which the button was pressed."""
    _end: tuple[int, int] | None = None
    _is_dragging = False

    @property
    def top_row(self) -> int:
        raise NotImplementedError

    @property
    def rows_shown(self) -> int:
        """How many rows of the text fit on the screen."""
        raise NotImplementedError

    def text_of(self, row: int) -> str:
        """Returns the text of a row; empty for one that does not exist."""
        raise NotImplementedError

    def turn(self, rows: int) -> None:
        raise NotImplementedError

    @property
    def has_selection(self) -> bool:
        """Whether any text is selected."""
        return self._start is not None and self._start != self._end

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._start = self._end = None
        if event.get_content_offset(self) is not None:
            self._start = self._end = self._place(event)
            self._is_dragging = True
            self.capture_mouse()
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if not self._is_dragging:
            return
        y = event.y - self.gutter.top
        if not 0 <= y < self.rows_shown:
            self.turn(-1 if y < 0 else 1)
        self._end = self._place(event)
        self.refresh()

    def on_mouse_up(self) -> None:
        if not self._is_dragging:
            return
        self._is_dragging = False
        self.release_mouse()
        if text := self.selected_text():
            self.post_message(SelectionMade(text))

    def on_unmount(self) -> None:
        # Without this, a page that is closed while the button is held would keep the mouse.
        self.release_mouse()

    def _place(self, event: events.MouseEvent) -> tuple[int, int]:
        y = max(0, min(event.y - self.gutter.top, self.rows_shown - 1))
        return self.top_row + y, max(0, event.x - self.gutter.left)

    def _ends(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        if self._start is None or self._end is None or self._start == self._end:
            return None
        return min(self._start, self._end), max(self._start, self._end)

    def selected_text(self) -> str:
        """Returns the selected text: rows without trailing spaces, joined by newlines."""
        ends = self._ends()
        if ends is None:
            return ""
        (first, left), (last, right) = ends
        rows = [self.text_of(row) for row in range(first, last + 1)]
        rows[-1] = cut(rows[-1], right)
        rows[0] = rows[0][len(cut(rows[0], left)) :]
        return "\n".join(row.rstrip() for row in rows).rstrip("\n")

    def with_selection(self, strip: Strip, row: int) -> Strip:
        """Returns the strip of a row with what is selected of its text in reverse."""
        ends = self._ends()
        if ends is None or not ends[0][0] <= row <= ends[1][0]:
            return strip
        (first, left), (last, right) = ends
        room = min(width(self.text_of(row)), strip.cell_length)
        start, end = (left if row == first else 0), (min(right, room) if row == last else room)
        if start >= end:
            return strip
        before, marked, after = strip.divide([start, end, strip.cell_length])
        return Strip.join([before, marked.apply_style(Style(reverse=True)), after])
