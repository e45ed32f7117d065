"""The view of a notebook of very many cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import running
from tuinb.files import ipynb
from tuinb.notebook.changes import CellData, CellId, ClientId, InsertCell, Transaction

if TYPE_CHECKING:
    from pathlib import Path


async def test_paging_through_more_cells_than_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "many.ipynb"
    loaded = ipynb.new(path)
    cells = [CellData(CellId(f"c{number}"), "code", f"number {number}", {"metadata": {}}) for number in range(1000)]
    loaded.notebook.apply(Transaction(tuple(InsertCell(cell, None) for cell in reversed(cells)), ClientId("t")))
    loaded.file.save_now(loaded.notebook)
    async with running(path) as screen:
        await screen.press(*["pagedown"] * 60)
        assert "number 630" in screen.text()
        await screen.press("G")
        await screen.shows("number 999")
        await screen.press("g", "g")
        await screen.shows("number 0")
