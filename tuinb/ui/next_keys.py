"""The keys that continue an unfinished sequence, with what they do, over the last rows of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import width
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_ROWS = 10
_WIDE = 100
"""Columns of the screen from which the keys stand in two columns."""


class NextKeys(Widget):
    """Shows keys and what they do. It takes none: they go where they would go without it."""

    DEFAULT_CSS = "NextKeys { layer: popup; dock: bottom; width: 1fr; height: 1; display: none; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style]) -> None:
        super().__init__()
        self._role = role
        self._keys: Sequence[tuple[str, str]] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Shows these keys; none hides the widget."""
        self._keys = keys
        if keys:
            self.styles.height = self._rows
        self.display = bool(keys)
        self.refresh()

    @property
    def _columns(self) -> int:
        return 2 if self.app.size.width >= _WIDE and len(self._keys) > 1 else 1

    @property
    def _rows(self) -> int:
        return min(_MOST_ROWS, -(-len(self._keys) // self._columns))

    def render_line(self, y: int) -> Strip:
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        columns, rows = self._columns, self._rows
        each = self.size.width // columns
        longest = max((width(key) for key, _ in self._keys), default=0)
        segments: list[Segment] = []
        for index in range(y, min(len(self._keys), rows * columns), rows):
            key, doc = self._keys[index]
            before = f" {key:<{longest}}  "
            shown = cut_with_mark(doc, max(1, each - width(before)))
            segments.append(Segment(before, base + self._role("active") + Style(bold=True)))
            segments.append(Segment(f"{shown}{' ' * (each - width(before) - width(shown))}", base))
        return Strip(segments).adjust_cell_length(self.size.width, base)
