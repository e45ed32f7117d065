"""The editor over its cell: undo by cell, the edges of cells, and edits from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Paste

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.changes import ClientId, SetKind, SpliceSource, Step, Transaction
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path


async def test_typing_is_undone_in_the_cell_and_survives_leaving_it(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end")
        await t.type("abc")
        await t.press("escape", "j", "enter", "ctrl+end")
        await t.type("x")
        await t.press("escape", "k", "enter")
        await t.press("ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2x"]
        await t.press("ctrl+y")
        assert t.sources() == ["1 + 1abc", "2 + 2x"]


async def test_a_command_undoes_all_that_was_typed_before_it_undoes_the_insertion(two: Path) -> None:
    async with running(two, {"x = 1\ny": [k.result("out!")]}) as t:
        await t.press("b", "enter")
        t.app.post_message(Paste("x = 1\ny"))
        await t.until(lambda: t.sources()[1] == "x = 1\ny")
        await t.press("ctrl+e")
        await t.shows("out!")
        await t.press("u")
        assert t.sources() == ["1 + 1", "", "2 + 2"]
        await t.shows("Undo: typing.")
        assert t.app.pane.view_state.active == t.cell(1)
        assert "y" not in t.rows()[2]
        await t.press("u")
        assert t.sources() == ["1 + 1", "2 + 2"]
        await t.press("Z", "Z")
        assert t.sources() == ["1 + 1", "x = 1\ny", "2 + 2"]
        await t.shows("out!")


async def test_two_stays_in_a_cell_are_two_steps(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end")
        await t.type("abc")
        await t.press("escape", "enter")
        await t.type("def")
        await t.press("escape", "u")
        assert t.sources() == ["1 + 1abc", "2 + 2"]
        await t.press("u")
        assert t.sources() == ["1 + 1", "2 + 2"]
        assert not t.session.modified
        await t.press("u")
        await t.shows("Nothing to undo.")


async def test_undo_in_the_editor_and_in_command_mode_go_along_the_same_steps(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end")
        await t.type("abc\ndef")
        await t.press("ctrl+z")
        assert t.sources()[0] == "1 + 1abc\n"
        await t.press("escape", "Z")
        assert t.sources()[0] == "1 + 1abc\ndef"
        await t.press("u")
        assert t.sources()[0] == "1 + 1"
        await t.press("enter", "ctrl+y")
        assert t.sources()[0] == "1 + 1abc"
        await t.type("!")
        assert t.sources()[0] == "1 + 1abc!"
        assert "1 + 1abc!" in t.text()


async def test_what_was_undone_in_the_editor_is_reached_after_more_typing(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end")
        await t.type("lost")
        await t.press("ctrl+z")
        await t.type("x")
        await t.press("ctrl+z", "ctrl+z")
        assert t.sources()[0] == "1 + 1lost"
        await t.press("ctrl+z")
        assert t.sources()[0] == "1 + 1"
        assert not t.session.modified


async def test_undo_in_the_editor_goes_to_the_cell_where_text_was_typed_last(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "home")
        await t.type("abc")
        await t.press("escape", "j", "enter", "ctrl+z")
        assert t.sources() == ["1 + 1", "2 + 2"]
        assert t.app.pane.view_state.active == t.cell(0)
        assert t.app.pane.view_state.mode is Mode.EDIT
        await t.type("!")
        assert t.sources() == ["!1 + 1", "2 + 2"]


async def test_undo_puts_the_cursor_where_it_was(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "home", "right")
        await t.press("delete", "end", "ctrl+z")
        await t.type("?")
        assert t.sources()[0] == "1? + 1"
        await t.press("ctrl+z", "escape", "u", "enter")
        await t.type("!")
        assert t.sources()[0] == "1!+ 1"


async def test_new_cells_open_for_writing(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter")
        await t.type("x = 3\ny")
        assert t.sources() == ["1 + 1", "x = 3\ny", "2 + 2"]


async def test_up_and_down_go_on_to_the_next_cell(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "end", "down")
        await t.type("!")
        assert t.sources() == ["1 + 1", "2 + 2!"]
        await t.press("up", "home")
        await t.type("?")
        assert t.sources() == ["?1 + 1", "2 + 2!"]


async def test_resizing_while_editing_keeps_the_editor_in_place(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end")
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


async def test_a_split_leaves_the_upper_part_where_it_was(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "long.ipynb", "\n".join(f"line{i} = {i}" for i in range(12)), *["other"] * 20)
    async with running(path, size=(60, 20)) as t:
        await t.press("enter", *["down"] * 6)
        before = t.rows()
        await t.press("ctrl+backslash")
        shown = [row[8:20].rstrip() for row in t.rows()]
        assert shown[:7] == [row[8:20].rstrip() for row in before[:7]], "the upper part"
        assert "line6 = 6" in shown[7:9]
        assert t.sources()[1].startswith("line6")


async def test_redo_in_the_editor_splits_again(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "end", "ctrl+backslash", "ctrl+z")
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
