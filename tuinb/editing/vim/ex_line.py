"""An ex command as it was written: what the functions of ex commands get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.editing.vim.state import Failed

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


@dataclass(slots=True)
class Line:
    """A parsed line."""

    rows: tuple[int, int] | None
    """First and last row of the range, or None without one."""
    name: str
    force: bool
    argument: str
    given: int = 0
    """How many addresses the range has."""

    def range(self, vim: Vim) -> range:
        """Returns the rows; without a range, that of the cursor."""
        first, last = self.rows or (vim.cursor.row, vim.cursor.row)
        if first < 0 or last > vim.last_row:
            raise Failed("The range is not in this cell.")
        return range(first, last + 1)
