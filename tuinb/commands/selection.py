"""Commands that change the active cell and the selection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, jumps
from tuinb.commands.command import Group, command
from tuinb.notebook import sections

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId


def go_to(context: Context, number: int) -> None:
    """Activates the cell of this number, counted from 1. A number out of range gives the first or last cell."""
    order = context.session.notebook.order
    if order:
        jumps.remember(context)
        cell_edits.stop_editing(context)
        context.view.activate(order[min(max(number, 1), len(order)) - 1])


def _neighbour(context: Context, direction: int) -> CellId | None:
    active = context.view.active
    if active is None:
        return None
    return cell_edits.visible_below(context, active) if direction > 0 else cell_edits.visible_above(context, active)


def _step(context: Context, direction: int) -> None:
    cell = _neighbour(context, direction) or context.view.active
    if cell is not None:
        context.view.activate(cell)


def _extend(context: Context, direction: int) -> None:
    cell = _neighbour(context, direction)
    if cell is not None:
        cell_edits.command_mode(context)
        context.view.extend(cell)


@command(Group.CELLS, repeats=True)
def select_previous(context: Context) -> None:
    """Select the cell above."""
    _step(context, -1)


@command(Group.CELLS, repeats=True)
def select_next(context: Context) -> None:
    """Select the cell below."""
    _step(context, 1)


@command(Group.CELLS)
def select_first(context: Context) -> None:
    """Select the first cell.

    After a count, the cell of that number.
    """
    if context.keys.given is not None:
        go_to(context, context.keys.given)
        return
    go_to(context, 1)
    context.view.scroll_cell, context.view.scroll_row = context.view.active, 0


@command(Group.CELLS)
def select_last(context: Context) -> None:
    """Select the last cell.

    After a count, the cell of that number.
    """
    if context.keys.given is not None:
        go_to(context, context.keys.given)
        return
    go_to(context, 1 + _last(context))


def _last(context: Context) -> int:
    """Returns the index of the last cell that is not in a folded section."""
    notebook = context.session.notebook
    hidden = sections.hidden(notebook, context.view.folds)
    return max((index for index, cell in enumerate(notebook.order) if cell not in hidden), default=0)


@command(Group.CELLS)
async def go_to_cell(context: Context) -> None:
    """Go to a cell by its number."""
    text = await context.dialogs.ask("Go to cell:")
    if text is None:
        return
    if re.fullmatch(r"\s*\d{1,9}\s*", text):
        go_to(context, int(text))
    else:
        context.dialogs.notify(f"'{text.strip()}' is not a cell number.", "error")


@command(Group.CELLS)
def go_to_running_cell(context: Context) -> None:
    """Go to the cell that runs."""
    queue = context.session.queue()
    if queue:
        go_to(context, context.session.notebook.index(queue[0]) + 1)
    else:
        context.dialogs.notify("No cell runs.")


@command(Group.CELLS, repeats=True)
def extend_selection_up(context: Context) -> None:
    """Extend the selection to the cell above."""
    _extend(context, -1)


@command(Group.CELLS, repeats=True)
def extend_selection_down(context: Context) -> None:
    """Extend the selection to the cell below."""
    _extend(context, 1)


@command(Group.CELLS)
def extend_selection_to_first(context: Context) -> None:
    """Extend the selection to the first cell."""
    _extend_to(context, 0)


@command(Group.CELLS)
def extend_selection_to_last(context: Context) -> None:
    """Extend the selection to the last cell."""
    _extend_to(context, _last(context))


def _extend_to(context: Context, index: int) -> None:
    order = context.session.notebook.order
    if order:
        cell_edits.command_mode(context)
        context.view.extend(order[index])


@command(Group.CELLS)
def select_all(context: Context) -> None:
    """Select all cells."""
    order = context.session.notebook.order
    if order:
        cell_edits.command_mode(context)
        context.view.activate(order[0])
        context.view.extend(order[-1])


@command(Group.CELLS)
def deselect(context: Context) -> None:
    """Select only the active cell, and remove search highlights."""
    context.view.pattern = ""
    if context.view.active is not None:
        context.view.activate(context.view.active)
