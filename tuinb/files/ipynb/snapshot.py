"""A notebook at one instant, as it is to be written.

`take` makes a `Snapshot`, at a cost that follows what changed; `build` turns that into the next file with its layout, and may
run in a thread. Cells that follow each other as they did, and did not change, are copied as one run of bytes with all that
stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.files.ipynb.cell_text import CellWork
from tuinb.files.ipynb.scan import scan_bytes
from tuinb.files.ipynb.source_map import layout_of
from tuinb.files.ipynb.style import style_of, to_utf8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.ipynb.source_map import Layout, Meant
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId, Json
    from tuinb.notebook.document import Notebook


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell that is not as the file has it."""

    id: CellId
    work: CellWork
    revision: int
    outputs: Meant
    as_retired: bool = False
    """Whether it is just what its retired text says."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    layout: Layout
    revision: int
    order: Sequence[CellId]
    changed: Mapping[CellId, Changed]
    retiring: Sequence[CellId]
    """Cells of the layout that are deleted and may come back."""
    metadata: Mapping[str, Json]
    extra: Mapping[str, Json]
    nbformat: int
    nbformat_minor: int
    with_ids: bool


def take(notebook: Notebook, layout: Layout) -> Snapshot:
    """What `notebook` says now, to be written where `layout` is."""
    order: list[CellId] = []
    changed: dict[CellId, Changed] = {}
    retiring: list[CellId] = []
    if notebook.revision != layout.revision or not layout.raw:
        order = list(notebook.order)
        known = layout.revisions
        changed = {cell.id: _changed(cell, layout) for cell in notebook if known.get(cell.id) != cell.revision}
        gone = set(layout.order).union(layout.retired).difference(order)
        retiring = [cell for cell in gone if notebook.knows(cell)]
    return Snapshot(
        layout=layout,
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


def _changed(cell: Cell, layout: Layout) -> Changed:
    retired = layout.retired.get(cell.id)
    before = retired.outputs if retired else layout.outputs.get(cell.id, ())
    places = {id(known[0] if isinstance(known, tuple) else known): number for number, known in enumerate(before)}
    meant: list[object] = []
    outputs: list[int | Mapping[str, Json]] = []
    for output in cell.outputs:
        original = output.original
        meant.append(original if original is not None else (output, output.revision))
        place = places.get(id(output if original is None else original))
        known = None if place is None else before[place]
        if place is not None and (not isinstance(known, tuple) or known[1] == output.revision):
            outputs.append(place)
        else:
            outputs.append(output.to_json())
    work = CellWork(cell.id, cell.kind, cell.source, cell.raw, tuple(outputs), cell.execution_count)
    untouched = retired is not None and retired.revision == cell.revision
    return Changed(cell.id, work, cell.revision, tuple(meant), as_retired=untouched)


def skeleton(snapshot: Snapshot) -> Layout:
    """A file with everything but cells, in nbformat's own style or that of the text that is given up."""
    style = style_of(snapshot.layout.raw, (), lists=snapshot.layout.lists)
    top: dict[str, Json] = {**snapshot.extra, "metadata": snapshot.metadata}
    top |= {"nbformat": snapshot.nbformat, "nbformat_minor": snapshot.nbformat_minor}
    # The cells come first, as the sorted keys of most files have it.
    text = style.encode_members([("cells", []), *sorted(top.items())], "" if style.indent is not None else None)
    return layout_of(scan_bytes(to_utf8(text + style.newline)), lists=style.lists, metadata=snapshot.metadata)
