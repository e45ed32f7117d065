"""Commands on outputs: fold, open, clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import steps
from tuinb.commands.command import Group, command
from tuinb.notebook.changes import CellId, Change, SetExecutionCount, SetOutputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context


def clearing(context: Context, cells: Sequence[CellId]) -> list[Change]:
    """The changes that make code cells look as if they never ran."""
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
    cells = steps.selected(context)
    steps.apply(context, clearing(context, cells), f"clear the outputs of {steps.count(len(cells))}")


@command(Group.CELLS)
def clear_all_outputs(context: Context) -> None:
    """Clear the outputs of all cells."""
    steps.apply(context, clearing(context, context.session.notebook.order), "clear all outputs")


def _toggle(context: Context, cells: Sequence[CellId]) -> None:
    with_outputs = {cell for cell in cells if len(context.session.notebook[cell].outputs)}
    if with_outputs <= context.view.unfolded:
        context.view.unfolded -= with_outputs
    else:
        context.view.unfolded |= with_outputs


@command(Group.VIEW)
def toggle_output(context: Context) -> None:
    """Open the long outputs of the selected cells, or fold them."""
    _toggle(context, steps.selected(context))


@command(Group.VIEW)
def toggle_all_outputs(context: Context) -> None:
    """Open all long outputs, or fold them."""
    _toggle(context, context.session.notebook.order)
