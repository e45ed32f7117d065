"""A file's bytes with the place of every cell in them, and the next file made from that.

A `Layout` never changes. `Snapshot` is what a notebook says at one instant, cheap to take: cells that did not change since
the layout was made are named, not copied. `build` turns it into the next file and its layout, and may run in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tuinb.files.cells import CellWork, changed_cell, new_cell
from tuinb.files.patch import pad_of, patch_object
from tuinb.files.scan import byte_offsets, scan_notebook
from tuinb.files.style import Style, style_of, to_utf8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.scan import NotebookScan
    from tuinb.notebook.changes import CellId, Json
    from tuinb.notebook.document import Cell, Notebook

BOM = b"\xef\xbb\xbf"
_SAMPLE = 20
"""Cells that are looked at to learn the style of the others."""


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of one cell in a file, and what it stood for."""

    data: bytes
    start: int
    end: int
    revision: int
    """Cell.revision when this text was what the cell said."""
    outputs: tuple[object, ...]
    """What each output in the text was: the dict that was loaded, or (Output, revision)."""

    def text(self) -> str:
        return self.data[self.start : self.end].decode()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in `raw`. Offsets are bytes."""

    raw: bytes = b""
    bom: bytes = b""
    open: int = 0
    """Just after the `[` of the cells."""
    close: int = 0
    """The `]` of the cells."""
    metadata: tuple[int, int] | None = None
    metadata_values: Mapping[str, Json] = field(default_factory=dict)
    order: Sequence[CellId] = ()
    cells: Mapping[CellId, CellText] = field(default_factory=dict)
    """Those in the file, and deleted ones that may come back."""
    lists: bool = True
    revision: int = 0
    """Notebook.revision when `raw` was what the notebook said."""

    @property
    def empty(self) -> bool:
        """Whether there is no text to start from, so that all is written anew."""
        return not self.close

    def style(self) -> Style:
        samples = [self.cells[cell].text() for cell in self.order[:_SAMPLE]]
        return style_of(self.raw, samples, lists=self.lists)


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of a snapshot: its text as it is, or the work to make it."""

    id: CellId
    revision: int
    old: CellText | None
    work: CellWork | None
    outputs: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    layout: Layout
    revision: int
    parts: Sequence[Part]
    retired: Mapping[CellId, CellText]
    """Deleted cells that undo may bring back: their text is kept for that."""
    metadata: Mapping[str, Json]
    extra: Mapping[str, Json]
    nbformat: int
    nbformat_minor: int

    def build(self) -> Layout:
        """The next file. Raises RecursionError where something nests too deep to be written."""
        layout = self.layout
        if self.revision == layout.revision and layout.raw:
            return layout
        base = skeleton(self) if layout.empty else layout
        return _Builder(base, self).build()


def take(notebook: Notebook, layout: Layout) -> Snapshot:
    """What `notebook` says now, to be written where `layout` is."""
    unchanged = notebook.revision == layout.revision and bool(layout.raw)
    parts = () if unchanged else [_part(cell, layout.cells.get(cell.id)) for cell in notebook]
    deleted = () if unchanged else [cell for cell in layout.cells if cell not in notebook and notebook.knows(cell)]
    return Snapshot(
        layout=layout,
        revision=notebook.revision,
        parts=parts,
        retired={cell: layout.cells[cell] for cell in deleted},
        metadata=notebook.metadata,
        extra=notebook.extra,
        nbformat=notebook.nbformat,
        nbformat_minor=notebook.nbformat_minor,
    )


def _part(cell: Cell, old: CellText | None) -> Part:
    if old is not None and old.revision == cell.revision:
        return Part(cell.id, cell.revision, old, None, old.outputs)
    before = old.outputs if old else ()
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
    return Part(cell.id, cell.revision, old, work, tuple(meant))


def skeleton(snapshot: Snapshot) -> Layout:
    """A file with everything but cells, in nbformat's own style or that of the text that is given up."""
    style = style_of(snapshot.layout.raw, (), lists=snapshot.layout.lists)
    top: dict[str, Json] = {**snapshot.extra, "metadata": snapshot.metadata}
    top |= {"nbformat": snapshot.nbformat, "nbformat_minor": snapshot.nbformat_minor}
    # The cells come first, as the sorted keys of most files have it.
    text = style.encode_members([("cells", []), *sorted(top.items())], "" if style.indent is not None else None)
    return layout_of(scan_notebook(text + style.newline), lists=style.lists, metadata=snapshot.metadata)


def layout_of(scan: NotebookScan, *, raw: bytes | None = None, lists: bool, metadata: Mapping[str, Json]) -> Layout:
    """The layout, yet without cells, of a text that was scanned."""
    data = to_utf8(scan.text) if raw is None else raw
    places = [scan.cells_open, scan.cells_close, *(scan.metadata or ())]
    at = dict(zip(sorted(places), byte_offsets(scan.text, sorted(places)), strict=True))
    return Layout(
        raw=data,
        open=at[scan.cells_open],
        close=at[scan.cells_close],
        metadata=(at[scan.metadata[0]], at[scan.metadata[1]]) if scan.metadata else None,
        metadata_values=metadata,
        lists=lists,
    )


class _Builder:
    """Puts the parts of the next file together, noting where each cell comes to stand."""

    def __init__(self, base: Layout, snapshot: Snapshot) -> None:
        self.base = base
        self.snapshot = snapshot
        self.style = base.style()
        self.pieces: list[bytes | memoryview] = []
        self.size = 0

    def add(self, piece: bytes | memoryview) -> None:
        self.pieces.append(piece)
        self.size += len(piece)

    def build(self) -> Layout:
        base, snapshot = self.base, self.snapshot
        raw = memoryview(base.raw)
        metadata = self._metadata()
        span = base.metadata
        at = 0
        if span and span[0] < base.open:
            span, at = self._replace(raw, at, span, metadata)
        self.add(raw[at : base.open])
        opened = self.size
        places = self._cells(raw)
        closed, at = self.size, base.close
        if base.metadata and base.metadata[0] > base.close:
            span, at = self._replace(raw, at, base.metadata, metadata)
        elif base.metadata is None and metadata:
            self.add(raw[at : at + 1])
            span, at = self._insert(metadata), at + 1
        self.add(raw[at:])
        data = b"".join(self.pieces)
        cells = {
            part.id: CellText(data, start, end, part.revision, part.outputs)
            for part, (start, end) in zip(snapshot.parts, places, strict=True)
        }
        retired = {cell: _alone(text) for cell, text in snapshot.retired.items()}
        return Layout(
            raw=data,
            bom=base.bom,
            open=opened,
            close=closed,
            metadata=span,
            metadata_values=snapshot.metadata,
            order=[part.id for part in snapshot.parts],
            cells={**retired, **cells},
            lists=base.lists,
            revision=snapshot.revision,
        )

    # ---- cells

    def _cells(self, raw: memoryview) -> list[tuple[int, int]]:
        base, parts = self.base, self.snapshot.parts
        places: list[tuple[int, int]] = []
        first, between, close = self._gaps()
        same_order = [part.id for part in parts] == list(base.order)
        last = base.open
        for number, part in enumerate(parts):
            if same_order and part.old:
                self.add(raw[last : part.old.start])
                last = part.old.end
            else:
                self.add(between if number else first)
            start = self.size
            self._cell(part, pad_of((between if number else first).decode()))
            places.append((start, self.size))
        if same_order and parts:
            self.add(raw[last : base.close])
        elif parts:
            self.add(close)
        elif not base.order:
            self.add(raw[base.open : base.close])
        return places

    def _gaps(self) -> tuple[bytes, bytes, bytes]:
        """The text before the first cell, between two, and after the last."""
        base, style = self.base, self.style
        spans = [base.cells[cell] for cell in base.order]
        if not spans:
            before = "" if style.cell_pad is None else style.newline + style.cell_pad
            after = "" if style.cell_pad is None else style.newline + style.cell_pad.removesuffix(style.indent or "")
            comma = style.comma if style.cell_pad is None else style.comma.rstrip(" ") + before
            return before.encode(), comma.encode(), after.encode()
        first = base.raw[base.open : spans[0].start]
        close = base.raw[spans[-1].end : base.close]
        if len(spans) > 1:
            return first, base.raw[spans[0].end : spans[1].start], close
        return first, b"," + (first or style.comma[1:].encode()), close

    def _cell(self, part: Part, pad: str | None) -> None:
        if part.work is None:
            if part.old:
                self.add(memoryview(part.old.data)[part.old.start : part.old.end])
        elif part.old:
            self.add(to_utf8(changed_cell(part.old.text(), part.work, pad, self.style)))
        else:
            with_id = (self.snapshot.nbformat, self.snapshot.nbformat_minor) >= (4, 5)
            style = replace(self.style, cell_pad=pad)
            self.add(to_utf8(new_cell(part.work, style, with_id=with_id)))

    # ---- the notebook's metadata

    def _metadata(self) -> bytes | None:
        """The new text of the metadata, or None where it did not change."""
        old, new = self.base.metadata_values, self.snapshot.metadata
        # The document replaces mappings and values, and never writes into them.
        if old is new or (list(old) == list(new) and all(old[key] is new[key] for key in new)):
            return None
        span = self.base.metadata
        pad = None if self.style.indent is None else self.style.indent
        if span is None:
            return to_utf8(self.style.encode(new, pad))
        return to_utf8(patch_object(self.base.raw[span[0] : span[1]].decode(), 0, new, pad, self.style))

    def _replace(self, raw: memoryview, at: int, span: tuple[int, int], new: bytes | None) -> tuple[tuple[int, int], int]:
        self.add(raw[at : span[0]])
        start = self.size
        self.add(raw[span[0] : span[1]] if new is None else new)
        return (start, self.size), span[1]

    def _insert(self, metadata: bytes) -> tuple[int, int]:
        style = self.style
        before = "" if style.indent is None else style.newline + style.indent
        comma = style.comma if style.indent is None else ","
        self.add(to_utf8(f'{comma}{before}"metadata"{style.colon}'))
        start = self.size
        self.add(metadata)
        return start, self.size


def _alone(text: CellText) -> CellText:
    """The text of a cell that is no longer in the file, without the file."""
    data = text.data[text.start : text.end]
    return CellText(data, 0, len(data), text.revision, text.outputs)
