"""The pager: text on the full screen, such as the help, a kernel's `page` payload or its log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.render.ansi import PLAIN, spans
from tuinb.render.block import Line, Span
from tuinb.render.layout.flow import flow, line_width
from tuinb.ui.dialogs.base import Dialog, Role, scroll_steps
from tuinb.ui.floating import BORDER
from tuinb.ui.selectable_rows import SelectableRows
from tuinb.ui.strips import as_strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.strip import Strip

_FIND_KEYS = ("/", "ctrl+s")
_GAP = re.compile(r" {2,}(?=\S)")
_KEYS_BESIDE_TEXT = frozenset({"escape", "ctrl+c", "f1", "up", "down", "pageup", "pagedown"})
"""The keys of a page that a panel beside a text that is typed has, too."""


class Pager(Dialog[bool], SelectableRows):
    """Shows text in colour. Scrolls with the keys of `less`; `/` finds text, n and N go on; q or Escape closes it."""

    DEFAULT_CSS = "Pager { layer: viewer; height: 100%; }"
    badge = "PAGE"
    is_framed = False

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
        self._needle = ""
        self._is_finding = False
        """Whether keys are part of the needle."""

    def on_resize(self) -> None:
        self._lay_out(self.size.width)
        self._top = min(self._top, self._last_top())
        self.refresh()  # Textual may have painted it before it had a size

    def _lay_out(self, columns: int) -> None:
        self._lines = [row for line in self._text for row in _rows(line, max(1, columns - 1))]

    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height + 1)

    @property
    def _keys(self) -> str:
        return "q closes, Space pages, / finds"

    def render_line(self, y: int) -> Strip:
        if y == self.size.height - 1:
            end = min(len(self._lines), self._top + self.size.height - 1)
            line = f"/{self._needle}▏" if self._is_finding else f"{self._title}  {end}/{len(self._lines)}  {self._keys}"
            return self.row(line, Style(bold=True))
        index = self._top + y
        line_shown = self._lines[index] if index < len(self._lines) else ()
        return self.with_selection(as_strip(self._marked(line_shown), self.page_style, self.size.width), index)

    @property
    def page_style(self) -> Style:
        """The colours of the text."""
        return Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)

    def _marked(self, line: Line) -> Line:
        """Returns a line with what is found in reverse."""
        text = _text(line)
        if not self._needle or self._needle.lower() not in text.lower():
            return line
        parts = re.split(f"({re.escape(self._needle)})", text, flags=re.IGNORECASE)
        return tuple(Span(part, Style(reverse=True) if index % 2 else None) for index, part in enumerate(parts) if part)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.press(event)

    def press(self, event: events.Key) -> None:
        """Handles a key."""
        page, key = self.size.height - 2, event.key
        if self._is_finding:
            self._type(event)
            return
        steps = {**scroll_steps(page), "enter": 1, "ctrl+f": page, "ctrl+b": -page}
        steps |= {"home": -len(self._lines), "g": -len(self._lines), "end": len(self._lines), "G": len(self._lines)}
        name = event.character if event.character in ("G", "N", "/") else key
        if key in ("escape", "q", "ctrl+c", "f1", "question_mark"):
            self.finish(None)
        elif name in _FIND_KEYS:
            self._begin_finding()
        elif name in ("n", "N"):
            self._find(1 if name == "n" else -1)
        elif name in steps:
            self._top = max(0, min(self._last_top(), self._top + steps[name]))
            self.refresh()

    def _begin_finding(self) -> None:
        self._is_finding, self._needle = True, ""
        self.refresh()

    def _type(self, event: events.Key) -> None:
        """Changes the needle by a key. Enter finds it, Escape drops it."""
        if event.key == "escape":
            self._is_finding, self._needle = False, ""
        elif event.key in ("enter", "ctrl+s"):
            self._is_finding = False
            self._find(0)
        elif event.key == "backspace":
            self._needle = self._needle[:-1]
        elif event.is_printable and event.character is not None:
            self._needle += event.character
        self.refresh()

    def _find(self, step: int) -> None:
        """Scrolls to the next row with the needle (1), the previous one (-1), or the next from the first row on (0)."""
        needle = self._needle.lower()
        found = [index for index, line in enumerate(self._lines) if needle and needle in _text(line).lower()]
        if step < 0:
            found = [index for index in found if index < self._top][-1:] or found[-1:]
        else:
            found = [index for index in found if index >= self._top + step] or found
        if found:
            self._top = min(found[0], self._last_top())
        else:
            self._title = f"'{self._needle}' is not on this page" if self._needle else self._title
        self.refresh()

    @property
    def top_row(self) -> int:
        return self._top

    @property
    def rows_shown(self) -> int:
        return max(1, self.size.height - 1)

    def text_of(self, row: int) -> str:
        return _text(self._lines[row]) if row < len(self._lines) else ""

    def turn(self, rows: int) -> None:
        self._top = max(0, min(self._last_top(), self._top + rows))
        self.refresh()

    def on_mouse_scroll_down(self) -> None:
        self.turn(3)

    def on_mouse_scroll_up(self) -> None:
        self.turn(-3)


class Panel(Pager):
    """A pager of half the screen at most, below the code. `cover` is called with the rows it takes, and at its end with 0.

    Its result is True if the user asks for `more`, by the key that opened it.

    `give_back` gets the keys that are meant for the text that is typed: a key that neither scrolls nor finds closes the panel
    and goes there. With None, the keys are those of the page.
    """

    DEFAULT_CSS = "Panel { layer: popup; height: auto; }"
    badge = "INSPECT"
    is_framed = True

    def __init__(
        self,
        role: Role,
        title: str,
        text: str,
        more: str,
        cover: Callable[[int], None],
        give_back: Callable[[events.Key], None] | None = None,
    ) -> None:
        super().__init__(role, title, text)
        self._more = more
        self._on_rows = cover
        self._give_back = give_back

    @property
    def _keys(self) -> str:
        keys = "q closes, / finds" if self._give_back is None else "Esc closes, you can type on, Ctrl+F finds"
        return keys + (f", {self._more}" if self._more else "")

    def on_mount(self) -> None:
        self._lay_out(self.app.size.width - BORDER)
        rows = min(len(self._lines) + 1 + BORDER, max(4 + BORDER, self.app.size.height // 2))
        self.styles.height = rows
        self._on_rows(rows)

    def on_unmount(self) -> None:
        self._on_rows(0)

    @property
    def page_style(self) -> Style:
        return self.surface

    def press(self, event: events.Key) -> None:
        if self._is_finding:
            super().press(event)
        elif event.key == "shift+tab" and self._more:
            self.finish(True)
        elif self._give_back is None or event.key in _KEYS_BESIDE_TEXT:
            super().press(event)
        elif event.key == "ctrl+f":
            self._begin_finding()
        else:
            self.finish(None)
            self._give_back(event)


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def _rows(line: Line, columns: int) -> list[Line]:
    """Returns the rows of a line, broken between words.

    Rows after the first are indented to the last column of text that begins in the first two thirds of the first row: in the
    help, to the description of a command.
    """
    if line_width(line) <= columns:
        return [line]
    text = _text(line)
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
