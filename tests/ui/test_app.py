"""The app as a whole: what it shows first, saving and leaving, and every size of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.execution.runs import RunState

if TYPE_CHECKING:
    from pathlib import Path


def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def overwrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def test_opens_with_its_cells_and_says_where_it_is(two: Path) -> None:
    async with running(two) as t:
        assert "[ ] 1 + 1" in t.text()
        assert "two.ipynb" in t.rows()[-1]
        assert "1/2" in t.rows()[-1]
        assert "COMMAND" in t.rows()[-1]
        await t.shows("idle")


async def test_saving_and_leaving_ask_where_they_should(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "end")
        await t.type("9")
        await t.press("escape", "ctrl+q")
        await t.shows("unsaved changes")
        await t.press("escape")
        assert "unsaved changes" not in t.text()
        await t.press("s")
        await t.shows("Saved two.ipynb")
        assert '"1 + 19"' in content(two)
        assert not t.session.modified
        await t.press("ctrl+q")
        await t.until(lambda: t.app.return_code == 0)


async def test_a_file_changed_on_disk_is_not_overwritten_unasked(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "end")
        await t.type("9")
        await t.press("escape")
        t.session._other_writers.stop()  # the save comes before the next look at the file
        other = content(two).replace("2 + 2", "somebody else")
        overwrite(two, other)
        await t.press("s")
        await t.shows("another program changed it")
        assert content(two) == other
        await t.press("4")
        await t.shows("Saved")
        assert "1 + 19" in content(two)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (10, 4), (300, 100)])
async def test_any_size_works(two: Path, size: tuple[int, int]) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}, size=size) as t:
        await t.press("ctrl+e")
        await t.until(lambda: t.session.run_of(t.cell(0)).state is RunState.OK)
        await t.press("question_mark", "q", ":", "escape", "enter", "ctrl+end", "a", "escape")
        assert t.sources()[0] == "1 + 1a"
