"""The tab line: which tabs it shows with which signs, and where a click goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.geometry import Size

from tests.commands.conftest import FakeTabs
from tests.ui.harness import running
from tuinb.commands.host import Tab
from tuinb.ui.tab_line import TabLine

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult


class Lone(App[None]):
    """An app with a tab line alone."""

    def __init__(self, line: TabLine) -> None:
        super().__init__()
        self.line = line

    def compose(self) -> ComposeResult:
        yield self.line


async def shown(two: Path, tabs: FakeTabs, columns: int = 80, click: int | None = None) -> str:
    async with running(two) as t:
        line = TabLine(t.app.role, tabs)
    app = Lone(line)
    async with app.run_test(size=(columns, 5)) as pilot:
        line.show(False, False, False)
        await pilot.pause()
        if click is not None:
            await pilot.click(TabLine, offset=(click, 0))
        if not line.display:
            return ""
        assert line.size == Size(columns, 1)
        strip = line.render_line(0)
        assert strip.cell_length == columns
        return strip.text.rstrip()


async def test_one_notebook_has_no_line(two: Path) -> None:
    assert await shown(two, FakeTabs("a")) == ""


async def test_tabs_have_numbers_names_and_signs(two: Path) -> None:
    tabs = FakeTabs("a", "b", "c", "d\x1b[31m")
    tabs.entries[1:3] = [Tab("b", modified=True, busy=True), Tab("c", busy=True, waits=True)]
    assert await shown(two, tabs) == " 1 a  2 b [+] ⟳  3 c ?  4 d␛[31m"


@pytest.mark.parametrize(
    ("at", "row"),
    [
        (0, " 1 a long no…  2 a long no…  3 a long n>"),
        (2, "< 2 a long no…  3 a long no…"),
    ],
)
async def test_tabs_that_do_not_fit_are_cut_around_the_one_that_is_shown(two: Path, at: int, row: str) -> None:
    tabs = FakeTabs(*["a long notebook's name"] * 3, at=at)
    line = await shown(two, tabs, columns=40)
    assert line.startswith(row[:12])
    assert f" {at + 1} a long" in line


@pytest.mark.parametrize(("x", "to"), [(1, []), (7, [("go", 1)]), (11, [("go", 2)]), (40, [])])
async def test_a_click_goes_to_a_tab(two: Path, x: int, to: list[object]) -> None:
    tabs = FakeTabs("a", "b", "c")
    await shown(two, tabs, click=x)
    assert tabs.log == to
