"""Folded sections and hidden sources on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.view.scene import Scene
from tuinb.kernel.connection import scripted as k
from tuinb.ui.view.viewport import Row

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver


async def sectioned(t: Driver, *headings: int) -> None:
    """Makes headings of the cells with these indices, and activates the first cell."""
    for index in headings:
        await t.press("g", "g", *["j"] * index, "1")
    await t.press("g", "g")


@pytest.fixture
def five(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "n.ipynb", "zero", "One", "two", "fail", "Four", "five")


async def test_a_folded_section_takes_no_row_and_says_what_it_hides(five: Path) -> None:
    async with running(five, {"fail": [k.error()]}) as t:
        await sectioned(t, 1, 4)
        await t.press("j", "j", "j", "ctrl+e")
        await t.shows("ValueError")
        await t.press("left", "left")
        assert "two" not in t.text()
        assert "ValueError" not in t.text()
        assert "▸ 2 cells, 1 failed" in t.text()
        await t.press("j")
        assert t.app.pane.view_state.active == t.cell(4)
        await t.press("k", "right")
        assert "two" in t.text()
        assert "▸" not in t.text()


async def test_what_leads_into_a_fold_opens_it_on_this_screen_alone(five: Path) -> None:
    async with running(five) as t:
        await sectioned(t, 1, 4)
        await t.press("j", "left")
        assert "two" not in t.text()
        t.app.execute("3")
        await t.until(lambda: "two" in t.text())
        heading = t.session.notebook[t.cell(1)]
        assert heading.metadata["heading_collapsed"] is True
        await t.press("g", "g", "j", "left", "slash")
        await t.type("fail")
        await t.press("enter")
        await t.until(lambda: t.app.pane.view_state.active == t.cell(3))
        assert "two" in t.text()


async def test_the_cursor_leaves_a_cell_over_a_fold(five: Path) -> None:
    async with running(five) as t:
        await sectioned(t, 1)
        await t.press("j", "left", "k", "enter", "down")
        assert t.app.pane.view_state.active == t.cell(1)
        await t.press("pagedown", "pagedown")
        assert "two" not in t.text()


async def test_folds_of_another_screen_are_followed(five: Path) -> None:
    async with running(five) as t:
        await sectioned(t, 4)
        await t.press("G")
        await t.press("left", "left", "g", "g")
        await t.until(lambda: "five" not in t.text())
        await t.press("j", "j", "j", "j", "right", "G", "d", "d")
        assert "▸" not in t.text()


async def test_a_hidden_source_is_one_row_until_it_is_edited(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "one\ntwo\nthree", "single")
    async with running(path) as t:
        await t.press("H", "j", "H")
        assert "two" not in t.text()
        assert "3 lines are hidden: Shift+H shows them" in t.text()
        assert "a line is hidden: Shift+H shows it" in t.text()
        await t.press("k", "enter")
        assert "two" in t.text()
        await t.press("escape", "H")
        assert "two" in t.text()


async def test_a_match_in_a_hidden_source_is_gone_to(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "one\nneedle", "other")) as t:
        await t.press("H", "j", "slash")
        await t.type("needle")
        await t.press("enter")
        await t.until(lambda: t.app.pane.view_state.active == t.cell(0))
        await t.press("enter")
        assert t.app.pane.editor.widget.place == (1, 0)


def test_hidden_cells_have_no_rows() -> None:
    scene = Scene([2, 0, 0, 3, 0, 0], 4)
    assert scene.rows() == "a0 a1 d0 d1"
    scene.layout.scroll(1)
    assert scene.rows() == "a1 d0 d1 d2"
    scene.layout.scroll(5)
    assert scene.rows() == "a1 d0 d1 d2"
    scene.layout.scroll(-5)
    assert scene.rows() == "a0 a1 d0 d1"
    assert scene.layout.thumb() is not None
    scene.layout.resize(5)
    assert scene.rows() == "a0 a1 d0 d1 d2"
    assert scene.layout.thumb() is None
    assert scene.layout._down(Row(scene.notebook.order[3], 2), 4) == Row(scene.notebook.order[3], 2)
