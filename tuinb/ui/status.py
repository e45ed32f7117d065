"""The status line, and the line above it where messages appear until the next key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import clean, width
from tuinb.ui.strips import cut, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says. Equal values paint the same."""

    mode: str
    mode_role: str
    file: str
    modified: bool
    read_only: bool
    kernel: str
    """Name, interpreter and state, as far as there is room."""
    kernel_short: str
    """The state alone."""
    kernel_role: str
    place: str
    """`3/24`"""
    hints: tuple[str, ...]
    """The next useful keys; the first that fits is shown."""


class StatusLine(Widget):
    """One row at the bottom."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style]) -> None:
        super().__init__()
        self._role = role
        self._status: Status | None = None

    def show(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self.refresh()

    def render_line(self, y: int) -> Strip:
        columns = self.size.width
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        status = self._status
        if status is None or y:
            return Strip([Segment(" " * columns, base)], columns)
        badge = base + self._role(status.mode_role) + Style(reverse=True, bold=True)
        mark = " ●" if status.modified else ""
        right = f" {status.place} "
        state = base + self._role(status.kernel_role)
        left = [Segment(f" {status.mode} ", badge), Segment(" ", base)]
        used = sum(width(segment.text) for segment in left) + width(right)
        kernel = status.kernel if columns - used - width(status.kernel) > 24 else status.kernel_short
        room = max(4, columns - used - width(kernel) - width(mark) - 3)
        name = clean(status.file) + (" [read-only]" if status.read_only else "")
        if width(name) > room:
            name = cut(name, room - 1) + "…"
        left += [Segment(name, base + Style(bold=True)), Segment(mark, base + self._role("warning")), Segment("  ", base)]
        left.append(Segment(kernel, state))
        gap = columns - sum(width(segment.text) for segment in left) - width(right)
        hints = next((f"{hint} " for hint in status.hints if width(hint) + 2 <= gap), "")
        left += [Segment(hints.rjust(max(0, gap)), base + self._role("muted")), Segment(right, base)]
        return Strip(left, sum(width(s.text) for s in left)).adjust_cell_length(columns, base)


class MessageLine(Widget):
    """A message over the last rows of the notebook, wrapped to at most six of them."""

    DEFAULT_CSS = "MessageLine { layer: popup; dock: bottom; height: 1; width: 1fr; display: none; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style]) -> None:
        super().__init__()
        self._role = role
        self._lines: list[str] = []
        self._severity = "information"

    def tell(self, text: str, severity: str = "information") -> None:
        """Shows a message. severity: `information`, `warning` or `error`."""
        columns = max(10, self.app.size.width - 2)
        self._lines = wrap(text, columns, 6)
        self._severity = severity
        self.styles.height = len(self._lines)
        self.display = True
        self.refresh()

    @property
    def rows(self) -> int:
        """How many rows it covers now."""
        return len(self._lines) if self.display else 0

    def hush(self) -> None:
        """Takes the message away."""
        if self.display:
            self.display = False

    def render_line(self, y: int) -> Strip:
        role = {"error": "error", "warning": "warning"}.get(self._severity, "foreground")
        base = Style(bgcolor=self._role("status_background").bgcolor) + Style(color=self._role(role).color)
        text = self._lines[y] if y < len(self._lines) else ""
        return Strip([Segment(f" {text}", base)], width(text) + 1).adjust_cell_length(self.size.width, base)
