"""Text selected with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import running
from tests.ui.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path


async def test_text_is_selected_across_cells_and_copied_without_the_margin(two: Path) -> None:
    async with running(two) as t:
        rows = t.rows()
        first = next(i for i, r in enumerate(rows) if "1 + 1" in r)
        last = next(i for i, r in enumerate(rows) if "2 + 2" in r)
        await t.pilot.mouse_down(offset=(10, first))
        await t.pilot.hover(offset=(11, last))
        await t.pilot.mouse_up(offset=(11, last))
        await t.shows("Copied")
        assert t.app.system.clipboard == "+ 1\n\n2 +"


async def test_the_rule_behind_a_heading_is_not_copied(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "h.ipynb", "# Title\n\ntext")) as t:
        await t.shows("Title ──")
        await t.pilot.mouse_down(offset=(8, 1))
        await t.pilot.hover(offset=(12, 3))
        await t.pilot.mouse_up(offset=(12, 3))
        await t.shows("Copied")
        assert t.app.system.clipboard == "Title\n\ntext"
