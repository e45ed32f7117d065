"""The dialog of conflicts: both sides beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.commands.host import ConflictPage, ConflictRow
from tuinb.notebook.conflicts import Side

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import Path

ALL = [Side.OURS, Side.THEIRS, Side.BOTH, Side.MARKED]


def page(title: str, *rows: ConflictRow, sides: Sequence[Side] = ALL) -> ConflictPage:
    return ConflictPage(title, rows, sides)


SHORT = page("cell 1: its source", ConflictRow("import a", "import a", False), ConflictRow("x = 1", "x = 200", True))
OTHER = page("cell 2: its type", ConflictRow("code", None, True), sides=ALL[:2])
LONG = page("cell 3: its source", *(ConflictRow(f"line {n}", f"line {n}", n == 70) for n in range(90)))
NAMES = ("ours: here", "theirs: on disk")


async def asked(t: Driver, *pages: ConflictPage) -> asyncio.Task[Sequence[Side] | None]:
    import asyncio

    with t.app.in_context():
        task = asyncio.create_task(t.app.dialogs.resolve(NAMES, pages))
    await t.shows("Conflict 1 of")
    await t.until(lambda: t.app.dialogs.top is not None and t.app.dialogs.top.size.width == t.app.size.width)
    await t.pilot.pause()
    return task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "a")


@pytest.mark.parametrize("columns", [80, 120])
async def test_the_sides_are_beside_each_other(path: Path, columns: int) -> None:
    async with running(path, size=(columns, 24)) as t:
        task = await asked(t, SHORT, OTHER)
        half = (columns - 5) // 2 + 2
        await t.until(lambda: t.rows()[2].startswith(" import a"))
        rows = t.rows()
        assert rows[0] == " Conflict 1 of 2: cell 1: its source  [ours]"
        assert rows[1] == " ours: here".ljust(half) + "│ theirs: on disk"
        assert rows[2] == " import a".ljust(half) + "│ import a"
        assert rows[3] == " x = 1".ljust(half) + "┃ x = 200"
        assert "o ours  t theirs  b both  e edit  Enter ours  Esc leaves all as it is" in t.text()
        assert "CONFLICT" in t.text()
        await t.press("t")
        assert "Conflict 2 of 2: cell 2: its type  [ours]" in t.text()
        await t.press("b", "e", "x")  # this page has no such sides
        await t.press("p")
        assert "Conflict 1 of 2: cell 1: its source  [theirs]" in t.text()
        await t.press("enter", "enter")
        assert await task == (Side.THEIRS, Side.OURS)


async def test_both_and_edit_and_leaving(path: Path) -> None:
    async with running(path) as t:
        task = await asked(t, SHORT, SHORT)
        await t.press("b", "e")
        assert await task == (Side.BOTH, Side.MARKED)
        task = await asked(t, SHORT, SHORT)
        await t.press("t", "escape")
        assert await task is None


async def test_a_long_page_begins_at_its_first_difference_and_scrolls(path: Path) -> None:
    async with running(path) as t:
        task = await asked(t, LONG)
        assert t.rows()[2].split() == ["line", "68", "│", "line", "68"]
        assert t.rows()[4].split() == ["line", "70", "┃", "line", "70"]
        await t.press("k", "down", "k")
        assert t.rows()[2].split()[1] == "67"
        await t.press("pageup", "pageup", "pageup", "pageup", "pageup")
        assert t.rows()[2].split()[1] == "0"
        await t.press("space")
        assert t.rows()[2].split()[1] == "20"
        t.app.dialogs.top.on_mouse_scroll_down()  # type: ignore[union-attr]
        t.app.dialogs.top.on_mouse_scroll_down()  # type: ignore[union-attr]
        t.app.dialogs.top.on_mouse_scroll_up()  # type: ignore[union-attr]
        await t.pilot.pause()
        assert t.rows()[2].split()[1] == "23"
        await t.press("o")
        assert await task == (Side.OURS,)


async def test_a_line_that_is_too_long_goes_on_below(path: Path) -> None:
    async with running(path) as t:
        task = await asked(t, page("cell 1: its source", ConflictRow("0123456789" * 6, "短" * 20, True)))
        assert t.rows()[2] == " " + ("0123456789" * 6)[:37] + " ┃ " + "短" * 18
        assert t.rows()[3] == " " + ("0123456789" * 6)[37:].ljust(37) + " ┃ " + "短" * 2
        await t.press("q")
        assert await task is None
