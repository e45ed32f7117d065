"""State that one client shares between its open notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.kill_ring import KillRing
from tuinb.record import Record, field

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellData
    from tuinb.workspace.cell_file import CellFile


class CellClipboard(Record, frozen=False):
    """The cells that were last cut or copied, and the texts. All open notebooks share it."""

    cells: tuple[CellData, ...] = ()
    """Snapshots with the original ids. Pasting gives them new ids."""
    kills: KillRing = field(default_factory=KillRing)
    """Texts that were cut from cells."""
    file: CellFile | None = None
    """What shares them with other programs. None if nothing does."""

    def newest(self) -> tuple[CellData, ...]:
        """Returns the cells that this or another program cut or copied last."""
        found = self.file.read_new() if self.file is not None else None
        if found is not None:
            self.cells = found
        return self.cells
