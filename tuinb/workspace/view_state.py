"""The view state of one client on one notebook: mode, active and selected cells, expanded outputs, scroll position.

Commands write it. `reduce` adapts it to changes of the notebook, from any client. Invariant after `reduce`: `active`, `anchor`,
`scroll_cell`, `unfolded`, `looks` and `problems` refer only to cells of the notebook, and a cell is active unless the notebook
is empty.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, CellId, InsertCell, RestoreCell, SpliceSource, Step
from tuinb.record import Record, field
from tuinb.workspace.jumps import JumpList, Place

if TYPE_CHECKING:
    from tuinb.analysis.problems import Problem
    from tuinb.notebook.document import Notebook


class Mode(StrEnum):
    """The mode of the keyboard: commands on cells, or text in the active cell."""

    COMMAND = "command"
    EDIT = "edit"


class Look(Record):
    """How the outputs of one cell are shown: the MIME type, the first column, the nodes of JSON trees and tracebacks."""

    mime: str = ""
    """MIME type that the user chose. Bundles without it, and all bundles if it is empty, show their richest type."""
    start: int = 0
    """First visible column of outputs that are wider than the screen."""
    toggled: frozenset[tuple[int, str]] = frozenset()
    """Nodes that the user expanded or collapsed: index of the output, and pointer."""


DEFAULT_LOOK = Look()


class ViewState(Record, frozen=False):
    """The view state. The module's docstring has its invariant."""

    mode: Mode = Mode.COMMAND
    active: CellId | None = None
    anchor: CellId | None = None
    """The other end of a selection of several cells; None if only the active cell is selected."""
    unfolded: set[CellId] = field(default_factory=set)
    """Cells whose long outputs are shown whole."""
    looks: dict[CellId, Look] = field(default_factory=dict)
    """Holds no entry that equals DEFAULT_LOOK."""
    folds: dict[CellId, bool] = field(default_factory=dict)
    """Headings that this screen shows folded or not, whatever the notebook says."""
    jumps: JumpList = field(default_factory=JumpList)
    marks: dict[str, Place] = field(default_factory=dict)
    """Places that the user marked, by letter."""
    problems: dict[CellId, tuple[Problem, ...]] = field(default_factory=dict)
    """What is wrong with the code of cells, from the top of each. Holds no empty entry."""
    pattern: str = ""
    """The last search, whose matches are highlighted; empty for none."""
    line_numbers: bool = False
    relative_numbers: bool = False
    """Whether the lines of the edited cell are numbered from the cursor, if they are numbered."""
    soft_wrap: bool = True
    """Whether long lines of code are wrapped."""
    auto_close: bool = True
    """Whether brackets and quotes close themselves as they are typed."""
    hanging_indent: bool = False
    """Whether a line after `f(a,` is indented by one step, instead of aligned with `a`."""
    continue_lists: bool = True
    """Whether Enter goes on with a list or a quote of a Markdown cell."""
    show_perhaps: bool = False
    """Whether cells are marked whose results are only perhaps out of date."""
    contents_columns: int | None = None
    """Columns of the panel of contents. None until the user changes them."""
    scroll_cell: CellId | None = None
    scroll_row: int = 0
    """Index of the first visible row within `scroll_cell`; negative for space above it."""
    keeps_editing: bool = False
    """Whether edit mode goes on in the next active cell until the user leaves it, as with Emacs' keys."""
    enter_finds_next: bool = False
    """Whether Enter in the search bar goes to the next match, as with VS Code's keys."""

    def copy(self) -> ViewState:
        """Returns an independent copy, for another screen."""
        return replace(
            self,
            unfolded=set(self.unfolded),
            looks=dict(self.looks),
            folds=dict(self.folds),
            jumps=self.jumps.copy(),
            marks=dict(self.marks),
            problems=dict(self.problems),
        )

    def selected(self, notebook: Notebook) -> tuple[CellId, ...]:
        """Returns the selected cells in notebook order. Returns none if there is no active cell."""
        if self.active is None or self.active not in notebook:
            return ()
        if self.anchor is None or self.anchor not in notebook:
            return (self.active,)
        first, last = sorted((notebook.index(self.active), notebook.index(self.anchor)))
        return tuple(notebook.order[first : last + 1])

    def activate(self, cell: CellId | None) -> None:
        """Makes `cell` active and the only selected one. None leaves no cell active."""
        self.active = cell
        self.anchor = None

    def extend(self, cell: CellId) -> None:
        """Extends the selection from its start to `cell`, and makes `cell` active."""
        if self.anchor is None:
            self.anchor = self.active
        self.active = cell
        if self.anchor == cell:
            self.anchor = None

    def stop_editing(self) -> None:
        """Ends edit mode, unless it goes on in the active cell."""
        if not self.keeps_editing or self.active is None:
            self.mode = Mode.COMMAND

    def look(self, cell: CellId) -> Look:
        """Returns how the outputs of a cell are shown."""
        return self.looks.get(cell, DEFAULT_LOOK)

    def set_look(self, cell: CellId, look: Look) -> None:
        """Changes how the outputs of a cell are shown."""
        if look == DEFAULT_LOOK:
            self.looks.pop(cell, None)
        else:
            self.looks[cell] = look

    def toggle_node(self, cell: CellId, output: int, pointer: str) -> None:
        """Expands or collapses a node of a JSON tree. `output` is the index of the output, `pointer` the JSON pointer."""
        look = self.look(cell)
        self.set_look(cell, replace(look, toggled=look.toggled ^ {(output, pointer)}))

    def reduce(self, applied: Applied, notebook: Notebook) -> None:
        """Adapts the view state to a change of the notebook.

        If the active cell or the scroll cell was deleted, the next cell takes its place, or the last one at the end.
        Undo and redo activate the first cell that they restore.
        """
        for change in applied.changes:
            if isinstance(change, SpliceSource):
                self.jumps.follow(change)
        if not applied.structural:
            return
        self.unfolded = {cell for cell in self.unfolded if cell in notebook}
        self.looks = {cell: look for cell, look in self.looks.items() if cell in notebook}
        self.folds = {cell: folded for cell, folded in self.folds.items() if cell in notebook}
        self.problems = {cell: found for cell, found in self.problems.items() if cell in notebook}
        if self.anchor is not None and self.anchor not in notebook:
            self.anchor = None
        if self.scroll_cell is not None and self.scroll_cell not in notebook:
            self.scroll_cell, self.scroll_row = _replacement(self.scroll_cell, notebook), 0
        if self.active is None or self.active not in notebook:
            self.activate(_replacement(self.active, notebook))
            self.stop_editing()
        if applied.step in (Step.UNDO, Step.REDO):
            restored = [_cell_of(change) for change in applied.changes if isinstance(change, InsertCell | RestoreCell)]
            if present := [cell for cell in restored if cell in notebook]:
                self.activate(min(present, key=notebook.index))
                self.stop_editing()


def _cell_of(change: InsertCell | RestoreCell) -> CellId:
    return change.cell.id if isinstance(change, InsertCell) else change.cell


def _replacement(cell: CellId | None, notebook: Notebook) -> CellId | None:
    """Returns the cell that takes the place of a deleted one. Returns None if the notebook is empty."""
    if not len(notebook):
        return None
    above = notebook.standing(cell)
    below = 0 if above is None else notebook.index(above) + 1
    return notebook.order[min(below, len(notebook) - 1)]
