"""Marks of runs: in the header and the margin of a cell, and on the line that failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.notebooks import failing, notebook
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.execution.runs import CellRun, RunState
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.ui.view.run_marks import marks
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

CELL = Notebook([CellData(CellId("a"), "code", "x", execution_count=1)]).at(0)


def test_an_errors_name_is_foreign_text() -> None:
    """A class may be called anything, and R's conditions are."""
    run = CellRun(RunState.ERROR, started=1e9, seconds=1.0, current=True, code="x", error_name="a\x1b[2J\nb\u202e")
    assert marks(CELL, run, 1e9 + 1).note == "✗ a␛[2J␊b⟨U+202E⟩ 1.0 s"


def test_an_errors_name_has_an_end() -> None:
    run = CellRun(RunState.ERROR, started=1e9, seconds=1.0, current=True, code="x", error_name="é" * 1_000_000)
    assert len(marks(CELL, run, 1e9 + 1).note) < 100


@pytest.mark.parametrize(("later", "note"), [(-3600, ""), (0.5, ""), (75, "running 1 min 15 s")])
def test_a_clock_that_is_set_back_shows_no_negative_time(later: float, note: str) -> None:
    run = CellRun(RunState.RUNNING, started=1e9, current=True, code="x")
    assert marks(CELL, run, 1e9 + later).note == note


@pytest.mark.parametrize(
    ("state", "seconds", "note"),
    [(RunState.OK, 0.4, "✓"), (RunState.OK, 1.5, "✓ 1.5 s"), (RunState.ERROR, 0.4, "✗ E 0.40 s")],
)
def test_short_times_may_be_left_out(state: RunState, seconds: float, note: str) -> None:
    run = CellRun(state, started=1e9, seconds=seconds, current=True, code="x", error_name="E")
    assert marks(CELL, run, 1e9, time_from=1.0).note == note


async def test_the_settings_say_which_times_are_shown(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "t.ipynb", "a"), config=Config(lint=False, time_from=9.0)) as t:
        await t.press("ctrl+e")
        await t.until(lambda: t.rows()[0].endswith("✓"))


async def test_the_queue_shows_places_and_can_be_cancelled(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "q.ipynb", "wait", "b", "c")
    opened = asyncio.Event()
    async with running(path, {"wait": [k.gate(opened)]}) as t:
        await t.press(":")
        await t.type("run-all")
        await t.press("enter")
        await t.shows("[*] wait")
        await t.shows("queued, next")
        await t.shows("queued, 2nd")
        t.session.cancel()
        await t.until(lambda: "queued" not in t.text())
        opened.set()
        await t.shows("[1] wait")


async def test_an_error_stops_the_queue_and_marks_the_cell(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "e.ipynb", "boom", "after")
    async with running(path, {"boom": [k.error("ZeroDivisionError", "division by zero")]}) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("✗ ZeroDivisionError")
        assert t.session.run_of(t.cell(1)).state in (RunState.NEVER, RunState.ABORTED)
        assert "[*]" not in t.text()


async def test_restart_keeps_outputs_and_marks_them(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("two!")
        await t.session.restart()
        await t.shows("run by an earlier kernel")
        assert "two!" in t.text()


async def test_a_cell_that_lost_its_kernel_did_not_finish(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "d.ipynb", "die", "waits")
    async with running(path, {"die": [k.die()]}) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("did not finish")


async def test_the_line_that_failed_is_marked_until_it_is_edited(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a\n  b\nc", [failing(2, "  b")]), ("ok", []), ("z", [failing(1, "z")]))
    async with running(path) as t:
        assert "▶  b" in t.text()
        await t.press("F")
        assert t.app.pane.view_state.active == t.cell(2)
        await t.press("F")
        assert t.app.pane.view_state.active == t.cell(0)
        await t.shows("Continued from the top.")
        await t.press("f")
        assert t.app.pane.view_state.mode is Mode.EDIT
        assert "▶" in t.text()
        await t.type("x")
        assert t.sources()[0] == "a\n  xb\nc"
        await t.press("escape", "g", "g")
        assert "▶" not in t.rows()[2]


async def test_a_source_that_is_typed_back_is_not_edited(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("✓")
        saved = await t.session.save(endorse=False)
        assert saved == two
        await t.press("enter")
        await t.type("x")
        await t.shows("edited since")
        await t.until(lambda: "[+]" in t.text())
        await t.press("backspace")
        await t.until(lambda: "edited since" not in t.text())
        await t.until(lambda: "[+]" not in t.text())
        assert not t.session.modified


async def test_a_merge_that_is_undone_leaves_the_marks_as_they_were(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("✓")
        await t.press("shift+m")
        await t.until(lambda: len(t.sources()) == 1)
        await t.press("z")
        await t.until(lambda: len(t.sources()) == 2)
        await t.shows("✓")
        assert "edited since" not in t.text()


async def test_the_mark_of_a_run_goes_with_its_outputs_and_comes_back_with_them(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("✓")
        await t.press(":")
        await t.type("clear-outputs")
        await t.press("enter")
        await t.until(lambda: "two!" not in t.text())
        assert "✓" not in t.text()
        await t.press("z")
        await t.shows("two!")
        assert "✓" in t.text()


async def test_the_line_that_failed_is_marked_again_once_the_source_is_back(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a\nb", [failing(2, "b")]))) as t:
        await t.press("enter")
        await t.type("x")
        await t.until(lambda: "▶" not in t.text())
        await t.press("backspace")
        await t.shows("▶")


async def test_a_traceback_that_names_no_line(tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["E"]}
    async with running(notebook(tmp_path / "a.ipynb", ("a", [error]))) as t:
        await t.press("f")
        await t.shows("The traceback names no line of this cell.")
        await t.press("F")
        await t.shows("No other cell failed.")
