"""The panel of variables: what it shows, and its keys."""

from __future__ import annotations

import enum
from contextvars import copy_context
from typing import TYPE_CHECKING

from tests.kernel.inspection.support import ROWS, Shell
from tests.support import wait_for
from tests.ui.harness import running
from tests.ui.notebooks import notebook
from tuinb.kernel.connection import scripted as k
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.ui.harness import Driver


def cells(path: Path, *sources: str) -> Path:
    """Writes a notebook of code cells. Returns its path."""
    return notebook(path, *((source, []) for source in sources))


def shell() -> Shell:
    return Shell(rows=ROWS, count=3, name="Ada", enum=enum, shout=str.upper, deep={"a": [1, {"b": 2}]})


def panel(t: Driver) -> list[str]:
    """The rows of the panel."""
    rows = t.rows()
    start = next(at for at, row in enumerate(rows) if " Variables " in row)
    return [row.strip() for row in rows[start:-1]]


async def test_names_types_and_values(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.ipynb", "load()", "count = 3\nname = 'Ada'")
    async with running(path, shell=shell(), size=(80, 30)) as t:
        await t.press("D")
        await t.shows("Variables 4")
        assert "VARIABLES" in t.rows()[-1]
        assert [row.split()[0] for row in panel(t)[2:6]] == ["rows", "count", "name", "deep"]
        assert "list" in panel(t)[2]
        await t.press("m", "f")
        await t.shows("<module enum>")
        await t.shows("Variables 6")
        await t.press("s", "s")
        await t.shows("Variables 6 · by type")
        assert [row.split()[0] for row in panel(t)[2:4]] == ["deep", "count"]
        await t.press("s")
        await t.shows("by size")
        await t.press("s", "m", "f")
        await t.shows("Variables 4")


async def test_the_filter(tmp_path: Path) -> None:
    async with running(cells(tmp_path / "a.ipynb", "a"), shell=shell()) as t:
        await t.press("D")
        await t.shows("Variables 4")
        await t.press("slash", "N", "a")
        await t.shows("Variables 1 of 4 · /Na▏")
        await t.press("x")
        await t.shows("no name contains this")
        await t.press("backspace", "enter")
        assert "/Na" in panel(t)[0]
        await t.press("slash", "escape")
        await t.shows("Variables 4")
        assert t.session.notebook.at(0).source == "a"


async def test_where_a_name_was_set(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.ipynb", "rows = load()", "count = 3", "rows.append(4)\ncount = 4")
    async with running(path, shell=shell(), size=(120, 30)) as t:
        t.session.run(t.session.notebook.order[:2])
        await wait_for(lambda: not t.session.queue())
        await t.press("D")
        await t.shows("rows: set in cell 1")
        assert panel(t)[1].split()[-1] == "cell"
        assert panel(t)[2].split()[-1] == "1"
        await t.press("j", "g")
        assert t.app.pane.view_state.active == t.cell(1)
        assert "VARIABLES" in t.rows()[-1], "the panel keeps the keys"
        t.app.pane.view_state.activate(t.cell(2))
        t.app.pane.sync()
        await t.shows("» cell 3 would set count again, set in cell 2")
        await t.press("escape")
        await t.shows("COMMAND")
        await t.press("g", "g", "d", "d")
        await t.press("D", "home")
        await t.shows("× rows was set by a deleted cell")
        await t.press("g")
        assert t.app.pane.view_state.active in t.session.notebook


async def test_other_keys_do_nothing_to_cells(tmp_path: Path) -> None:
    async with running(cells(tmp_path / "a.ipynb", "a", "b"), shell=Shell()) as t:
        await t.press("D")
        await t.shows("no variables yet")
        await t.press("d", "d", "enter", "x", "j", "k", "G", "home", "pagedown", "b", "g")
        assert t.sources() == ["a", "b"]
        assert "VARIABLES" in t.rows()[-1]
        await t.press("ctrl+r")
        await wait_for(lambda: t.session.run_of(t.cell(0)).code == "a")
        await t.press("q")
        await t.shows("COMMAND")
        assert "Variables" not in t.text()
        await t.press("D")
        await t.shows("no variables yet")
        await t.press("escape", "D", "D")
        assert "Variables" not in t.text()


async def test_one_variable(tmp_path: Path) -> None:
    async with running(cells(tmp_path / "a.ipynb", "a"), shell=shell()) as t:
        await t.press("D")
        await t.shows("Variables 4")
        await t.press("G", "enter")
        await t.shows("deep: dict")
        assert "    1: dict of 1" in t.rows()
        await t.press("q", "k", "k", "enter")
        await t.shows("count: int")
        await t.press("q")
        assert "VARIABLES" in t.rows()[-1]


async def test_enter_opens_a_table(tmp_path: Path) -> None:
    async with running(cells(tmp_path / "a.ipynb", "a"), shell=shell()) as t:
        await t.press("D")
        await t.shows("Variables 4")
        await t.press("g", "enter")
        await t.shows("row 1  number: 2.5")
        await t.press("q")
        await t.until(lambda: "VARIABLES" in t.rows()[-1])


async def test_a_busy_kernel_a_restart_and_no_kernel(tmp_path: Path) -> None:
    names = shell()
    async with running(cells(tmp_path / "a.ipynb", "loop"), {"loop": [k.hang()]}, shell=names) as t:
        t.session.run(t.session.notebook.order)
        await wait_for(lambda: t.session.kernel.state is KernelState.BUSY)
        await t.press("D")
        await t.shows("Variables 4")
        await t.press("ctrl+c")
        await wait_for(lambda: t.session.kernel.state is KernelState.IDLE)
        names.user_ns["late"] = 1
        t.session.run(t.session.notebook.order)
        await t.shows("Variables 5")
        await t.session.shutdown_kernel()
        await t.shows("no kernel runs")


async def test_it_follows_a_reading_that_an_earlier_screen_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, names = cells(tmp_path / "a.ipynb", "load()"), shell()
    async with running(path, shell=names) as earlier:
        with earlier.app.in_context():
            context = copy_context()
    # As `run_async` leaves an app that has ended; the pilot does not.
    monkeypatch.setattr(earlier.app, "_thread_id", 0)
    monkeypatch.setattr(earlier.app, "_loop", None)
    async with running(path, shell=names) as t:
        await t.press("D")
        await t.shows("Variables 4")
        names.user_ns["late"] = 1
        context.run(t.session.variables._start)
        await t.shows("Variables 5")
        assert "Internal error" not in t.text()


async def test_a_click_and_the_wheel(tmp_path: Path) -> None:
    async with running(cells(tmp_path / "a.ipynb", "a"), shell=shell()) as t:
        await t.press("D")
        await t.shows("Variables 4")
        await t.pilot.click("VariablesPanel", offset=(4, 4))
        await t.pilot.pause()
        view = t.app.screen.query_one("VariablesPanel")
        assert view._shown[view._row].name == "name"  # type: ignore[attr-defined]
        await t.pilot.double_click("VariablesPanel", offset=(4, 3))
        await t.shows("count: int")
        await t.press("q")
