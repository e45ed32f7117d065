"""The list of contents beside the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.ui.dialogs.contents import Contents

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def headed(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "n.ipynb", "# Alpha", "x", "# Beta", "y", "# Gamma", "z")


async def test_the_notebook_follows_and_letters_find(headed: Path) -> None:
    async with running(headed, size=(100, 24)) as t:
        for index in (0, 2, 4):
            await t.press("g", "g", *["j"] * index, "m")
        await t.press("g", "g", "g", "o")
        await t.shows("3 headings")
        assert "CONTENTS" in t.rows()[-1]
        state = t.app.pane.view_state
        await t.press("down")
        assert state.active == t.cell(2)
        await t.press("left")
        await t.shows("▸ Beta")
        assert "y" not in [row.strip("▌ []") for row in t.rows()]
        await t.press("right", "g", "a", "m", "x", "backspace")
        await t.shows("/gam▏")
        assert state.active == t.cell(4)
        await t.press("home", "up", "end", "tab", "enter")
        assert state.active == t.cell(4)
        assert "COMMAND" in t.rows()[-1]


@pytest.mark.parametrize("keys", [["escape"], ["z", "z", "enter"]])
async def test_one_goes_back_to_where_one_was(headed: Path, keys: list[str]) -> None:
    async with running(headed, size=(40, 12)) as t:
        for index in (0, 2):
            await t.press("g", "g", *["j"] * index, "m")
        await t.press("k", "g", "o")
        await t.shows("2 headings")
        await t.press("down", *keys)
        await t.until(lambda: "COMMAND" in t.rows()[-1])
        assert t.app.pane.view_state.active == t.cell(1)


async def test_the_mouse_chooses_a_heading(headed: Path) -> None:
    async with running(headed, size=(100, 24)) as t:
        for index in (0, 2, 4):
            await t.press("g", "g", *["j"] * index, "m")
        await t.press("g", "g", "g", "o")
        await t.shows("3 headings")
        contents = t.app.screen.query_one(Contents)
        contents.on_mouse_scroll_down()
        await t.until(lambda: t.app.pane.view_state.active == t.cell(4))
        contents.on_mouse_scroll_up()
        await t.until(lambda: t.app.pane.view_state.active == t.cell(0))
        await t.pilot.click(contents, offset=(5, 9))  # below the last heading
        assert "CONTENTS" in t.rows()[-1]
        await t.pilot.click(contents, offset=(5, 2))
        await t.until(lambda: "COMMAND" in t.rows()[-1])
        assert t.app.pane.view_state.active == t.cell(2)
