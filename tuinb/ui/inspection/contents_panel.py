"""The headings of the notebook in a panel beside it, which stays open and follows the active cell.

The list of the same headings (`dialogs/contents.py`) is for one jump; this is for working in a long notebook.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.notebook import sections
from tuinb.ui.dialogs.contents import heading_text
from tuinb.ui.inspection.side_panel import SidePanel

if TYPE_CHECKING:
    from collections.abc import Callable

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


class ContentsPanel(SidePanel):
    """Shows the headings. The section of the active cell is marked until arrows mark another; Enter goes there."""

    is_of_kernel = False

    DEFAULT_CSS = "ContentsPanel { dock: right; height: 100%; }"

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
        super().__init__(role, changed)
        self._notebook = notebook
        self._state = state
        self._go = go
        self._leave = leave
        self._close = close
        self._headings: list[Heading] = []
        self._places: list[int] = []
        """The index of the cell of each heading."""
        self._followed: object = None
        """The active cell that is marked, or None if the headings changed since."""

    # ---- life

    def on_mount(self) -> None:
        super().on_mount()
        self.follow_text()

    def on_blur(self) -> None:
        self._followed = None
        self.follow_active()
        super().on_blur()

    def _place(self) -> None:
        """Sets the width. The panel is beside the notebook on a narrow screen, too."""
        columns = self.app.size.width
        wanted = self._state.contents_columns or min(_COLUMNS, columns // 3)
        self.styles.width = max(_LEAST, min(wanted, columns - _LEAST_NOTEBOOK))

    def follow_text(self) -> None:
        """Reads the headings again, after a change of the notebook."""
        headings = sections.headings(self._notebook)
        places = [self._notebook.index(heading.cell) for heading in headings]
        if (headings, places) != (self._headings, self._places):
            self._headings, self._places = headings, places
            self._followed = None
            self._move(self._row)
            self.refresh()
        self.follow_active()

    def follow_active(self) -> None:
        """Marks the section of the active cell, unless the user marks another with the keys of the panel."""
        active = self._state.active
        if active is None or active not in self._notebook or active == self._followed or self.has_keys:
            return
        self._followed = active
        self._move(bisect_right(self._places, self._notebook.index(active)) - 1)
        self.refresh()

    # ---- what is shown

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints for the status line."""
        return _HINTS

    @property
    def mode(self) -> str:
        """What the status line calls the panel."""
        return "CONTENTS"

    @property
    def _count(self) -> int:
        return len(self._headings)

    def _title(self) -> str:
        return f" Contents {len(self._headings):,}"

    def _footer(self) -> str:
        return f"{self._row + 1:,} of {len(self._headings):,}" if self._headings else ""

    def _empty(self) -> str:
        return "no headings"

    def _line(self, index: int, base: Style) -> Strip:
        heading, notebook = self._headings[index], self._notebook
        folded = heading.cell in notebook and sections.is_folded(notebook[heading.cell], self._state.folds)
        columns, style = self.size.width, base + Style(bold=heading.level == 1)
        text = heading_text(heading.title, heading.level, columns - 1, folded=folded)
        return Strip([Segment(text, style)]).adjust_cell_length(columns, style)

    # ---- keys

    def _press(self, key: str) -> bool:
        if key == "enter":
            self._open_row()
        elif key in ("<", ">"):
            self._state.contents_columns = self.size.width + (_STEP if key == "<" else -_STEP)
            self._place()
            if self.styles.width is not None:
                self._state.contents_columns = int(self.styles.width.value)
        elif key == "escape":
            self._leave()
        elif key in ("q", "T"):
            self._close()
        else:
            return False
        return True

    def _open_row(self) -> None:
        if self._headings:
            self._go(self._headings[self._row])
