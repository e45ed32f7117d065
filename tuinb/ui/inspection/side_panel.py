"""A panel beside the notebook, or below it on a narrow screen. It keeps its keys to itself while it has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import width
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

_BESIDE = 110
"""Columns of the screen from which the panel is beside the notebook."""
_WIDTH = 56
"""Columns of a panel beside the notebook: two fifths of the screen, at most this."""
_ROWS = (6, 14)
"""Rows of a panel below the notebook, at least and at most: two fifths of the screen."""


class SidePanel(Widget, can_focus=True):
    """Shows rows between a title and a footer, one of them selected. `changed` is called when the hints or the focus change.

    A subclass says what is shown, and takes the keys other than those that move.
    """

    DEFAULT_CSS = "SidePanel { layer: base; }"
    ALLOW_SELECT = False
    is_of_kernel = True
    """Whether it shows what the kernel has, and its calls once it is stopped."""
    shows_calls = False
    HEAD = 1
    """Rows above the first one: the title, and heads of columns."""

    def __init__(self, role: Callable[[str], Style], changed: Callable[[], None]) -> None:
        super().__init__()
        self._role = role
        self._changed = changed
        self._row = 0
        self._top = 0

    # ---- of the subclass

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints for the status line."""
        raise NotImplementedError

    @property
    def mode(self) -> str:
        """What the status line calls the panel."""
        raise NotImplementedError

    def follow_active(self) -> None:
        """The notebook's active cell may be another."""

    def follow_text(self) -> None:
        """The notebook's headings may be others."""

    @property
    def _count(self) -> int:
        """The number of rows."""
        raise NotImplementedError

    def _title(self) -> str:
        raise NotImplementedError

    def _footer(self) -> str:
        raise NotImplementedError

    def _head(self, base: Style) -> Strip:
        """Returns the heads of the columns."""
        raise NotImplementedError

    def _line(self, index: int, base: Style) -> Strip:
        """Returns a row. `base` is the style of the selected one, or of another."""
        raise NotImplementedError

    def _empty(self) -> str:
        """Returns what stands in place of rows if there are none."""
        raise NotImplementedError

    def _press(self, key: str) -> bool:
        """Takes a key. Returns False if it is not the panel's."""
        raise NotImplementedError

    def _take(self, key: str, event: events.Key) -> bool:
        character = event.character if event.character is not None and event.character.isprintable() else ""
        key = character.strip() or key
        page = self._page
        steps = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": page, "space": page, "pageup": -page, "b": -page}
        places = {"home": 0, "end": self._count - 1, "G": self._count - 1}
        if key in steps or key in places:
            self._move(places[key] if key in places else self._row + steps[key])
            return True
        # A letter, or Enter, would otherwise run a command on a cell that the user does not look at.
        return self._press(key) or (key not in (":", "?") and not key.startswith(("ctrl+", "alt+", "f")))

    def _open_row(self) -> None:
        """Opens the selected row, after a double click."""
        raise NotImplementedError

    # ---- life

    def on_mount(self) -> None:
        self._place()

    def on_resize(self) -> None:
        self._place()
        self._reveal()
        self.refresh()  # Textual paints the new size before this

    def _place(self) -> None:
        """Docks the panel beside the notebook, or below it on a narrow screen."""
        columns, rows = self.app.size
        styles = self.styles
        if columns >= _BESIDE:
            styles.dock, styles.width, styles.height = "right", min(_WIDTH, columns * 2 // 5), "100%"
        else:
            least, most = _ROWS
            styles.dock, styles.width, styles.height = "bottom", "100%", max(least, min(most, rows * 2 // 5))

    def on_focus(self) -> None:
        self._changed()
        self.refresh()

    def on_blur(self) -> None:
        self._changed()
        self.refresh()

    # ---- painting

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self.HEAD - 1)

    def render_line(self, y: int) -> Strip:
        surface = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        if y == 0:
            return self._bar(self._title(), surface + Style(bold=True))
        if y == self.size.height - 1:
            return self._bar(f" {self._footer()}", surface)
        base = Style(color=self._role("foreground").color, bgcolor=self._role("background").bgcolor)
        if y < self.HEAD:
            return self._head(base)
        index = self._top + y - self.HEAD
        if index >= self._count:
            return self._bar(f"  {self._empty()}" if y == self.HEAD else "", base + self._role("muted"))
        if index == self._row:
            base = base + (Style(reverse=True) if self.has_keys else self._role("selected_background"))
        return self._line(index, base)

    def _bar(self, text: str, style: Style) -> Strip:
        columns = self.size.width
        text = cut_with_mark(text, columns)
        return Strip([Segment(text, style)], width(text)).adjust_cell_length(columns, style)

    # ---- keys

    @property
    def has_keys(self) -> bool:
        """Whether the panel has the focus. Textual's `has_focus` changes only after the event."""
        return self.is_attached and self.screen.focused is self

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes the panel's keys while it has the focus. Others reach the keymap."""
        if not self.has_keys or not self._take(key, event):
            return Taken.BELOW
        self._changed()
        self.refresh()
        return Taken.HERE

    def _move(self, row: int) -> None:
        self._row = max(0, min(row, self._count - 1))
        self._reveal()

    def _reveal(self) -> None:
        self._top = max(0, min(self._top, self._row, self._count - self._page), self._row - self._page + 1)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = self._top + event.y - self.HEAD
        if 0 <= index < self._count and self.HEAD <= event.y < self.size.height - 1:
            self._move(index)
            if event.chain > 1:
                self._open_row()
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        self._move(self._row + 3)
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._move(self._row - 3)
        self.refresh()
