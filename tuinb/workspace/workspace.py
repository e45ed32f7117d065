"""State that one client shares between its open notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellData


@dataclass(slots=True)
class CellClipboard:
    """The cells that were last cut or copied. All open notebooks share it."""

    cells: tuple[CellData, ...] = ()
    """Snapshots with the original ids. Pasting gives them new ids."""
