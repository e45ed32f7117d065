"""A viewport over boxes that have heights only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.ui.view.viewport import Viewport
from tuinb.workspace.view_state import ViewState

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Box:
    height: int


class Scene:
    """Cells named a, b, c … with the heights given, on a screen of some rows."""

    def __init__(self, heights: Sequence[int], screen: int) -> None:
        names = [CellId(chr(ord("a") + i)) for i in range(len(heights))]
        self.notebook = Notebook([CellData(name, "code", "") for name in names])
        self.boxes = {name: Box(height) for name, height in zip(names, heights, strict=True)}
        self.view = ViewState(active=names[0] if names else None)
        self.layout = Viewport(self.notebook, self.view, self.boxes.__getitem__)
        self.layout.resize(screen)

    def rows(self) -> str:
        """The rows on the screen: `a1 b0` is the second row of a and the first of b."""
        return " ".join(f"{row.cell}{row.row}" for row in self.layout.rows())
