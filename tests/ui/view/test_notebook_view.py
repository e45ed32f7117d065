"""The view of a notebook: very many cells, none, the mouse, and paints between changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.analysis.problems import Problem
from tuinb.files import load
from tuinb.notebook.changes import CellData, CellId, ClientId, InsertCell, OutputData, SetOutputs, Step, Transaction
from tuinb.ui.view import notebook_view
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_paging_through_more_cells_than_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "many.ipynb"
    loaded = load.new(path)
    cells = [CellData(CellId(f"c{number}"), "code", f"number {number}", {"metadata": {}}) for number in range(1000)]
    loaded.notebook.apply(Transaction(tuple(InsertCell(cell, None) for cell in reversed(cells)), ClientId("t")))
    loaded.file.save_now(loaded.notebook)
    async with running(path) as screen:
        await screen.press(*["pagedown"] * 60)
        assert "number 630" in screen.text()
        await screen.press("G")
        await screen.shows("number 999")
        await screen.press("g", "g")
        await screen.shows("number 0")


async def test_what_takes_much_is_not_kept_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_view, "_LEAST_BOXES", 30)
    monkeypatch.setattr(notebook_view, "_MOST_MEMORY", 20_000)
    path = tmp_path / "tables.ipynb"
    loaded = load.new(path)
    for number in reversed(range(120)):
        data = {"text/html": f"<b>bold {number}</b>" + " " * 80}
        output = OutputData({"output_type": "display_data", "data": data, "metadata": {}})
        cell = CellData(CellId(f"c{number}"), "code", "x", {"metadata": {}}, (output,) if number % 2 else ())
        loaded.notebook.apply(Transaction((InsertCell(cell, None),), ClientId("t")))
    loaded.file.save_now(loaded.notebook)
    async with running(path) as screen:
        boxes = screen.app.pane.view._boxes
        for _ in range(15):
            await screen.press("pagedown")
            assert len(boxes) <= 30
            assert sum(box.memory for box in boxes.values()) < 60_000
        await screen.press("g", "g")
        await screen.shows("bold 1")


async def test_a_paint_between_a_change_and_its_layout(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    loaded = load.new(path)
    output = OutputData({"output_type": "stream", "name": "stdout", "text": "a line\n" * 8})
    cell = CellData(CellId("c"), "code", "x", {"metadata": {}}, (output,))
    loaded.notebook.apply(Transaction((InsertCell(cell, None),), ClientId("t")))
    loaded.file.save_now(loaded.notebook)
    async with running(path) as screen:
        await screen.shows("a line")
        screen.session.apply(Transaction((SetOutputs(screen.cell(0)),), ClientId("t"), Step.OUTPUT))
        view = screen.app.pane.view
        assert "a line" not in "".join(strip.text for strip in view.render_lines(view.size.region))
        await screen.until(lambda: "a line" not in screen.text())


async def test_the_mouse_selects_sets_the_cursor_and_scrolls(two: Path) -> None:
    async with running(two) as t:
        row = next(i for i, r in enumerate(t.rows()) if "2 + 2" in r)
        await t.pilot.click(offset=(3, row))
        assert t.app.pane.view_state.active == t.cell(1)
        assert t.app.pane.view_state.mode is Mode.COMMAND
        await t.pilot.click(offset=(10, row))
        await t.type("X")
        assert t.sources()[1] == "2 X+ 2"


async def test_the_scrollbar_is_dragged(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", *(f"cell {n}" for n in range(100))), size=(60, 21)) as t:
        view = t.app.pane.view
        await t.pilot.mouse_down(view, offset=(59, 0))
        await t.pilot.hover(view, offset=(59, 10))
        await t.until(lambda: "cell 0" not in t.text() and "cell 50" in t.text())
        await t.pilot.hover(view, offset=(20, 19))
        await t.until(lambda: "cell 99" in t.text())
        await t.pilot.hover(view, offset=(20, 0))
        await t.until(lambda: "cell 0" in t.text())
        await t.pilot.mouse_up(view, offset=(20, 0))
        await t.pilot.hover(view, offset=(59, 10))
        assert "cell 0" in t.text()
        assert not view.selection.active
        await t.pilot.click(view, offset=(59, 10))
        await t.until(lambda: "cell 50" in t.text())
        assert t.app.pane.view_state.active == t.cell(0)


async def test_an_empty_notebook_says_how_to_begin(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "empty.ipynb")
    async with running(path) as t:
        assert "This notebook has no cells" in t.text()
        await t.press("enter")
        await t.type("x")
        assert t.sources() == ["x"]


async def test_rows_under_the_editor_stay_as_one_types(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "a\n" * 30), size=(60, 20)) as t:
        await t.press("enter", "down", "x")
        view = t.app.pane.view
        before = view.render_lines(view.size.region)
        await t.press("x", "enter")
        after = view.render_lines(view.size.region)
        assert len(before) == 19
        assert [old is new for old, new in zip(before, after, strict=True)] == [True] * 19


async def test_marks_under_the_editor_stand_where_its_rows_are(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "a = 1\nb = 2"), size=(60, 20)) as t:
        t.app.pane.view_state.problems[t.cell(0)] = (Problem(1, 0, "wrong", is_error=True),)
        await t.press("enter", "ctrl+home", "end")
        assert ["◆" in row for row in t.rows()[1:5]] == [False, True, False, False]
        await t.type(" + 1" * 20)
        assert ["◆" in row for row in t.rows()[1:5]] == [False, False, True, False]
        box = t.app.pane.view.box(t.cell(0))
        assert (box._rows, box.line_at(9)) == (None, None)  # they were not wrapped again
