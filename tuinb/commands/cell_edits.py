"""Helpers of the commands that change cells: selecting cells, making new ones, applying a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.notebook import sections
from tuinb.notebook.changes import Applied, CellData, CellId, Change, InsertCell, Transaction
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.document import Notebook


def selected(context: Context) -> tuple[CellId, ...]:
    """Returns the selected cells in notebook order: the active cell if no others are selected, none in an empty notebook.

    A folded heading stands for its section, too.
    """
    cells = context.view.selected(context.session.notebook)
    return (*cells[:-1], *with_section(context, cells[-1])) if cells else ()


def counted(context: Context) -> tuple[CellId, ...]:
    """Returns the selected cells; after a count, as many from the active one on, as far as there are."""
    number, cell = context.keys.given, context.view.active
    if number is None or cell is None or len(context.view.selected(context.session.notebook)) != 1:
        return selected(context)
    cells: list[CellId] = []
    for _ in range(number):
        cells += with_section(context, cell)
        below = visible_below(context, cell)
        if below is None:
            break
        cell = below
    return tuple(cells)


def with_section(context: Context, cell: CellId) -> tuple[CellId, ...]:
    """Returns a cell, with its section if it is a folded heading."""
    notebook = context.session.notebook
    folded = sections.is_folded(notebook[cell], context.view.folds)
    return (cell, *sections.section(notebook, cell)) if folded else (cell,)


def command_mode(context: Context) -> None:
    """Switches to command mode, which closes the editor."""
    context.view.mode = Mode.COMMAND


def stop_editing(context: Context) -> None:
    """Switches to command mode, unless the keys go on with editing in the active cell."""
    context.view.stop_editing()


def apply(context: Context, changes: Sequence[Change], label: str) -> Applied | None:
    """Applies changes as one transaction, which one undo reverts. Returns None if there are no changes."""
    if not changes:
        return None
    return context.session.apply(Transaction(tuple(changes), context.client, label=label))


def count(number: int, noun: str = "cell") -> str:
    """Returns a number with its noun: `a cell`, `3 cells`."""
    return f"a {noun}" if number == 1 else f"{number} {noun}s"


def new_cell(notebook: Notebook, kind: str = "code", source: str = "") -> CellData:
    """Returns a new cell in the form that the notebook's nbformat version requires."""
    return notebook.fresh(CellData(CellId(""), kind, source, {"metadata": {}}))


def insertions(cells: Sequence[CellData], after: CellId | None) -> list[Change]:
    """Returns the changes that insert cells in order below `after`, or at the top if it is None."""
    changes: list[Change] = []
    for cell in cells:
        changes.append(InsertCell(cell, after))
        after = cell.id
    return changes


def visible_above(context: Context, cell: CellId) -> CellId | None:
    """Returns the cell before this one that no folded heading hides, or None for the first cell."""
    return _visible(context, cell, -1)


def visible_below(context: Context, cell: CellId) -> CellId | None:
    """Returns the cell after this one that no folded heading hides, or None for the last cell."""
    return _visible(context, cell, 1)


def _visible(context: Context, cell: CellId, direction: int) -> CellId | None:
    notebook = context.session.notebook
    hidden = sections.hidden(notebook, context.view.folds)
    index = notebook.index(cell) + direction
    while 0 <= index < len(notebook) and notebook.order[index] in hidden:
        index += direction
    return notebook.order[index] if 0 <= index < len(notebook) else None


def above(notebook: Notebook, cell: CellId) -> CellId | None:
    """Returns the cell before this one, or None for the first cell."""
    index = notebook.index(cell)
    return notebook.order[index - 1] if index else None


def below(notebook: Notebook, cell: CellId) -> CellId | None:
    """Returns the cell after this one, or None for the last cell."""
    index = notebook.index(cell) + 1
    return notebook.order[index] if index < len(notebook.order) else None


def waiting(context: Context) -> tuple[CellId, ...]:
    """Returns the cells that wait to run, in queue order. A running cell is among them only if it is queued again."""
    places = {cell: context.session.run_of(cell).place for cell in context.session.queue()}
    return tuple(sorted((cell for cell, place in places.items() if place), key=places.__getitem__))
