"""Commands that run cells and remove waiting cells from the queue, as in JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.notebook import sections
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId


def submit(context: Context, cells: Sequence[CellId]) -> None:
    """Runs the code cells among `cells`. Closes the editor, so that a Markdown cell is rendered."""
    cell_edits.stop_editing(context)
    context.session.run(cells)


def _insert_below(context: Context, cell: CellId) -> None:
    data = cell_edits.new_cell(context.session.notebook)
    cell_edits.apply(context, cell_edits.insertions([data], cell), "insert a cell")
    context.view.activate(data.id)
    context.view.mode = Mode.EDIT


@command(Group.RUN)
def run_and_advance(context: Context) -> None:
    """Run the selected cells and select the next one."""
    cells = cell_edits.selected(context)
    submit(context, cells)
    if not cells:
        return
    following = cell_edits.below(context.session.notebook, cells[-1])
    if following is not None:
        context.view.activate(following)
    elif not context.session.read_only:
        _insert_below(context, cells[-1])


@command(Group.RUN)
def run_in_place(context: Context) -> None:
    """Run the selected cells and do not advance."""
    submit(context, cell_edits.selected(context))


@command(Group.RUN)
def run_and_insert_below(context: Context) -> None:
    """Run the selected cells and insert a cell below."""
    cells = cell_edits.selected(context)
    submit(context, cells)
    if cells:
        _insert_below(context, cells[-1])


@command(Group.RUN)
def run_all(context: Context) -> None:
    """Run all cells."""
    submit(context, context.session.notebook.order)


@command(Group.RUN)
def run_all_above(context: Context) -> None:
    """Run all cells above the selected ones."""
    cells = cell_edits.selected(context)
    if cells:
        order = context.session.notebook.order
        submit(context, order[: context.session.notebook.index(cells[0])])


@command(Group.RUN)
def run_all_below(context: Context) -> None:
    """Run the selected cells and all cells below."""
    cells = cell_edits.selected(context)
    if cells:
        order = context.session.notebook.order
        submit(context, order[context.session.notebook.index(cells[0]) :])


@command(Group.RUN)
def run_section(context: Context) -> None:
    """Run the cells of the section: from its heading to the next one of the same level."""
    notebook, active = context.session.notebook, context.view.active
    if active is None:
        return
    heading = active if sections.level_of(notebook[active]) else sections.heading_over(notebook, active)
    if heading is None:
        context.dialogs.notify("No heading is above this cell.")
    else:
        submit(context, (heading, *sections.section(notebook, heading)))


@command(Group.RUN)
def cancel_queued(context: Context) -> None:
    """Remove the selected cells from the queue."""
    cells = tuple(set(cell_edits.waiting(context)).intersection(cell_edits.selected(context)))
    if cells:
        context.session.cancel(cells)
    else:
        context.dialogs.notify("No selected cell is waiting to run.")


@command(Group.RUN)
def cancel_all_queued(context: Context) -> None:
    """Remove all waiting cells from the queue; the running cell continues."""
    if cell_edits.waiting(context):
        context.session.cancel()
    else:
        context.dialogs.notify("No cell is waiting to run.")
