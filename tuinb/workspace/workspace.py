"""State that one client shares between its open notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.kill_ring import KillRing
from tuinb.record import Record, field

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellData


class CellClipboard(Record, frozen=False):
    """The cells that were last cut or copied, and the texts. All open notebooks share it."""

    cells: tuple[CellData, ...] = ()
    """Snapshots with the original ids. Pasting gives them new ids."""
    kills: KillRing = field(default_factory=KillRing)
    """Texts that were cut from cells."""
