"""The keys that continue an unfinished sequence, with what they do, over the last rows of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import width
from tuinb.ui.strips import cut, cut_front, cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_ROWS = 10
"""Rows for keys in one column. More keys stand in two, which have as many rows as they need."""
_FREE_ROWS = 6
"""Rows of the screen that stay free."""
_WIDE = 100
"""Columns of the screen from which the keys always stand in two columns."""


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
        count = len(self._keys)
        return 2 if count > _MOST_ROWS or (count > 1 and self.app.size.width >= _WIDE) else 1

    @property
    def _rows(self) -> int:
        return min(max(1, self.app.size.height - _FREE_ROWS), -(-len(self._keys) // self._columns))

    def render_line(self, y: int) -> Strip:
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        columns, rows = self._columns, self._rows
        each = self.size.width // columns
        longest = max((width(key) for key, _ in self._keys), default=0)
        segments: list[Segment] = []
        shown_keys = self._keys[: rows * columns]
        if (more := len(self._keys) - len(shown_keys) + 1) > 1:
            shown_keys = [*shown_keys[:-1], ("…", f"{more} more")]
        for index in range(y, len(shown_keys), rows):
            key, doc = shown_keys[index]
            before = f" {key:<{longest}}  "
            shown = _cut(doc, max(1, each - width(before)), self._keys)
            segments.append(Segment(before, base + self._role("active") + Style(bold=True)))
            segments.append(Segment(f"{shown}{' ' * (each - width(before) - width(shown))}", base))
        return Strip(segments).adjust_cell_length(self.size.width, base)


def _cut(doc: str, room: int, keys: Sequence[tuple[str, str]]) -> str:
    """Returns a text cut to `room` columns: at its end, or in its middle if another one begins with the same words."""
    shown = cut_with_mark(doc, room)
    if shown == doc or sum(cut_with_mark(other, room) == shown for _, other in keys) == 1:
        return shown
    return cut(doc, room - room // 2) + cut_front(doc, room // 2)
