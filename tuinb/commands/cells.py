"""Commands that insert, delete, move, copy and convert cells. Each is one transaction, so that one undo reverts it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.jobs import shared
from tuinb.notebook.changes import (
    Applied,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    RestoreCell,
    SetKind,
    SpliceSource,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.document import Notebook
    from tuinb.workspace.cell_file import CellFile

_HEADING = re.compile(r"[ \t]*(#{1,6}(?:[ \t]+|$))?", re.MULTILINE)


def _insert(context: Context, cells: Sequence[CellData], after: CellId | None, label: str) -> None:
    cell_edits.apply(context, cell_edits.insertions(cells, after), label)
    context.view.activate(cells[-1].id)


def _remove(context: Context, cells: Sequence[CellId], label: str) -> None:
    notebook = context.session.notebook
    removed, order = set(cells), notebook.order
    at = order.index(cells[-1])
    # The cell below the last one, else the nearest above that stays.
    following = next((cell for cell in (*order[at:], *reversed(order[:at])) if cell not in removed), None)
    changes: list[Change] = [DeleteCell(cell) for cell in cells]
    if following is None:
        empty = cell_edits.new_cell(notebook)
        following = empty.id
        changes.append(InsertCell(empty, None))
    cell_edits.apply(context, changes, label)
    cell_edits.stop_editing(context)
    context.view.activate(following)


def _data(context: Context, cells: Sequence[CellId]) -> tuple[CellData, ...]:
    return tuple(context.session.notebook[cell].data() for cell in cells)


@command(Group.CELLS)
def insert_above(context: Context) -> None:
    """Insert a code cell above."""
    cells, notebook = cell_edits.selected(context), context.session.notebook
    after = cell_edits.above(notebook, cells[0]) if cells else None
    _insert(context, [cell_edits.new_cell(notebook)], after, "insert a cell")


@command(Group.CELLS)
def insert_below(context: Context) -> None:
    """Insert a code cell below."""
    cells, notebook = cell_edits.selected(context), context.session.notebook
    _insert(context, [cell_edits.new_cell(notebook)], cells[-1] if cells else None, "insert a cell")


@command(Group.CELLS)
def delete_cells(context: Context) -> None:
    """Delete the selected cells."""
    cells = cell_edits.selected(context)
    if cells:
        _remove(context, cells, f"delete {cell_edits.count(len(cells))}")


@command(Group.CELLS)
def cut_cells(context: Context) -> None:
    """Cut the selected cells.

    After a count, as many from the active one on.
    """
    cut(context, cell_edits.counted(context))


def cut(context: Context, cells: Sequence[CellId]) -> None:
    """Deletes cells, in the order of the notebook, and keeps them for pasting."""
    if cells:
        copied = _data(context, cells)
        _remove(context, cells, f"cut {cell_edits.count(len(cells))}")
        _keep(context, copied)


@command(Group.CELLS)
def copy_cells(context: Context) -> None:
    """Copy the selected cells, and their source to the system clipboard.

    After a count, as many from the active one on.
    """
    copy(context, cell_edits.counted(context))


def copy(context: Context, cells: Sequence[CellId]) -> None:
    """Keeps cells, in the order of the notebook, for pasting, and their source in the clipboard."""
    copied = _data(context, cells)
    if copied:
        _keep(context, copied)
        context.system.copy("\n\n".join(cell.source for cell in copied))
        context.dialogs.notify(f"Copied {cell_edits.count(len(copied))}.")


def _keep(context: Context, copied: tuple[CellData, ...]) -> None:
    """Keeps cells for pasting, in this and in other programs."""
    context.cells.cells = copied
    if context.cells.file is not None:
        context.cells.file.announce()
        context.system.run_later(_share(context, context.cells.file, copied))


async def _share(context: Context, file: CellFile, copied: tuple[CellData, ...]) -> None:
    """Writes cells for other programs. Says so if they can't have them."""
    try:
        if not await shared().run(file.write, copied):
            context.dialogs.notify("Copied for this tuinb only: with their outputs they are too long for others.", "warning")
    except OSError as error:
        context.dialogs.notify(f"Copied for this tuinb only: {error}.", "warning")


def _paste(context: Context, after: CellId | None) -> None:
    notebook = context.session.notebook
    times = 1 if context.keys.given is None else context.keys.given
    cells = [notebook.fresh(cell) for cell in context.cells.newest() * times]
    if not cells:
        context.dialogs.notify("No cells to paste: none were cut or copied.")
        return
    cell_edits.stop_editing(context)
    _insert(context, cells, after, f"paste {cell_edits.count(len(cells))}")


@command(Group.CELLS)
def paste_below(context: Context) -> None:
    """Paste cells below the selected ones."""
    cells = cell_edits.selected(context)
    _paste(context, cells[-1] if cells else None)


@command(Group.CELLS)
def paste_above(context: Context) -> None:
    """Paste cells above the selected ones."""
    cells = cell_edits.selected(context)
    _paste(context, cell_edits.above(context.session.notebook, cells[0]) if cells else None)


@command(Group.CELLS)
def duplicate_cells(context: Context) -> None:
    """Duplicate the selected cells below."""
    notebook, copied = context.session.notebook, _data(context, cell_edits.selected(context))
    if copied:
        cells = [notebook.fresh(cell) for cell in copied]
        cell_edits.stop_editing(context)
        _insert(context, cells, copied[-1].id, f"duplicate {cell_edits.count(len(cells))}")


def _move(context: Context, direction: int) -> None:
    """Moves the selected cells one place, up (-1) or down (1)."""
    notebook, cells = context.session.notebook, cell_edits.selected(context)
    if not cells:
        return
    # A folded section is passed as a whole.
    neighbour = (cell_edits.visible_below if direction > 0 else cell_edits.visible_above)(context, cells[-(direction > 0)])
    if neighbour is None:
        return
    first = cell_edits.with_section(context, neighbour)[-1] if direction > 0 else cell_edits.above(notebook, neighbour)
    changes = [MoveCell(cell, after) for cell, after in zip(cells, (first, *cells[:-1]), strict=True)]
    cell_edits.apply(context, changes, f"move {cell_edits.count(len(cells))}")


@command(Group.CELLS, repeats=True)
def move_up(context: Context) -> None:
    """Move the selected cells up."""
    _move(context, -1)


@command(Group.CELLS, repeats=True)
def move_down(context: Context) -> None:
    """Move the selected cells down."""
    _move(context, 1)


def _activate_changed(context: Context, applied: Applied) -> None:
    """Activates the first cell that undo or redo moved or changed. ViewState.reduce activates restored cells itself."""
    notebook = context.session.notebook
    if any(isinstance(change, InsertCell | RestoreCell) for change in applied.changes):
        return
    changed = {*applied.touched, *(change.cell for change in applied.changes if isinstance(change, MoveCell))}
    present = [cell for cell in changed if cell in notebook]
    if present and context.view.active not in present:
        context.view.activate(min(present, key=notebook.index))


def finish(context: Context, applied: Applied | None, word: str) -> None:
    """Shows what an undo or a redo (`word`) changed, and names it. Switches to command mode if there was a step."""
    if applied is None:
        context.dialogs.notify(f"Nothing to {word}.")
        return
    cell_edits.stop_editing(context)
    _activate_changed(context, applied)
    label = f": {applied.label}" if applied.label else ""
    context.dialogs.notify(f"{word.capitalize()}{label}.")


@command(Group.CELLS, repeats=True)
def undo(context: Context) -> None:
    """Undo the last change of cells, or what was last typed in a cell."""
    finish(context, context.session.undo(context.client), "undo")


@command(Group.CELLS, repeats=True)
def redo(context: Context) -> None:
    """Redo what was undone last."""
    finish(context, context.session.redo(context.client), "redo")


def _set_kind(context: Context, kind: str) -> None:
    notebook = context.session.notebook
    cells = [cell for cell in context.view.selected(notebook) if notebook[cell].kind != kind]
    cell_edits.apply(context, [SetKind(cell, kind) for cell in cells], f"make {cell_edits.count(len(cells))} {kind}")


@command(Group.CELLS)
def make_code(context: Context) -> None:
    """Change the selected cells to code."""
    _set_kind(context, "code")


@command(Group.CELLS)
def make_markdown(context: Context) -> None:
    """Change the selected cells to Markdown."""
    _set_kind(context, "markdown")


@command(Group.CELLS)
def make_raw(context: Context) -> None:
    """Change the selected cells to raw."""
    _set_kind(context, "raw")


@command(Group.CELLS)
def change_kind(context: Context) -> None:
    """Make cells Markdown, then raw, then code again."""
    selected = cell_edits.selected(context)
    kind = context.session.notebook[selected[0]].kind if selected else ""
    _set_kind(context, {"code": "markdown", "markdown": "raw"}.get(kind, "code"))


def _heading(notebook: Notebook, cell: CellId, level: int) -> list[Change]:
    source, marks = notebook[cell].source, "#" * level + " "
    changes: list[Change] = []
    if notebook[cell].kind != "markdown":
        changes.append(SetKind(cell, "markdown"))
    match = _HEADING.match(source)
    old = match.group() if match else ""
    if old != marks:
        changes.append(SpliceSource(cell, 0, old, marks))
    return changes


def _set_heading(context: Context, level: int) -> None:
    notebook = context.session.notebook
    cells = context.view.selected(notebook)
    changes = [change for cell in cells for change in _heading(notebook, cell, level)]
    cell_edits.apply(context, changes, f"make {cell_edits.count(len(cells), 'heading')}")


@command(Group.CELLS)
def heading_1(context: Context) -> None:
    """Change the selected cells to headings of level 1."""
    _set_heading(context, 1)


@command(Group.CELLS)
def heading_2(context: Context) -> None:
    """Change the selected cells to headings of level 2."""
    _set_heading(context, 2)


@command(Group.CELLS)
def heading_3(context: Context) -> None:
    """Change the selected cells to headings of level 3."""
    _set_heading(context, 3)


@command(Group.CELLS)
def heading_4(context: Context) -> None:
    """Change the selected cells to headings of level 4."""
    _set_heading(context, 4)


@command(Group.CELLS)
def heading_5(context: Context) -> None:
    """Change the selected cells to headings of level 5."""
    _set_heading(context, 5)


@command(Group.CELLS)
def heading_6(context: Context) -> None:
    """Change the selected cells to headings of level 6."""
    _set_heading(context, 6)
