"""The bytes of a notebook file with the offset of every cell in them. The next file is made from them (see snapshot.py and
build.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tuinb import long_text
from tuinb.files.ipynb.style import style_of
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.ipynb.scan import NotebookScan
    from tuinb.files.ipynb.style import Style
    from tuinb.notebook.changes import CellId, Json

_SAMPLE = 20
"""Cells that are read to detect the style of the file."""
_LARGE = 100_000
"""Larger cells, in bytes, are not read to detect the style."""

OutputIdentity: TypeAlias = tuple[object, ...]
"""Identifies each output in a cell's text: the loaded dict, or (Output, revision)."""


class SourceMap(Record):
    """Byte offset of every cell in the file. Immutable."""

    raw: bytes = b""
    bom: bytes = b""
    open: int = 0
    """Just after the `[` of the cells. 0 if there is no usable text; then the whole file is written anew."""
    close: int = 0
    """Offset of the `]` of the cells."""
    metadata: tuple[int, int] | None = None
    metadata_values: Mapping[str, Json] = field(default_factory=dict)
    order: Sequence[CellId] = ()
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    revisions: Mapping[CellId, int] = field(default_factory=dict)
    """Cell.revision at which each cell equals its text."""
    outputs: Mapping[CellId, OutputIdentity] = field(default_factory=dict)
    retired: Mapping[CellId, Retired] = field(default_factory=dict)
    lists: bool = True
    """Whether multiline texts are lists of lines."""
    revision: int = 0
    """Notebook.revision at which the notebook equals `raw`."""
    known_style: Style | None = None
    """Cached result of `style`."""
    cut: Sequence[CellId] = ()
    """Cells of which the last save left out a part of an output that was nested too deeply."""

    def text(self, position: int) -> str:
        """Returns the text of the cell at a position."""
        return long_text.decode(self.raw, self.starts[position], self.ends[position])

    def style(self) -> Style:
        if self.known_style is not None:
            return self.known_style

        spans = list(zip(self.starts[:_SAMPLE], self.ends, strict=False))
        samples = [self.raw[start:end].decode() for start, end in spans if end - start < _LARGE]
        return style_of(self.raw, samples, lists=self.lists)


def source_map_of(scan: NotebookScan, *, lists: bool, metadata: Mapping[str, Json]) -> SourceMap:
    """Returns the source map of a scan of bytes. The caller adds the cell ids, revisions and outputs."""
    return SourceMap(
        raw=scan.raw or b"",
        open=scan.cells_open,
        close=scan.cells_close,
        metadata=scan.spans.get("metadata"),
        metadata_values=metadata,
        starts=scan.starts,
        ends=scan.ends,
        lists=lists,
    )


class Retired(Record):
    """Text of a deleted cell, kept in case undo restores the cell."""

    data: bytes
    revision: int
    outputs: OutputIdentity
