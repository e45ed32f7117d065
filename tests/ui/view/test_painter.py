"""Rows of cells as they are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.margin import MARGIN
from tuinb.ui.view.painter import RAIL

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_line_that_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "long.ipynb", "x = [" + "1, " * 50 + "]", "y" * 31, "z" * 32)
    async with running(path, size=(40, 12), config=Config(soft_wrap=False)) as t:
        rows = t.rows()
        assert rows[1][38] == "…"
        assert rows[3].endswith("y" * 31)
        assert rows[5].endswith("z" * 30 + "…")


async def test_code_without_a_background_of_its_own_has_a_mark(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "mark.ipynb", "print(1)\n2")
    async with running(path, {"print(1)\n2": [k.stream("printed\n")]}, theme="ansi") as t:
        await t.press("ctrl+e")
        await t.shows("printed")
        rows = [row[7:].rstrip() for row in t.rows()]
        assert rows[1:3] == ["│print(1)", "│2"]
        assert "▏printed" in rows
    async with running(path, theme="dark") as t:
        assert "│" not in t.text()


async def test_a_mark_in_colour_stands_beside_outputs(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "rail.ipynb", "fails()", "2")
    outputs = [k.stream("printed\n"), k.error("Failure", "why", ["Failure: why"])]
    async with running(path, {"fails()": outputs}) as t:
        await t.press("ctrl+e")
        await t.shows("Failure: why")
        found = {}
        for strip in t.strips():
            segments = [*strip]
            text = "".join(segment.text for segment in segments)[MARGIN:].rstrip(" ▐")
            found[text] = [segment.style.color for segment in segments if segment.text == RAIL and segment.style]
        assert found["printed"] == [t.app.role("rule").color]
        assert found["Failure: why"] == [t.app.role("error").color]
        assert found["fails()"] == found["2"] == []
