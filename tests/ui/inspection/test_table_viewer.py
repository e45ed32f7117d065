"""The viewer of tables: what it shows, and its keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.inspection.support import ROWS, Shell
from tests.support import wait_for
from tests.ui.harness import running
from tests.ui.notebooks import notebook
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.inspection import requests

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tests.ui.harness import Driver

RESULT = {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "rows"}, "metadata": {}}


def on(path: Path, table: Any, source: str = "rows") -> dict[str, Any]:  # noqa: ANN401 - any table
    """Arguments for `running`: a notebook whose cell shows `rows`, and a kernel that has it."""
    return {"path": notebook(path / "a.ipynb", (source, [])), "shell": Shell(rows=table)}


def agent() -> ModuleType:
    """The module that views tables, as the kernel was sent it."""
    return sys.modules[f"{requests.package()}.views"]


async def opened(t: Driver) -> None:
    await t.press("I")
    await t.shows("row 1")
    await wait_for(lambda: "·" not in t.rows()[2].split("│")[-1])


def body(t: Driver, rows: int = 5) -> list[str]:
    """The first rows of the table, without the padding."""
    return [" ".join(row.split()) for row in t.rows()[2 : 2 + rows]]


async def test_a_table_and_its_cursor(tmp_path: Path) -> None:
    async with running(**on(tmp_path, ROWS)) as t:
        await opened(t)
        assert t.rows()[0].split() == ["│number", "count", "text", "day"]
        assert t.rows()[1].split() == ["│", "float", "int", "str", "datetime"]
        assert body(t)[0] == "0│ 2.5 3 Oslo 2024-01-03 00:00:00"
        assert body(t)[1].startswith("1│ None 1 Lima")
        assert "rows 5 × 4 · row 1 number: 2.5" in " ".join(t.rows()[-2].split())
        await t.press("l", "l", "j", "down")
        assert "row 3 text: oslo" in " ".join(t.rows()[-2].split())
        await t.press("G", "dollar_sign")
        assert "row 5 day: 2024-01-04" in " ".join(t.rows()[-2].split())
        await t.press("g", "0", "left", "up")
        assert "row 1 number" in " ".join(t.rows()[-2].split())
        await t.press("question_mark")
        await t.shows("Keys of a table")
        await t.press("q", "q")
        assert "COMMAND" in t.rows()[-1]


async def test_sorting_and_filtering(tmp_path: Path) -> None:
    async with running(**on(tmp_path, ROWS)) as t:
        await opened(t)
        await t.press("l", "s")
        await t.shows("count ▲")
        await wait_for(lambda: body(t, 1)[0].startswith("1│"))
        await t.press("s")
        await t.shows("count ▼")
        await wait_for(lambda: body(t, 1)[0].startswith("0│"))
        await t.press("h", "S")
        await t.shows("number ▲2")
        await t.press("C")
        await t.shows("Copied: sorted(")
        await t.press("f")
        await t.shows("Show the rows where")
        await t.type("> x")
        await t.press("enter")
        await t.shows("Rows where:")
        await t.press("ctrl+u")
        await t.type("count > 2")
        await t.press("enter")
        await t.shows("2 of 5 × 4 · f count > 2")
        await t.press("f")
        await t.shows("│ count > 2 ")  # the line has what is on
        await t.press("escape")
        await t.press("f", "ctrl+u")
        await t.type("count > 99")
        await t.press("enter")
        await t.shows("no row meets the condition: F shows all")
        await t.press("F")
        await t.shows("rows  5 × 4")
        await t.press("f", "escape", "l", "s")
        await wait_for(lambda: "▼" not in t.text())


async def test_finding(tmp_path: Path) -> None:
    async with running(**on(tmp_path, ROWS)) as t:
        await opened(t)
        await t.press("n")
        await t.shows("Nothing was searched yet")
        await t.press("slash")
        await t.type("oslo")
        await t.press("enter")
        await t.shows("row 1  text: Oslo")
        await t.press("n")
        await t.shows("row 3  text: oslo")
        await t.press("n")
        await t.shows("oslo was not found below this cell.")
        await t.press("N")
        await t.shows("row 1  text: Oslo")
        await t.press("left", "left", "up", "N")
        await t.shows("oslo was not found above this cell.")


async def test_a_column_and_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = [{"city": "Oslo" if at % 3 else "Lima", "number": at} for at in range(40)]
    shell = on(tmp_path, table)
    async with running(**shell) as t:
        await opened(t)
        monkeypatch.setattr(agent(), "SAMPLE", 10)
        await t.press("i")
        await t.shows("city  str · 40 rows · 10 counted, Enter counts all · 0 null · 2 distinct")
        await t.press("enter")
        await t.shows("city  str · 40 rows · 0 null · 2 distinct")
        assert "Oslo  26   65%  " in t.text()
        await t.press("l")
        await t.shows("number  int")
        await t.shows("min 0")
        assert "█" in t.text()
        await t.press("i")
        assert "█" not in t.text()
        await t.press("enter")
        await t.shows("PAGE")
        await t.press("q", "c")
        await t.type("city")
        await t.press("enter")
        await t.shows("row 1  city: Lima")
        await t.press("c", "enter")
        await t.shows("Columns")
        await t.press("down", "enter")
        await t.shows("row 1  number: 0")
        await t.press("c")
        await t.type("x")
        await t.press("enter")
        await t.shows("No column's name contains x.")
        await t.press("colon")
        await t.type("30")
        await t.press("enter")
        await t.shows("row 30  number: 29")
        await t.press("colon", "x", "enter")
        await t.shows("x is no number of a row.")


async def test_copying_and_saving(tmp_path: Path) -> None:
    async with running(**on(tmp_path, ROWS)) as t:
        await opened(t)
        await t.press("l", "l", "Y")
        await t.shows("Copied the cell, 4 characters.")
        assert t.app.system.clipboard == "Oslo"
        await t.press("v", "j", "h")
        await t.shows("selected 2 × 2")
        await t.press("Y", "enter")
        await t.shows("Copied 2 rows as CSV, 25 characters.")
        assert t.app.system.clipboard == "count,text\n3,Oslo\n1,Lima\n"
        await t.press("Y", "3")
        await t.shows("as Markdown")
        assert t.app.system.clipboard == "| count | text |\n| --- | --- |\n| 3 | Oslo |\n| 1 | Lima |\n"
        await t.press("V")
        await t.shows("selected 2 × 4")
        await t.press("V", "shift+down", "shift+right")
        await t.shows("selected 2 × 2")
        await t.press("escape", "W")
        await t.shows("Save the rows as")
        await t.press("enter")
        await t.shows("Saved 5 rows")
        assert (tmp_path / "rows.csv").read_text().splitlines()[1] == "2.5,3,Oslo,2024-01-03 00:00:00"
        await t.press("W", "ctrl+u")
        await t.type(str(tmp_path / "rows.xls"))
        await t.press("enter")
        await t.shows("no format is known for .xls")
        await t.press("W", "escape", "q")
        assert "COMMAND" in t.rows()[-1]


async def test_a_table_that_is_set_again_or_goes(tmp_path: Path) -> None:
    names = on(tmp_path, ROWS)
    async with running(**names, script={"rows": []}) as t:
        await opened(t)
        names["shell"].user_ns["rows"] = ROWS[:2]
        t.session.run(t.session.notebook.order)
        await t.shows("rows was set again: r opens it again")
        assert body(t)[4].startswith("4│ 2.5 1 Bergen"), "what was read stays"
        await t.press("r")
        await t.shows("rows  2 × 4")
        del names["shell"].user_ns["rows"]
        t.session.run(t.session.notebook.order)
        await t.shows("rows is gone")
        await t.press("r")
        await t.shows("rows is gone: run the cell that sets it")
        assert "COMMAND" in t.rows()[-1]


async def test_wide_and_long_tables(tmp_path: Path) -> None:
    wide = [{f"column {column}": row * 1000 + column for column in range(1000)} for row in range(300)]
    async with running(**on(tmp_path, wide)) as t:
        await opened(t)
        await t.press("greater_than_sign", "greater_than_sign")
        await t.shows("column 14")
        await t.press("less_than_sign", "less_than_sign")
        await t.shows("column 0")
        await t.press("dollar_sign", "G")
        await t.shows("row 300  column 999: 299999")
        assert t.rows()[0].split()[-1] == "999"
        await t.press("pageup", "b", "space", "pagedown", "home")
        await t.shows("row 1  column 999: 999")
        table = t.app.dialogs.top._table  # type: ignore[union-attr]
        assert len(table._blocks) < 30, "only what was in view was read"


async def test_tables_without_rows_or_columns(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    for shape, text in {(0, 3): "this table has no rows", (3, 0): "this table has no columns"}.items():
        async with running(**on(tmp_path, numpy.zeros(shape))) as t:
            await t.press("I")
            await t.shows(text)
            await t.press("j", "l", "enter", "v", "Y", "i", "s", "n")
            await t.press("q")


async def test_a_table_too_large_to_sort_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy")
    async with running(**on(tmp_path, numpy.arange(100.0).reshape(50, 2))) as t:
        await opened(t)
        monkeypatch.setattr(agent(), "_MANY", 20)
        monkeypatch.setattr(agent(), "_TOP", 10)
        await t.press("s", "s")
        await t.shows("10 of 50 × 2 · the first 10 in order: Enter sorts all")
        await t.shows("row 1  0: 98.0")
        await t.press("enter")
        await wait_for(lambda: "sorts all" not in t.text() and "50 × 2" in t.text())
        await t.press("l", "S")
        await t.shows("keeps the kernel from its cells")
        await t.press("escape")
        await t.press("S")
        await t.press("up", "enter")
        await t.shows("▲2")


async def test_what_a_cell_shows(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("rows", []), ("x = 1", []), ("number", []), "prose")
    names = Shell(rows=ROWS, number=3)
    async with running(path, {"rows": [k.result("rows")]}, shell=names) as t:
        t.session.run(t.session.notebook.order[:1])
        await wait_for(lambda: not t.session.queue())
        names.user_ns["_oh"][1] = [dict(ROWS[0])]
        await t.press("I")
        await t.shows("Out[1]  1 × 4")
        await t.press("q", "j", "I")
        await t.shows("This cell shows no variable.")
        await t.press("j", "I")
        await t.shows("number is no table: int")
        await t.press("j", "I")
        await t.shows("This cell shows no variable.")
