"""Commands about the kernel's data: the panel of variables, and the viewer of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.analysis.shown import shown_names
from tuinb.commands.command import Group, command

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.cell import Cell


@command(Group.VIEW)
def show_variables(context: Context) -> None:
    """Open the panel of the kernel's variables, or go to it. While the kernel is stopped it shows those of a call."""
    context.inspection.show_panel()


@command(Group.OUTPUTS)
async def view_table(context: Context) -> None:
    """View the table that the output shows: sort, filter, search and copy its rows."""
    notebook, active = context.session.notebook, context.view.active
    if active is None or active not in notebook:
        return
    sources = _sources(context, notebook[active])
    if not sources:
        context.dialogs.notify(
            "This cell shows no variable.", hint="{show-variables} lists the variables; Enter there views a table."
        )
        return
    await context.inspection.open_table(sources)


def _sources(context: Context, cell: Cell) -> tuple[str, ...]:
    """Returns where the kernel may have the table that a cell shows: its result, then the names that it displays."""
    if cell.kind != "code":
        return ()
    names = shown_names(cell.source)
    has_result = cell.execution_count is not None and any(output.type == "execute_result" for output in cell.outputs)
    if has_result and context.session.run_of(cell.id).current:
        return (f"Out[{cell.execution_count}]", *names)
    return names
