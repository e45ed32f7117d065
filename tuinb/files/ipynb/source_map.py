"""A file's bytes with the place of every cell in them, from which the next file is made (see snapshot.py and build.py).

A `Layout` never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.files.ipynb.style import style_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.files.ipynb.scan import NotebookScan
    from tuinb.files.ipynb.style import Style
    from tuinb.notebook.changes import CellId, Json

_SAMPLE = 20
"""Cells that are looked at to learn the style of the others."""
_LARGE = 100_000
"""Bytes from which on a cell is too costly to be looked at for that."""

Meant: TypeAlias = tuple[object, ...]
"""What each output in the text of a cell was: the dict that was loaded, or (Output, revision)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in `raw`. Offsets are bytes."""

    raw: bytes = b""
    bom: bytes = b""
    open: int = 0
    """Just after the `[` of the cells; 0 where there is no text to start from, so that all is written anew."""
    close: int = 0
    """The `]` of the cells."""
    metadata: tuple[int, int] | None = None
    metadata_values: Mapping[str, Json] = field(default_factory=dict)
    order: Sequence[CellId] = ()
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    revisions: Mapping[CellId, int] = field(default_factory=dict)
    """Cell.revision when the cell's text was what the cell said."""
    outputs: Mapping[CellId, Meant] = field(default_factory=dict)
    retired: Mapping[CellId, Retired] = field(default_factory=dict)
    lists: bool = True
    """Whether texts of several lines are lists of lines."""
    revision: int = 0
    """Notebook.revision when `raw` was what the notebook said."""
    known_style: Style | None = None
    """What `style` gives, once somebody asked."""

    def text(self, position: int) -> str:
        """The text of the cell at a position."""
        return self.raw[self.starts[position] : self.ends[position]].decode()

    def style(self) -> Style:
        if self.known_style is not None:
            return self.known_style

        spans = list(zip(self.starts[:_SAMPLE], self.ends, strict=False))
        samples = [self.raw[start:end].decode() for start, end in spans if end - start < _LARGE]
        return style_of(self.raw, samples, lists=self.lists)


def layout_of(scan: NotebookScan, *, lists: bool, metadata: Mapping[str, Json]) -> Layout:
    """The layout, yet without what its cells stand for, of a text that was scanned as bytes."""
    return Layout(
        raw=scan.raw or b"",
        open=scan.cells_open,
        close=scan.cells_close,
        metadata=scan.spans.get("metadata"),
        metadata_values=metadata,
        starts=scan.starts,
        ends=scan.ends,
        lists=lists,
    )


@dataclass(frozen=True, slots=True)
class Retired:
    """The text of a deleted cell, for when undo brings it back."""

    data: bytes
    revision: int
    outputs: Meant
