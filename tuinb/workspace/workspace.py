"""What one client shares between its open notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellData


@dataclass(slots=True)
class CellClipboard:
    """The cells last cut or copied; one for all open notebooks."""

    cells: tuple[CellData, ...] = ()
    """As they were then, with the ids that they had."""
