"""Commands that clear outputs and change how they are shown: expanded, as another type, scrolled, in the viewer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.commands.output_choice import cell_with_outputs
from tuinb.notebook.changes import CellId, Change, SetExecutionCount, SetOutputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context


def clear_changes(context: Context, cells: Sequence[CellId]) -> list[Change]:
    """Returns the changes that remove the outputs and execution counts of cells."""
    notebook = context.session.notebook
    changes: list[Change] = []
    for cell in cells:
        if len(notebook[cell].outputs):
            changes.append(SetOutputs(cell))
        if notebook[cell].execution_count is not None:
            changes.append(SetExecutionCount(cell, None))
    return changes


@command(Group.CELLS)
def clear_outputs(context: Context) -> None:
    """Clear the outputs of the selected cells."""
    cells = cell_edits.selected(context)
    cell_edits.apply(context, clear_changes(context, cells), f"clear the outputs of {cell_edits.count(len(cells))}")


@command(Group.CELLS)
def clear_all_outputs(context: Context) -> None:
    """Clear the outputs of all cells."""
    cell_edits.apply(context, clear_changes(context, context.session.notebook.order), "clear all outputs")


def _toggle(context: Context, cells: Sequence[CellId]) -> None:
    with_outputs = {cell for cell in cells if len(context.session.notebook[cell].outputs)}
    if with_outputs <= context.view.unfolded:
        context.view.unfolded -= with_outputs
    else:
        context.view.unfolded |= with_outputs


@command(Group.OUTPUTS)
def toggle_output(context: Context) -> None:
    """Expand or collapse the long outputs of the selected cells."""
    cells = [cell for cell in cell_edits.selected(context) if len(context.session.notebook[cell].outputs)]
    if not any(map(context.outputs.folds, cells)):
        if cells:
            context.dialogs.notify("This output is already shown whole.", hint="{look-at-output} views it.")
        else:
            context.dialogs.notify("This cell has no output.")
        return
    _toggle(context, cells)


@command(Group.OUTPUTS)
def toggle_all_outputs(context: Context) -> None:
    """Expand or collapse all long outputs."""
    _toggle(context, context.session.notebook.order)


@command(Group.OUTPUTS)
def look_at_output(context: Context) -> None:
    """View the outputs of the cell on the full screen."""
    context.outputs.open_viewer(cell_with_outputs(context).id)


@command(Group.OUTPUTS)
async def choose_output_type(context: Context) -> None:
    """Choose the MIME type in which the output is shown."""
    cell = cell_with_outputs(context)
    look = context.view.look(cell.id)
    first: dict[str, None] = {}
    types: dict[str, None] = {}
    for output in cell.outputs:
        of_output = context.outputs.types_of(output)
        first |= dict.fromkeys(of_output[:1])
        types |= dict.fromkeys(of_output)
    if len(types) < 2:
        only = f": {next(iter(types))}" if types else ""
        context.dialogs.notify(f"This output has no other type{only}.")
        return
    options = [f"{mime}{' (default)' if mime in first else ''}{' ◂' if mime == look.mime else ''}" for mime in types]
    choice = await context.dialogs.choose("Show the output as", options)
    if choice is None:
        return
    chosen = list(types)[choice]
    context.view.set_look(cell.id, replace(look, mime="" if list(first) == [chosen] else chosen, start=0))


def _scroll(context: Context, direction: int) -> None:
    cell = cell_with_outputs(context)
    shown, columns = context.outputs.columns_of(cell.id)
    if not columns:
        context.dialogs.notify("This output is not wider than the screen.")
        return
    look = context.view.look(cell.id)
    start = min(look.start, columns - shown) + direction * max(1, shown // 3)
    context.view.set_look(cell.id, replace(look, start=max(0, min(start, columns - shown))))


@command(Group.OUTPUTS)
def scroll_output_left(context: Context) -> None:
    """Scroll wide outputs to the left."""
    _scroll(context, -1)


@command(Group.OUTPUTS)
def scroll_output_right(context: Context) -> None:
    """Scroll wide outputs to the right."""
    _scroll(context, 1)
