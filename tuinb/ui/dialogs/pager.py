"""The pager: text on the full screen, such as the help, a kernel's `page` payload or its log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.render.ansi import PLAIN, spans
from tuinb.render.block import Line, Span
from tuinb.render.layout.flow import flow, line_width
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.strips import as_strip

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip

_GAP = re.compile(r" {2,}(?=\S)")


class Pager(Dialog[None]):
    """Shows text in colour. Scrolls with the keys of `less`; q or Escape closes it."""

    DEFAULT_CSS = "Pager { height: 100%; }"
    badge = "PAGE"

    def __init__(self, role: Role, title: str, text: str) -> None:
        super().__init__(role)
        self._title = title
        self._text: list[Line] = []
        state = PLAIN
        for raw in text.rstrip("\n").split("\n"):
            line, state = spans(raw, state, None)
            self._text.append(line)
        self._lines = self._text
        self._top = 0

    def on_resize(self, event: events.Resize) -> None:
        self._lines = [row for line in self._text for row in _rows(line, max(1, event.size.width - 1))]
        self._top = min(self._top, self._last_top())
        self.refresh()  # Textual may have painted it before it had a size

    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height + 1)

    def render_line(self, y: int) -> Strip:
        if y == self.size.height - 1:
            end = min(len(self._lines), self._top + self.size.height - 1)
            return self.row(f"{self._title}  {end}/{len(self._lines)}  q closes, Space pages", Style(bold=True))
        base = Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)
        index = self._top + y
        return as_strip(self._lines[index] if index < len(self._lines) else (), base, self.size.width)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        page, key = self.size.height - 2, event.key
        steps = {"down": 1, "j": 1, "enter": 1, "up": -1, "k": -1, "space": page, "pagedown": page, "pageup": -page, "b": -page}
        steps |= {"home": -len(self._lines), "g": -len(self._lines), "end": len(self._lines), "G": len(self._lines)}
        name = event.character if event.character in ("G",) else key
        if key in ("escape", "q", "ctrl+c", "f1", "question_mark"):
            self.finish(None)
        elif name in steps:
            self._top = max(0, min(self._last_top(), self._top + steps[name]))
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        self._top = min(self._last_top(), self._top + 3)
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._top = max(0, self._top - 3)
        self.refresh()


def _rows(line: Line, columns: int) -> list[Line]:
    """Returns the rows of a line, broken between words.

    Rows after the first are indented to the last column of text that begins in the first two thirds of the first row: in the
    help, to the description of a command.
    """
    if line_width(line) <= columns:
        return [line]
    text = "".join(span.text for span in line)
    indent = max((gap.end() for gap in _GAP.finditer(text, 0, columns * 2 // 3)), default=0)
    head: list[Span] = []
    rest: list[Span] = []
    at = 0
    for span in line:
        cut = max(0, indent - at)
        at += len(span.text)
        head.append(Span(span.text[:cut], span.style))
        rest.append(Span(span.text[cut:], span.style))
    indent = line_width(head)
    first, *others = flow(rest, columns - indent)
    return [(*head, *first), *((Span(" " * indent), *row) for row in others)]
