"""Another program writes the file of a notebook on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "a = 1", "b = 2\nc = 3", "d = 4")


async def test_the_cursor_stays_in_the_cell_that_is_edited(path: Path) -> None:
    async with running(path) as t:
        await t.press("j", "enter", "ctrl+end")
        cell, cursor = t.cell(1), t.app.pane.editor.widget.place
        t.app.pane.view_state.unfolded.add(cell)
        write_notebook(path, "a = 100", "new = 0\nb = 2\nc = 3")
        await t.shows("Reloaded: 3 cells changed on disk")
        state = t.app.pane.view_state
        assert t.sources() == ["a = 100", "new = 0\nb = 2\nc = 3"]
        assert (state.mode, state.active, state.unfolded) == (Mode.EDIT, cell, {cell})
        assert t.app.pane.editor.widget.place == (cursor[0] + 1, cursor[1])
        assert "[+]" not in t.text()
        await t.type("9")
        assert t.sources()[1] == "new = 0\nb = 2\nc = 39"


async def test_conflicts_wait_for_the_user(path: Path) -> None:
    async with running(path) as t:
        await t.press("enter", "home")
        await t.type("x")
        write_notebook(path, "a = 100", "b = 2\nc = 3", "d = 4")
        await t.shows("1 conflict with unsaved changes")
        assert t.sources()[0] == "xa = 1"
        await t.press("escape", ":")
        await t.type("resolve\n")
        await t.shows("Conflict 1 of 1: cell 1: its source")
        await t.press("t")
        await t.until(lambda: t.sources()[0] == "a = 100" and not t.session.modified)
        await t.press("z")
        assert t.sources()[0] == "xa = 1"


async def test_the_start_names_the_conflicts_of_a_merge(path: Path) -> None:
    write_notebook(path, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x")
    async with running(path) as t:
        await t.shows("A merge left 1 conflict in this notebook: :resolve shows them.")
