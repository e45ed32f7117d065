"""What a language server knows, on the screen."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.lsp.support import settings
from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection.scripted import ScriptedKernel, hang

if TYPE_CHECKING:
    from pathlib import Path

SERVED = Config(lint=True, suggestions=False, lsp=settings())


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.ui.linter._AFTER_EDIT", 0.02)
    monkeypatch.setattr("tuinb.ui.linter._START_SERVERS", 0.02)
    monkeypatch.setattr("tuinb.session.languages._TELL_AFTER", 0.02)


async def ready(t: Driver) -> None:
    """Types a letter into the first cell, which starts the server, and waits for it."""
    await t.press("enter", "ctrl+end")
    await t.type("x")
    await t.until(lambda: t.session.languages.offers("renameProvider"))


async def test_problems_are_marked_beside_those_that_tuinb_finds(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "a = b", "BAD\nb = 2\na b")
    async with running(path, config=SERVED) as t:
        await ready(t)
        await t.until(lambda: len(t.app.pane.view_state.problems.get(t.cell(1), ())) == 2)
        marked = [row.split("◆")[1].strip() for row in t.rows() if "◆" in row[:9]]
        assert [line for line in marked if "=" not in line] == ["BAD", "a b"]
        await t.press("f2")
        await t.shows("Bad thing said at length (bad)")
        await t.press("home", "enter")
        assert [problem.line for problem in t.app.pane.view_state.problems[t.cell(1)]][1] == 3
        await t.press("delete")
        await t.until(lambda: len(t.app.pane.view_state.problems.get(t.cell(1), ())) < 2)


async def test_without_marks_a_server_is_there_for_names(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "a = 1", "BAD")
    async with running(path, config=Config(lint=False, suggestions=False, lsp=settings())) as t:
        await ready(t)
        await t.until(lambda: bool(dict(t.session.languages.problems)))
        assert not t.app.pane.view_state.problems


async def test_what_speaks_to_servers_is_imported_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    importing: list[threading.Thread] = []

    def imported(name: str) -> object:
        importing.append(threading.current_thread())
        return import_module(name)

    monkeypatch.setattr("tuinb.ui.linter.import_module", imported)
    async with running(write_notebook(tmp_path / "a.ipynb", "a = 1"), config=SERVED) as t:
        await ready(t)
        assert importing
        assert threading.main_thread() not in importing


async def test_a_rename_over_cells_is_one_step(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "value = 1", "text", "print(value)")
    async with running(path, config=SERVED) as t:
        await t.press("G", "enter", "ctrl+end", "left", "alt+r")
        await t.shows("Rename value to:")
        await t.press("backspace", "2", "enter")
        await t.shows("Renamed value in 2 cells.")
        assert t.sources() == ["valu2 = 1", "text", "print(valu2)"]
        assert t.app.pane.editor.widget.text == "print(valu2)"
        await t.press("ctrl+z")
        assert t.sources() == ["value = 1", "text", "print(value)"]


async def test_a_server_completes_while_the_kernel_is_busy(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "loop", "")
    async with running(path, {"loop": [hang()]}, config=SERVED, size=(90, 24)) as t:
        await t.press("ctrl+e")
        await t.until(lambda: bool(t.session.queue()))
        await ready(t)
        await t.press("escape", "G", "enter")
        await t.type("ser")
        await t.press("tab")
        await t.shows("From fake_server; the kernel is busy.")
        await t.shows("f server_1")


async def test_the_kernel_comes_first(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "a", "")
    kernel = ScriptedKernel(
        completions=["sergeant", "serpent"], documentation="Signature: call(kernels)\nDocstring: It is known."
    )
    async with running(path, kernel=kernel, config=SERVED, size=(90, 24)) as t:
        await ready(t)
        await t.press("escape", "G", "enter")
        await t.type("ser")
        await t.press("tab")
        await t.shows("serpent")
        assert "server_1" not in t.text()
        await t.press("escape", "shift+tab")
        await t.shows("It is known.")


async def test_what_a_server_knows_where_the_kernel_knows_nothing(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "call")
    async with running(path, config=SERVED, size=(90, 24)) as t:
        await ready(t)
        await t.press("shift+tab")
        await t.shows("callx: int")
        assert "From fake_server" in t.text()
        await t.type("(")
        await t.shows("callx(first, second=2)")


async def test_the_state_of_the_servers_is_a_page(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "a")
    async with running(path, config=SERVED, size=(160, 24)) as t:
        await ready(t)
        await t.press("escape", "colon")
        await t.type("show-language-servers")
        await t.press("enter")
        await t.shows("fake_server 1.0")
        await t.shows("reads the notebook cell by cell; utf-16")
