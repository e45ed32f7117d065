"""The editor over its cell: undo by cell, the edges of cells, and edits from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.notebook.changes import ClientId, SetKind, SpliceSource, Step, Transaction
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path


async def test_typing_is_undone_in_the_cell_and_survives_leaving_it(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter")
        await t.type("abc")
        await t.press("escape", "j", "enter")
        await t.type("x")
        await t.press("escape", "k", "enter")
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2x"]
        await t.press("ctrl+y")
        assert t.sources() == ["1 + 1abc", "2 + 2x"]


async def test_new_cells_open_for_writing(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter")
        await t.type("x = 3\ny")
        assert t.sources() == ["1 + 1", "x = 3\ny", "2 + 2"]


async def test_up_and_down_go_on_to_the_next_cell(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "down")
        await t.type("!")
        assert t.sources() == ["1 + 1", "2 + 2!"]
        await t.press("up", "home")
        await t.type("?")
        assert t.sources() == ["?1 + 1", "2 + 2!"]


async def test_resizing_while_editing_keeps_the_editor_in_place(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter")
        await t.pilot.resize_terminal(40, 10)
        await t.pilot.pause()
        await t.type("z")
        assert "1 + 1z" in t.text()
        assert "COMMAND" not in t.rows()[-1]


async def test_an_edit_from_elsewhere_reaches_the_open_editor(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "end")
        change = SpliceSource(t.cell(0), 0, "1", "100")
        t.session.apply(Transaction((change,), ClientId("other"), Step.TYPING))
        await t.pilot.pause()
        await t.type("!")
        assert t.sources()[0] == "100 + 1!"
        assert "100 + 1!" in t.text()


async def test_undo_in_the_editor_undoes_a_split_as_a_whole(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter")
        await t.type("ab")
        await t.press("left", "ctrl+backslash")
        assert t.sources() == ["1 + 1", "a", "b", "2 + 2"]
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "ab", "2 + 2"]
        assert t.app.pane.view_state.mode is Mode.EDIT
        await t.type("!")
        assert t.sources() == ["1 + 1", "a!b", "2 + 2"]
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "ab", "2 + 2"]


async def test_redo_in_the_editor_splits_again(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+backslash", "ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2"]
        await t.press("ctrl+y")
        assert t.sources() == ["1 + 1", "", "2 + 2"]


async def test_undo_in_the_editor_closes_a_cell_that_it_removes(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter", "ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2"]
        assert t.app.pane.view_state.mode is Mode.COMMAND


async def test_wrapped_prose_is_whole_when_the_editor_opens_first(tmp_path: Path) -> None:
    words = " ".join(f"word{i}" for i in range(40))
    path = write_notebook(tmp_path / "prose.ipynb", f"%%markdown\n{words}", "below")
    async with running(path, size=(50, 30)) as t:
        t.session.apply(Transaction((SetKind(t.cell(0), "markdown"),), ClientId("other")))
        await t.press("enter")
        await t.shows("word39")
        shown = t.text()
        assert shown.index("word39") < shown.index("below")
        assert all(f"word{i}" in shown for i in range(40))
        await t.pilot.resize_terminal(30, 30)
        await t.shows("word39")
        assert t.text().index("word39") < t.text().index("below")
