"""What the commands share: which cells they mean, how new cells are made, and how a step is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, CellData, CellId, Change, InsertCell, Transaction
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.document import Notebook


def selected(context: Context) -> tuple[CellId, ...]:
    """The selected cells in the notebook's order: the active one where no more are selected; none in an empty notebook."""
    return context.view.selected(context.session.notebook)


def command_mode(context: Context) -> None:
    """Closes the editor."""
    context.view.mode = Mode.COMMAND


def apply(context: Context, changes: Sequence[Change], label: str) -> Applied | None:
    """Applies one step that undo takes back as a whole; nothing where there is nothing to change."""
    if not changes:
        return None
    return context.session.apply(Transaction(tuple(changes), context.client, label=label))


def count(number: int, noun: str = "cell") -> str:
    """`a cell`, `3 cells`."""
    return f"a {noun}" if number == 1 else f"{number} {noun}s"


def new_cell(notebook: Notebook, kind: str = "code", source: str = "") -> CellData:
    """An empty cell as the notebook's format wants it."""
    return notebook.fresh(CellData(CellId(""), kind, source, {"metadata": {}}))


def insertions(cells: Sequence[CellData], after: CellId | None) -> list[Change]:
    """The changes that insert cells in their order below `after`, or at the top where it is None."""
    changes: list[Change] = []
    for cell in cells:
        changes.append(InsertCell(cell, after))
        after = cell.id
    return changes


def above(notebook: Notebook, cell: CellId) -> CellId | None:
    """The cell before this one, or None for the first."""
    index = notebook.index(cell)
    return notebook.order[index - 1] if index else None


def below(notebook: Notebook, cell: CellId) -> CellId | None:
    """The cell after this one, or None for the last."""
    index = notebook.index(cell) + 1
    return notebook.order[index] if index < len(notebook.order) else None


def waiting(context: Context) -> tuple[CellId, ...]:
    """The cells that wait to run, in order. One that runs is among them only where it was queued once more."""
    places = {cell: context.session.run_of(cell).place for cell in context.session.queue()}
    return tuple(sorted((cell for cell, place in places.items() if place), key=places.__getitem__))
