"""Commands on sections: folding, going from heading to heading, the list of contents; and hiding sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.analysis.failing_line import failed
from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.commands.host import Entry
from tuinb.kernel.execution.runs import RunState
from tuinb.notebook import sections
from tuinb.notebook.changes import Step, Transaction
from tuinb.workspace.jumps import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId


def fold(context: Context, headings: Sequence[CellId], *, folded: bool) -> None:
    """Folds or unfolds headings, in the notebook if it can be changed, else on this screen alone."""
    notebook, view = context.session.notebook, context.view
    changes = [change for heading in headings for change in sections.folding(notebook[heading], folded=folded)]
    if changes and not context.session.read_only:
        context.session.apply(Transaction(tuple(changes), context.client, Step.OUTPUT, "fold" if folded else "unfold"))
    for heading in headings:
        view.folds.pop(heading, None)
        if sections.is_folded(notebook[heading], view.folds) != folded:
            view.folds[heading] = folded


def _fold(context: Context, headings: Sequence[CellId], *, folded: bool) -> None:
    """Folds or unfolds headings. If that hides the active cell, the heading that hides it becomes active."""
    fold(context, headings, folded=folded)
    notebook, view = context.session.notebook, context.view
    hidden = sections.hidden(notebook, view.folds)
    cell_edits.stop_editing(context)
    if view.anchor in hidden:
        view.anchor = None
    while view.active in hidden:
        view.activate(sections.heading_over(notebook, view.active))


def _heading(context: Context) -> CellId | None:
    """Returns the active cell if it is a heading."""
    active, notebook = context.view.active, context.session.notebook
    return active if active is not None and active in notebook and sections.level_of(notebook[active]) else None


@command(Group.CELLS)
def fold_section(context: Context) -> None:
    """Fold the section of the heading; from a folded or another cell, go to the heading over it."""
    notebook, active = context.session.notebook, context.view.active
    heading = _heading(context)
    if (
        heading is not None
        and not sections.is_folded(notebook[heading], context.view.folds)
        and sections.section(notebook, heading)
    ):
        _fold(context, [heading], folded=True)
    elif active is not None and active in notebook:
        over = sections.heading_over(notebook, active)
        if over is not None:
            context.view.activate(over)
        elif heading is not None and not sections.section(notebook, heading):
            context.dialogs.notify("There are no cells below this heading.")
        else:
            context.dialogs.notify("There is no heading over this cell.")


@command(Group.CELLS)
def unfold_section(context: Context) -> None:
    """Unfold the section of the heading."""
    heading = _heading(context)
    if heading is not None and sections.is_folded(context.session.notebook[heading], context.view.folds):
        _fold(context, [heading], folded=False)


@command(Group.CELLS)
def toggle_section(context: Context) -> None:
    """Fold or unfold the section that the cell is in."""
    notebook, active = context.session.notebook, context.view.active
    heading = _heading(context)
    if heading is None and active is not None and active in notebook:
        heading = sections.heading_over(notebook, active)
    if heading is None:
        context.dialogs.notify("There is no heading over this cell.")
    else:
        _fold(context, [heading], folded=not sections.is_folded(notebook[heading], context.view.folds))


def _all_headings(context: Context) -> list[CellId]:
    return [cell.id for cell in context.session.notebook if sections.level_of(cell)]


@command(Group.CELLS)
def fold_all_sections(context: Context) -> None:
    """Fold all sections."""
    _fold(context, _all_headings(context), folded=True)


@command(Group.CELLS)
def unfold_all_sections(context: Context) -> None:
    """Unfold all sections."""
    _fold(context, _all_headings(context), folded=False)


def _go_to_heading(context: Context, direction: int) -> None:
    notebook, active = context.session.notebook, context.view.active
    cell = active
    while cell is not None:
        cell = (cell_edits.visible_below if direction > 0 else cell_edits.visible_above)(context, cell)
        if cell is not None and sections.level_of(notebook[cell]):
            cell_edits.stop_editing(context)
            context.view.activate(cell)
            return
    context.dialogs.notify(f"There is no heading {'below' if direction > 0 else 'above'}.")


@command(Group.CELLS, repeats=True)
def next_heading(context: Context) -> None:
    """Go to the next heading."""
    _go_to_heading(context, 1)


@command(Group.CELLS, repeats=True)
def previous_heading(context: Context) -> None:
    """Go to the previous heading."""
    _go_to_heading(context, -1)


@command(Group.VIEW)
async def contents(context: Context) -> None:
    """List the headings beside the notebook; Enter goes to one, Left and Right fold, letters find."""
    notebook, view = context.session.notebook, context.view
    found = sections.headings(notebook)
    if not found:
        context.dialogs.notify("This notebook has no headings.")
        return
    before = view.copy()
    position = notebook.index(view.active) if view.active is not None else 0
    at = max((number for number, each in enumerate(found) if notebook.index(each.cell) <= position), default=0)
    first = {each.cell: number for number, each in reversed(list(enumerate(found)))}

    def moved(number: int) -> None:
        if found[number].cell in notebook:
            cell_edits.stop_editing(context)
            view.activate(found[number].cell)
            context.viewport.centre()

    def folded(number: int, wanted: bool) -> bool:
        heading = found[number].cell
        if heading in notebook and first[heading] == number and sections.level_of(notebook[heading]):
            _fold(context, [heading], folded=wanted)
            context.viewport.centre()
            return sections.is_folded(notebook[heading], view.folds)
        return False

    entries = [
        Entry(
            each.title,
            each.level,
            _note(context, each.cell) if first[each.cell] == number else "",
            first[each.cell] == number and sections.is_folded(notebook[each.cell], view.folds),
        )
        for number, each in enumerate(found)
    ]
    chosen = await context.dialogs.contents(entries, at, moved, folded)
    if chosen is None or found[chosen].cell not in notebook:
        view.activate(before.active if before.active in notebook else view.active)
        view.scroll_cell, view.scroll_row, view.mode = before.scroll_cell, before.scroll_row, before.mode
    else:
        if before.active is not None:
            view.jumps.remember(Place(before.active))
        cell_edits.stop_editing(context)
        view.activate(found[chosen].cell)
        view.scroll_cell, view.scroll_row = found[chosen].cell, 0


@command(Group.VIEW)
def contents_panel(context: Context) -> None:
    """Keep the headings in a panel beside the notebook; again, give it the keys, and once more close it."""
    context.viewport.show_contents()


def _note(context: Context, heading: CellId) -> str:
    """Returns what is known of the cells of a section: that one runs, or how many failed."""
    notebook = context.session.notebook
    cells = sections.section(notebook, heading) if sections.level_of(notebook[heading]) else ()
    runs = [context.session.run_of(cell).state for cell in cells]
    failures = sum(state is RunState.ERROR or failed(notebook[cell]) for cell, state in zip(cells, runs, strict=True))
    if RunState.RUNNING in runs:
        return "running"
    return f"{failures} failed" if failures else ""


@command(Group.CELLS)
def toggle_source(context: Context) -> None:
    """Hide or show the source of the selected cells, as JupyterLab does."""
    notebook = context.session.notebook
    cells = [notebook[cell] for cell in context.view.selected(notebook)]
    hides = not all(sections.source_hidden(cell) for cell in cells)
    changes = [change for cell in cells for change in sections.hiding_source(cell, hides=hides)]
    cell_edits.apply(context, changes, f"{'hide' if hides else 'show'} the source of {cell_edits.count(len(cells))}")
    if hides:
        cell_edits.stop_editing(context)
