"""What one client looks at: mode, active and selected cells, folds, scroll anchor.

Commands write it; `reduce` follows what others, or undo, did to the notebook. Invariant after `reduce`: `active`, `anchor`,
`scroll_cell`, `unfolded` and `looks` name cells of the order only, and there is an active cell unless the notebook is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, CellId, InsertCell, RestoreCell, Step

if TYPE_CHECKING:
    from tuinb.notebook.document import Notebook


class Mode(StrEnum):
    COMMAND = "command"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Look:
    """How the outputs of one cell are shown, where that is not as they come."""

    mime: str = ""
    """The type chosen over those that rank higher, for each bundle that has it."""
    start: int = 0
    """The first column shown of what is wider than the screen."""
    toggled: frozenset[tuple[int, str]] = frozenset()
    """Nodes of JSON trees that were folded or opened: the output's place among the cell's, and the JSON pointer."""


AS_IT_COMES = Look()


@dataclass(slots=True)
class ViewState:
    """See the module."""

    mode: Mode = Mode.COMMAND
    active: CellId | None = None
    anchor: CellId | None = None
    """The other end of a selection of several cells; None where only the active cell is selected."""
    unfolded: set[CellId] = field(default_factory=set)
    """Cells whose long output is shown whole."""
    looks: dict[CellId, Look] = field(default_factory=dict)
    """Only of cells whose outputs are not shown as they come."""
    pattern: str = ""
    """What was searched for last, and is marked."""
    line_numbers: bool = False
    scroll_cell: CellId | None = None
    scroll_row: int = 0
    """The first visible row inside `scroll_cell`; negative for space above it."""

    def selected(self, notebook: Notebook) -> tuple[CellId, ...]:
        """The selected cells from top to bottom."""
        if self.active is None or self.active not in notebook:
            return ()
        if self.anchor is None or self.anchor not in notebook:
            return (self.active,)
        first, last = sorted((notebook.index(self.active), notebook.index(self.anchor)))
        return tuple(notebook.order[first : last + 1])

    def activate(self, cell: CellId | None) -> None:
        """Makes a cell the active one, and the only one selected."""
        self.active = cell
        self.anchor = None

    def extend(self, cell: CellId) -> None:
        """Stretches the selection from where it began to `cell`, which becomes active."""
        if self.anchor is None:
            self.anchor = self.active
        self.active = cell
        if self.anchor == cell:
            self.anchor = None

    def look(self, cell: CellId) -> Look:
        """How a cell's outputs are shown."""
        return self.looks.get(cell, AS_IT_COMES)

    def set_look(self, cell: CellId, look: Look) -> None:
        if look == AS_IT_COMES:
            self.looks.pop(cell, None)
        else:
            self.looks[cell] = look

    def toggle_node(self, cell: CellId, output: int, pointer: str) -> None:
        """Folds or opens a node of a JSON tree."""
        look = self.look(cell)
        self.set_look(cell, replace(look, toggled=look.toggled ^ {(output, pointer)}))

    def reduce(self, applied: Applied, notebook: Notebook) -> None:
        """Follows a commit. A deleted cell gives way to the next one, or the one above at the end of the notebook."""
        if not applied.structural:
            return
        self.unfolded = {cell for cell in self.unfolded if cell in notebook}
        self.looks = {cell: look for cell, look in self.looks.items() if cell in notebook}
        if self.anchor is not None and self.anchor not in notebook:
            self.anchor = None
        if self.scroll_cell is not None and self.scroll_cell not in notebook:
            self.scroll_cell, self.scroll_row = _neighbour(self.scroll_cell, notebook), 0
        if self.active is None or self.active not in notebook:
            self.activate(_neighbour(self.active, notebook))
            self.mode = Mode.COMMAND
        if applied.step in (Step.UNDO, Step.REDO):
            back = [_came(change) for change in applied.changes if isinstance(change, InsertCell | RestoreCell)]
            if here := [cell for cell in back if cell in notebook]:
                self.activate(min(here, key=notebook.index))
                self.mode = Mode.COMMAND


def _came(change: InsertCell | RestoreCell) -> CellId:
    return change.cell.id if isinstance(change, InsertCell) else change.cell


def _neighbour(cell: CellId | None, notebook: Notebook) -> CellId | None:
    """The cell that took the place of one that is gone."""
    if not len(notebook):
        return None
    above = notebook.standing(cell)
    below = 0 if above is None else notebook.index(above) + 1
    return notebook.order[min(below, len(notebook) - 1)]
