"""The page: the code cells of a notebook, and what stands for code that is none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Page: TypeAlias = Sequence[tuple[CellId, str]]
    """The code cells from top to bottom, with their sources."""

OUTSIDE: Final = CellId("")
"""Stands for code that was run, and is no cell of the notebook."""
