"""Commands that merge and split cells, as in JupyterLab: merging clears the outputs; splitting leaves them to the last part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.notebook.changes import (
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    Json,
    SetAttachments,
    SetExecutionCount,
    SetMetadata,
    SetOutputs,
    SpliceSource,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.document import Notebook


def _free_name(name: str, taken: Collection[str]) -> str:
    path = PurePosixPath(name)
    number = 2
    while (candidate := f"{path.stem}-{number}{path.suffix}") in taken:
        number += 1
    return candidate


def _attachments(cell: Cell) -> Mapping[str, Json]:
    found = cell.raw.get("attachments")
    return found if isinstance(found, Mapping) else {}


def _join(cells: Sequence[Cell]) -> tuple[list[str], dict[str, Json]]:
    """Returns the sources and the merged attachments. An attachment whose name is taken is renamed, also in its source."""
    sources: list[str] = []
    attachments: dict[str, Json] = {}
    for cell in cells:
        source, own = cell.source, _attachments(cell)
        for name, bundle in own.items():
            free = name if attachments.get(name, bundle) == bundle else _free_name(name, {*attachments, *own})
            attachments[free] = bundle
            if free != name:
                source = free.join(re.split(rf"(?<=attachment:){re.escape(name)}(?![\w.-])", source))
        if source:
            sources.append(source)
    return sources, attachments


def _tags(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(tag for cell in cells for tag in cell.tags))


def _into_first(notebook: Notebook, cells: Sequence[CellId], source: str) -> list[Change]:
    first = notebook[cells[0]]
    at = len(first.source)
    changes: list[Change] = [SpliceSource(first.id, at, "", source[at:])] if len(source) > at else []
    tags = _tags([notebook[cell] for cell in cells])
    if tags != list(first.tags):
        changes.append(SetMetadata(first.id, "tags", tags))
    if len(first.outputs):
        changes.append(SetOutputs(first.id))
    if first.execution_count is not None:
        changes.append(SetExecutionCount(first.id, None))
    return changes


@command(Group.CELLS)
def merge_cells(context: Context) -> None:
    """Merge the selected cells, or the active cell with the cell below."""
    notebook = context.session.notebook
    cells = context.view.selected(notebook)
    if len(cells) == 1:
        following = cell_edits.below(notebook, cells[0])
        cells = (cells[0], following) if following is not None else cells
    if len(cells) < 2:
        context.dialogs.notify("There is no cell below to merge with.")
        return
    sources, attachments = _join([notebook[cell] for cell in cells])
    source, kept = "\n\n".join(sources), cells[0]
    changes = _into_first(notebook, cells, source)
    if attachments != _attachments(notebook[kept]):
        changes.append(SetAttachments(kept, attachments))
    changes += map(DeleteCell, cells[1:])
    cell_edits.apply(context, changes, f"merge {cell_edits.count(len(cells))}")
    cell_edits.stop_editing(context)
    context.view.activate(kept)


@command(Group.CELLS)
def split_cell(context: Context) -> None:
    """Split the cell at the cursor."""
    editor, active = context.editor, context.view.active
    if not editor.is_open or active is None:
        context.dialogs.notify("Splitting needs a cursor:", hint="{enter-edit-mode} edits the cell.")
        return
    notebook = context.session.notebook
    cell, at = notebook[active], editor.cursor
    head, tail = cell.source[:at].rstrip("\n"), cell.source[at:].lstrip("\n")
    removed = cell.source[: len(cell.source) - len(tail)]
    # The new cell takes the upper part, so that the outputs, and those of a run in progress, stay with the last part.
    upper = notebook.fresh(replace(cell.data(), source=head, outputs=(), execution_count=None))
    changes: list[Change] = [InsertCell(upper, cell_edits.above(notebook, active))]
    if removed:
        changes.append(SpliceSource(active, 0, removed, ""))
    cell_edits.apply(context, changes, "split a cell")
    if context.view.scroll_cell == active:
        context.view.scroll_cell = upper.id  # what was read at the top of the screen is in the upper part now
    context.view.activate(active)
