"""State that one client shares between its open notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellData


class CellClipboard(Record, frozen=False):
    """The cells that were last cut or copied. All open notebooks share it."""

    cells: tuple[CellData, ...] = ()
    """Snapshots with the original ids. Pasting gives them new ids."""
