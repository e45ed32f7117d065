"""Marks of problems while code is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.analysis.problems import Problem
from tuinb.config import Config
from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_text_of_a_problem_takes_the_room_that_there_is(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "x = 1")
    async with running(path, config=Config(lint=False), size=(72, 20)) as it:
        await it.press("enter")
        it.app.pane.view_state.problems = {it.cell(0): (Problem(0, 0, "a long text of a problem " * 4),)}
        it.app.show_status()
        before = it.rows()[-1].partition("◆")[0]
        assert len(before) - len(before.rstrip()) < 8


@pytest.mark.parametrize("lint", [True, False])
async def test_a_line_is_marked_and_its_problem_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: bool) -> None:
    def find_ruff(_context: object) -> str:
        raise TuinbError("not installed")

    monkeypatch.setattr("tuinb.commands.problems.find_ruff", find_ruff)
    monkeypatch.setattr("tuinb.ui.linter._AFTER_EDIT", 0.02)
    path = write_notebook(tmp_path / "a.ipynb", "x = 1\ny = 2")
    async with running(path, config=Config(lint=lint, suggestions=False)) as it:
        await it.press("enter", "down")
        assert "◆" not in it.rows()[2]
        await it.type("a b")
        if not lint:
            assert it.app.pane._linter is not None
            assert it.app.pane._linter._timer is None
            return
        await it.shows("◆ invalid syntax")
        marked = [row for row in it.rows() if "◆" in row[:9]]
        assert [row.split("◆")[1].strip() for row in marked] == ["a by = 2"]
        await it.press("up", "end", "enter")
        marked = [row for row in it.rows() if "◆" in row[:9]]
        assert [row.split("◆")[1].strip() for row in marked] == ["a by = 2"]
        await it.press("down")
        await it.press("ctrl+k", "home", "#")
        await it.until(lambda: not it.app.pane.view_state.problems)
        assert not [row for row in it.rows() if "◆" in row[:9]]


async def test_lines_that_begin_below_a_problem_do_not_show_its_cell_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinb.ui.linter._AFTER_EDIT", 0.02)
    path = write_notebook(tmp_path / "a.ipynb", "x = 1\na b\ny = 2")
    async with running(path, config=Config(lint=True, suggestions=False)) as it:
        await it.press("enter", "ctrl+end", "2")
        await it.shows("◆")
        assert it.app.pane._linter is not None
        monkeypatch.setattr("tuinb.ui.linter._AFTER_EDIT", 60)
        shown: list[object] = []
        monkeypatch.setattr(it.app.pane._linter, "_show", shown.append)
        await it.press("enter")
        assert shown == []
        await it.press("ctrl+home", "enter")
        assert shown == [frozenset((it.cell(0),))]
        assert "◆" in it.rows()[3]


async def test_a_cursor_that_moves_on_tells_of_a_problem_when_it_rests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.ui.pane._REST_SECONDS", 3600)
    path = write_notebook(tmp_path / "a.ipynb", "x = 1\ny = 2\nz = 3")
    async with running(path, config=Config(lint=False)) as it:
        await it.press("enter")
        problems = (Problem(1, 0, "the second line"), Problem(2, 0, "the third line"))
        it.app.pane.view_state.problems = {it.cell(0): problems}
        await it.press("down")
        assert "◆ the second line" in it.rows()[-1]
        await it.press("down")
        assert "◆ the second line" in it.rows()[-1]
        assert "3:1" in it.rows()[-1]
        it.app.pane._rest()
        await it.shows("◆ the third line")
