"""The headings of the notebook in a panel beside it, which stays open and follows the active cell.

The pop-up of the same headings (`dialogs/contents.py`) is for one jump; this is for working in a long notebook.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.notebook import sections
from tuinb.render.safe import width
from tuinb.ui.dialogs.contents import heading_text
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from tuinb.notebook.document import Notebook
    from tuinb.notebook.sections import Heading
    from tuinb.workspace.view_state import ViewState

_HINTS = ("Enter goes  < > width  Esc to the notebook  q closes", "Enter goes  Esc back  q closes", "q closes")
_COLUMNS = 30
"""Columns of the panel until the user changes them: a third of the screen at most."""
_STEP = 2
"""Columns by which a key changes the width."""
_LEAST = 16
"""Fewest columns of the panel."""
_LEAST_NOTEBOOK = 40
"""Fewest columns that the notebook keeps."""


class ContentsPanel(Widget, can_focus=True):
    """Shows the headings. The section of the active cell is marked until arrows mark another; Enter goes there."""

    DEFAULT_CSS = "ContentsPanel { layer: base; dock: right; height: 100%; }"
    ALLOW_SELECT = False
    hints = _HINTS

    def __init__(
        self,
        notebook: Notebook,
        state: ViewState,
        role: Callable[[str], Style],
        *,
        go: Callable[[Heading], None],
        leave: Callable[[], None],
        close: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._notebook = notebook
        self._state = state
        self._role = role
        self._go = go
        self._leave = leave
        self._close = close
        self._changed = changed
        """Called when the focus changes."""
        self._headings: list[Heading] = []
        self._places: list[int] = []
        """The index of the cell of each heading."""
        self._at = 0
        """The index of the marked heading."""
        self._top = 0
        self._followed: object = None
        """The active cell that is marked, or None if the headings changed since."""

    # ---- life

    def on_mount(self) -> None:
        self._place()
        self.read()

    def on_resize(self) -> None:
        self._place()
        self._reveal()

    def _place(self) -> None:
        columns = self.app.size.width
        wanted = self._state.contents_columns or min(_COLUMNS, columns // 3)
        self.styles.width = max(_LEAST, min(wanted, columns - _LEAST_NOTEBOOK))

    def on_focus(self) -> None:
        self._changed()
        self.refresh()

    def on_blur(self) -> None:
        self._followed = None
        self.follow()
        self._changed()
        self.refresh()

    def read(self) -> None:
        """Reads the headings again, after a change of the notebook."""
        headings = sections.headings(self._notebook)
        places = [self._notebook.index(heading.cell) for heading in headings]
        if (headings, places) != (self._headings, self._places):
            self._headings, self._places = headings, places
            self._at = max(0, min(self._at, len(headings) - 1))
            self._followed = None
            self._reveal()
            self.refresh()
        self.follow()

    def follow(self) -> None:
        """Marks the section of the active cell, unless the user marks another with the keys of the panel."""
        active = self._state.active
        if active is None or active not in self._notebook or active == self._followed or self.has_keys:
            return
        self._followed = active
        self._mark(bisect_right(self._places, self._notebook.index(active)) - 1)

    # ---- painting

    def render_line(self, y: int) -> Strip:
        if y == 0:
            style = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
            return self._row(f" Contents {len(self._headings):,}", style + Style(bold=True))
        base = Style(color=self._role("foreground").color, bgcolor=self._role("background").bgcolor)
        index = self._top + y - 1
        if index >= len(self._headings):
            return self._row(" no headings yet" if y == 1 else "", base + self._role("muted"))
        heading = self._headings[index]
        style = base + Style(bold=heading.level == 1)
        if index == self._at:
            style += Style(reverse=True) if self.has_keys else self._role("selected_background")
        known = heading.cell in self._notebook
        folded = known and sections.is_folded(self._notebook[heading.cell], self._state.folds)
        return self._row(heading_text(heading.title, heading.level, self.size.width - 1, folded=folded), style)

    def _row(self, text: str, style: Style) -> Strip:
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
        if not self.has_keys:
            return Taken.BELOW
        character = event.character if event.character is not None and event.character.isprintable() else ""
        return Taken.HERE if self._press(character.strip() or key) else Taken.BELOW

    def _press(self, key: str) -> bool:
        page = self._page
        steps = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": page, "space": page, "pageup": -page, "b": -page}
        places = {"home": 0, "end": len(self._headings) - 1, "G": len(self._headings) - 1}
        if key in steps or key in places:
            self._mark(places[key] if key in places else self._at + steps[key])
        elif key == "enter" and self._headings:
            self._go(self._headings[self._at])
        elif key in ("<", ">"):
            self._state.contents_columns = self.size.width + (_STEP if key == "<" else -_STEP)
            self._place()
            self._state.contents_columns = int(self.styles.width.value) if self.styles.width is not None else None
        elif key == "escape":
            self._leave()
        elif key in ("q", "T"):
            self._close()
        else:
            # A letter would otherwise run a command on a cell that the user does not look at.
            return key not in (":", "?") and not key.startswith(("ctrl+", "alt+", "f"))
        return True

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _mark(self, index: int) -> None:
        self._at = max(0, min(index, len(self._headings) - 1))
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        self._top = max(0, min(self._top, self._at, len(self._headings) - self._page), self._at - self._page + 1)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = self._top + event.y - 1
        if event.y and index < len(self._headings):
            self._mark(index)
            self._go(self._headings[index])

    def on_mouse_scroll_down(self) -> None:
        self._mark(self._at + 3)

    def on_mouse_scroll_up(self) -> None:
        self._mark(self._at - 3)
