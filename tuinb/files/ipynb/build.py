"""Makes the next file from a snapshot. Unchanged parts are copied from the old file."""

from __future__ import annotations

import operator
from dataclasses import replace
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from tuinb.files.ipynb.cell_text import changed_cell, new_cell
from tuinb.files.ipynb.patch import pad_of, patch_object
from tuinb.files.ipynb.scan import container_at
from tuinb.files.ipynb.snapshot import Snapshot, skeleton
from tuinb.files.ipynb.source_map import Retired, SourceMap
from tuinb.files.ipynb.style import to_utf8, utf8_pieces
from tuinb.long_text import PIECE
from tuinb.notebook.changes import CellId
from tuinb.notebook.nesting import without_deep_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.files.ipynb.cell_text import CellWork
    from tuinb.files.ipynb.snapshot import ChangedCell
    from tuinb.files.ipynb.style import Text


def build(snapshot: Snapshot) -> SourceMap:
    """Returns the source map of the next file. Raises RecursionError if metadata is nested too deeply to be written."""
    source_map = snapshot.source_map
    if snapshot.revision == source_map.revision and source_map.raw:
        return source_map
    return _Builder(source_map if source_map.open else skeleton(snapshot), snapshot).build()


class _Builder:
    """Concatenates the parts of the next file and records the offset of each cell."""

    def __init__(self, base: SourceMap, snapshot: Snapshot) -> None:
        self.base = base
        self.snapshot = snapshot
        self.style = base.style()
        self.raw = memoryview(base.raw)
        self.written = BytesIO()
        """The next file. Its buffer grows and becomes `bytes` in place, where joining pieces would copy all in one go."""
        self.size = 0
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.positions = dict(zip(base.order, count(), strict=False))
        self.cut: list[CellId] = []

    def add(self, part: bytes | memoryview) -> None:
        for at in range(0, len(part), PIECE):
            self.size += self.written.write(part[at : at + PIECE])

    def add_text(self, text: Text) -> None:
        for piece in utf8_pieces(text):
            self.size += self.written.write(piece)

    def build(self) -> SourceMap:
        base, snapshot = self.base, self.snapshot
        metadata, span, at = self._metadata(), base.metadata, 0
        if span and span[0] < base.open:
            span, at = self._metadata_at(span, at, metadata)
        self.add(self.raw[at : base.open])
        opened = self.size
        self._cells()
        closed, at = self.size, base.close
        if base.metadata and base.metadata[0] > base.close:
            span, at = self._metadata_at(base.metadata, at, metadata)
        elif base.metadata is None and metadata:
            self.add(self.raw[at : at + 1])
            span, at = self._insert_metadata(metadata), at + 1
        self.add(self.raw[at:])
        changed = snapshot.changed
        gone = set(base.order).difference(snapshot.order)
        revisions = {cell: revision for cell, revision in base.revisions.items() if cell not in gone}
        outputs = {cell: identity for cell, identity in base.outputs.items() if cell not in gone and cell not in changed}
        return SourceMap(
            raw=self.written.getvalue(),
            bom=base.bom,
            open=opened,
            close=closed,
            metadata=span,
            metadata_values=snapshot.metadata,
            order=snapshot.order,
            starts=self.starts,
            ends=self.ends,
            revisions=revisions | {cell: change.revision for cell, change in changed.items()},
            outputs=outputs | {cell: change.outputs for cell, change in changed.items() if change.outputs},
            retired=self._retired(),
            lists=base.lists,
            revision=snapshot.revision,
            known_style=self.style,
            cut=self.cut,
        )

    def _retired(self) -> dict[CellId, Retired]:
        base = self.base
        result: dict[CellId, Retired] = {}
        for cell in self.snapshot.retiring:
            if cell in base.retired:
                result[cell] = base.retired[cell]
            else:
                position = self.positions[cell]
                data = base.raw[base.starts[position] : base.ends[position]]
                result[cell] = Retired(data, base.revisions[cell], base.outputs.get(cell, ()))
        return result

    # ---- cells

    def _cells(self) -> None:
        base = self.base
        if not self.snapshot.order:
            if not base.order:
                self.add(self.raw[base.open : base.close])
            return
        first, between, close = self._gaps()
        last = -1
        for number, (position, length, change) in enumerate(self._runs()):
            if position == last + 1 and position < len(base.order):
                gap = base.raw[base.ends[last] if position else base.open : base.starts[position]]
            else:
                gap = between if number else first
            self.add(gap)
            if change is None:
                self._run(position, length)
            else:
                self._single(position, change, pad_of(gap.decode().rpartition(",")[2]))
            last = position + length - 1
        self.add(close)

    def _runs(self) -> Iterator[tuple[int, int, ChangedCell | None]]:
        """Yields the cells in order, as (position in the old file, length, None) for a run of unchanged cells.

        A changed cell is yielded alone, with its change. The position of a cell that is not in the old file is -2.
        """
        changed, positions = self.snapshot.changed, self.positions
        start = length = 0
        for cell in self.snapshot.order:
            change = changed.get(cell)
            position = positions.get(cell, -2)
            if change is None and length and position == start + length:
                length += 1
                continue
            if length:
                yield start, length, None
                length = 0
            if change is None:
                start, length = position, 1
            else:
                yield position, 1, change
        if length:
            yield start, length, None

    def _run(self, position: int, length: int) -> None:
        base, end = self.base, position + length
        at = base.starts[position]
        shift = self.size - at
        self.starts += [place + shift for place in base.starts[position:end]]
        self.ends += [place + shift for place in base.ends[position:end]]
        self.add(self.raw[at : base.ends[end - 1]])

    def _single(self, position: int, change: ChangedCell, pad: str | None) -> None:
        """Writes a changed or new cell."""
        retired = self.base.retired.get(change.id)
        work = self._savable(change.work)
        self.starts.append(self.size)
        if position >= 0:
            self.add_text(changed_cell(self.base.text(position), work, pad, self.style))
        elif retired is None:
            style = replace(self.style, cell_pad=pad)
            self.add_text(new_cell(work, style, with_id=self.snapshot.with_ids))
        elif change.matches_retired:
            self.add(retired.data)
        else:
            self.add_text(changed_cell(retired.data.decode(), work, pad, self.style))
        self.ends.append(self.size)

    def _savable(self, work: CellWork) -> CellWork:
        """Returns the content without outputs that are nested too deeply for a file, and records that there were some."""
        outputs = tuple(output if isinstance(output, int) else without_deep_parts(output) for output in work.outputs)
        if all(map(operator.is_, outputs, work.outputs)):
            return work
        self.cut.append(CellId(work.id))
        return replace(work, outputs=outputs)

    def _gaps(self) -> tuple[bytes, bytes, bytes]:
        """Returns the text before the first cell, between two cells that were not adjacent, and after the last cell."""
        base, style = self.base, self.style
        if not base.order:
            if style.cell_pad is None:
                return b"", style.comma.encode(), b""
            before = style.newline + style.cell_pad
            return before.encode(), f",{before}".encode(), (style.newline + (style.indent or "")).encode()
        first = base.raw[base.open : base.starts[0]]
        close = base.raw[base.ends[-1] : base.close]
        if len(base.order) > 1:
            return first, base.raw[base.ends[0] : base.starts[1]], close
        return first, b"," + (first or style.comma[1:].encode()), close

    # ---- metadata

    def _metadata(self) -> bytes | None:
        """Returns the new text of the metadata, or None if it is unchanged."""
        old, new = self.base.metadata_values, self.snapshot.metadata
        # The document replaces mappings and values and never mutates them, so identity is sufficient.
        if old is new or (list(old) == list(new) and all(old[key] is new[key] for key in new)):
            return None
        span, pad = self.base.metadata, self.style.indent
        if span is None:
            return to_utf8("".join(self.style.encode(new, pad)))
        text = self.base.raw[span[0] : span[1]].decode()
        return to_utf8("".join(patch_object(text, container_at(text, 0), new, pad, self.style)))

    def _metadata_at(self, span: tuple[int, int], at: int, new: bytes | None) -> tuple[tuple[int, int], int]:
        self.add(self.raw[at : span[0]])
        start = self.size
        self.add(self.raw[span[0] : span[1]] if new is None else new)
        return (start, self.size), span[1]

    def _insert_metadata(self, metadata: bytes) -> tuple[int, int]:
        style = self.style
        before = "" if style.indent is None else style.newline + style.indent
        comma = style.comma if style.indent is None else ","
        self.add(to_utf8(f'{comma}{before}"metadata"{style.colon}'))
        start = self.size
        self.add(metadata)
        return start, self.size
