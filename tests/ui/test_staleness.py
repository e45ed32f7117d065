"""Marks of stale cells on the screen, and the run of all cells that is compared with the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.notebooks import notebook
from tuinb.kernel.connection import scripted as k

if TYPE_CHECKING:
    from pathlib import Path


async def test_marks_reasons_and_advice(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "x = open('f')", "x.read()", "g(x)")
    async with running(path, {"x.read()": [k.result("text")]}) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("[3] g(x)")
        await t.press("ctrl+e")
        await t.shows("[4] x = open('f')")
        await t.shows("[2]^ x.read()")
        await t.shows("^ x set again in cell 1")
        await t.shows("2 stale")
        await t.press("colon")  # a dialog has its keys there
        await t.until(lambda: "stale" not in t.rows()[-1])
        await t.press("escape")
        await t.press("]", "enter", "x", "escape")
        await t.shows("[2]~")
        await t.press("ctrl+s")
        await t.shows("Saved a.ipynb. A cell was edited since it ran.")
        await t.press("R")
        await t.until(lambda: "stale" not in t.text() and "[*]" not in t.text())
        await t.press("g", "g", "d", "d")
        await t.shows("^ x comes from a deleted cell")
        await t.press("ctrl+s")
        await t.shows("Cell 2 may fail on a fresh kernel: x comes from a deleted cell.")


async def test_what_is_only_perhaps_so(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "x = f()", "g(x)", "print(x)")
    async with running(path) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("[3] print(x)")
        await t.press("j", "ctrl+e")
        await t.shows("[4] g(x)")
        await t.session.staleness.settled()
        assert "?" not in t.rows()[5]
        t.app.pane.view_state.show_perhaps = True
        await t.press("j")
        await t.shows("[3]? print(x)")
        await t.shows("? x may have changed since")


def text(words: str) -> dict[str, object]:
    return {"output_type": "stream", "name": "stdout", "text": words}


async def test_all_cells_on_a_fresh_kernel(tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "gone", "traceback": []}
    path = notebook(tmp_path / "a.ipynb", ("a", [text("old")]), ("b", [text("same")]), ("c", [error]))
    async with running(path, {"a": [k.stream("new")], "b": [k.stream("sa"), k.stream("me")], "c": [k.error("E", "gone")]}) as t:
        await t.press("0", "r")
        if "Restart the kernel" in t.text():
            await t.press("up", "enter")
        await t.shows("Cell 3 failed: E. :3 goes there. 1 of 3 outputs differ from before: cell 1.")
        await t.press("z")
        await t.shows("old")
        assert "new" not in t.text()


async def test_all_cells_with_the_same_outputs(tmp_path: Path) -> None:
    result = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 7}
    async with running(notebook(tmp_path / "a.ipynb", ("a", [result])), {"a": [k.result("1")]}) as t:
        await t.press("0", "r")
        if "Restart the kernel" in t.text():
            await t.press("up", "enter")
        await t.shows("The outputs of 1 cell are the same as before.")
