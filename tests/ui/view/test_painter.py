"""Rows of cells as they are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_line_that_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "long.ipynb", "x = [" + "1, " * 50 + "]", "y" * 31, "z" * 32)
    async with running(path, size=(40, 12)) as t:
        rows = t.rows()
        assert rows[1][38] == "…"
        assert rows[3].endswith("y" * 31)
        assert rows[5].endswith("z" * 30 + "…")
