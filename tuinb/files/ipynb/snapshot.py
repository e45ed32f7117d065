"""The state of a notebook at one instant, for writing.

`take` makes a Snapshot, at a cost proportional to what changed. `build` makes the next file and its source map from the
snapshot, and may run in a thread. Consecutive unchanged cells are copied as one run of bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.files.ipynb.cell_text import CellWork
from tuinb.files.ipynb.scan import scan_bytes
from tuinb.files.ipynb.source_map import source_map_of
from tuinb.files.ipynb.style import style_of, to_utf8
from tuinb.notebook.cell import NO_OUTPUTS
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.ipynb.source_map import OutputIdentity, SourceMap
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId, Json
    from tuinb.notebook.document import Notebook


class ChangedCell(Record):
    """A cell that differs from the file."""

    id: CellId
    work: CellWork
    revision: int
    outputs: OutputIdentity
    matches_retired: bool = False
    """Whether the cell equals its retired text."""


class Snapshot(Record):
    source_map: SourceMap
    revision: int
    order: Sequence[CellId]
    changed: Mapping[CellId, ChangedCell]
    retiring: Sequence[CellId]
    """Cells of the file that are deleted and may be restored by undo."""
    metadata: Mapping[str, Json]
    extra: Mapping[str, Json]
    nbformat: int
    nbformat_minor: int
    with_ids: bool


def take(notebook: Notebook, source_map: SourceMap) -> Snapshot:
    """Returns a snapshot of `notebook`, to be written over the file that `source_map` describes."""
    order: list[CellId] = []
    changed: dict[CellId, ChangedCell] = {}
    retiring: list[CellId] = []
    if notebook.revision != source_map.revision or not source_map.raw:
        order = list(notebook.order)
        known = source_map.revisions
        changed = {cell.id: _changed(cell, source_map) for cell in notebook if known.get(cell.id) != cell.revision}
        gone = set(source_map.order).union(source_map.retired).difference(order)
        retiring = [cell for cell in gone if notebook.knows(cell)]
    return Snapshot(
        source_map=source_map,
        revision=notebook.revision,
        order=order,
        changed=changed,
        retiring=retiring,
        metadata=notebook.metadata,
        extra=notebook.extra,
        nbformat=notebook.nbformat,
        nbformat_minor=notebook.nbformat_minor,
        with_ids=notebook.has_ids,
    )


def _changed(cell: Cell, source_map: SourceMap) -> ChangedCell:
    retired = source_map.retired.get(cell.id)
    before = retired.outputs if retired else source_map.outputs.get(cell.id, ())
    places = {id(known[0] if isinstance(known, tuple) else known): number for number, known in enumerate(before)}
    identity = identity_of(cell)
    outputs: list[int | Mapping[str, Json]] = []
    for output in cell.arrived:
        original = output.original
        place = places.get(id(output if original is None else original))
        known = None if place is None else before[place]
        if place is not None and (not isinstance(known, tuple) or known[1] == output.revision):
            outputs.append(place)
        else:
            outputs.append(output.to_json())
    if cell.kind in NO_OUTPUTS and outputs != list(range(len(before))):
        # Outputs that the file gives such a cell stay there. Others are not written.
        outputs, identity = [], ()
    work = CellWork(cell.id, cell.kind, cell.source, cell.raw, tuple(outputs), cell.execution_count)
    untouched = retired is not None and retired.revision == cell.revision
    return ChangedCell(cell.id, work, cell.revision, identity, matches_retired=untouched)


def identity_of(cell: Cell) -> OutputIdentity:
    """Returns what tells later whether the outputs of a cell are still these."""
    return tuple([one.original if one.original is not None else (one, one.revision) for one in cell.arrived])


def skeleton(snapshot: Snapshot) -> SourceMap:
    """Returns a file without cells, in the style of the replaced text, or in nbformat's style."""
    style = style_of(snapshot.source_map.raw, (), lists=snapshot.source_map.lists)
    top: dict[str, Json] = {**snapshot.extra, "metadata": snapshot.metadata}
    top |= {"nbformat": snapshot.nbformat, "nbformat_minor": snapshot.nbformat_minor}
    # The cells come first, as in most files, whose keys are sorted.
    text = style.encode_members([("cells", []), *sorted(top.items())], "" if style.indent is not None else None)
    return source_map_of(scan_bytes(to_utf8("".join(text) + style.newline)), lists=style.lists, metadata=snapshot.metadata)
