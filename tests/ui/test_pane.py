"""A notebook pane: commands and runs on its screen, and several panes on one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import wait_for, write_notebook
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.changes import ClientId, SetMetadata, Transaction
from tuinb.ui.pane import NotebookPane
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.notebook_view import NotebookView
from tuinb.workspace.view_state import Mode
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.ui.harness import Driver


async def second_pane(t: Driver) -> NotebookPane:
    """Mounts another pane on the driver's session, beside its own."""
    pane = NotebookPane(t.session, t.app, Config(), CellClipboard())
    await t.app.query_one("#stage").mount(pane)
    await pane.mount_editor()
    pane.show_open_prompt(keys_wait=False)
    pane.view.colour()
    return pane


def source_rows(pane: NotebookPane, index: int) -> list[str]:
    """The rows of a cell as the pane's view has them."""
    box = pane.view.box(pane.session.notebook.order[index])
    return ["".join(span.text for span in box.line(row)) for row in range(box.height)]


async def test_two_panes_have_a_view_and_a_client_id_each(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "a = 1", "b = 2")) as t:
        first, other = t.app.pane, await second_pane(t)
        assert first.client != other.client
        await t.press("j")
        assert first.view_state.active == t.cell(1)
        assert other.view_state.active == t.cell(0)


async def test_a_click_before_the_editor_is_mounted_sets_its_cursor(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "a = 1", "b = 2")) as t:
        pane = NotebookPane(t.session, t.app, Config(), CellClipboard())
        await t.app.query_one("#stage").mount(pane)
        pane.on_notebook_view_clicked(NotebookView.Clicked(t.cell(1), Part.SOURCE, 0, 3, double=False))
        assert pane.keys_must_wait
        await pane.mount_editor()
        assert pane.view_state.active == t.cell(1)
        assert pane.editor.widget.point == (0, 3)


async def test_what_is_typed_in_one_pane_is_in_the_view_and_in_the_editor_of_another(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "a = 1")) as t:
        first, other = t.app.pane, await second_pane(t)
        await t.press("enter", "end")
        await t.type("0")
        await wait_for(lambda: "a = 10" in source_rows(other, 0))
        other.view_state.mode = Mode.EDIT
        other.sync()
        first.focus_home()
        await t.type("1")
        await wait_for(lambda: other.editor.widget.text == "a = 101")
        assert first.editor.widget.text == "a = 101"


async def test_outputs_of_a_run_are_painted_in_both_panes(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "print(1)"), {"print(1)": [k.stream("printed\n")]}) as t:
        other = await second_pane(t)
        await t.press("ctrl+e")
        await wait_for(lambda: "printed" in source_rows(other, 0))
        assert "printed" in source_rows(t.app.pane, 0)


async def test_a_pane_that_comes_late_opens_the_prompt(tmp_path: Path) -> None:
    script = {"ask": [k.prompt("name? ", then=lambda line: [k.stream(f"hello {line}")])]}
    async with running(write_notebook(tmp_path / "a.ipynb", "ask"), script) as t:
        await t.press("ctrl+e")
        await wait_for(lambda: t.app.pane.prompt.is_open)
        other = await second_pane(t)
        assert other.prompt.is_under(t.cell(0))
        assert other.view.prompt_text == "name? "
        other.prompt.answer("you")
        await wait_for(lambda: not t.app.pane.prompt.is_open and not other.prompt.is_open)
        await wait_for(lambda: "hello you" in source_rows(other, 0))


async def test_a_pane_that_is_gone_hears_nothing(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "a = 1")) as t:
        other = await second_pane(t)
        await other.remove()
        await t.press("b")
        await t.press("escape")
        assert len(t.session.notebook) == 2


async def test_runs_a_cell_and_goes_on(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+r")
        await t.shows("two!")
        await t.shows("[1] 1 + 1")
        assert "2/2" in t.rows()[-1]
        assert t.session.modified


async def test_edits_leave_a_trace_in_the_margin_and_the_status(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("2")]}) as t:
        await t.press("ctrl+e")
        await t.shows("✓")
        await t.press("enter", "end")
        assert "EDIT" in t.rows()[-1]
        await t.type("0")
        assert t.sources()[0] == "1 + 10"
        await t.shows("edited since")
        assert t.rows()[-1].split("two.ipynb")[1].startswith(" [+] ")
        await t.press("escape")
        assert t.app.pane.view_state.mode is Mode.COMMAND


async def test_structure_is_undone_with_z(two: Path) -> None:
    async with running(two, {"1 + 1": [k.result("two!")]}) as t:
        await t.press("ctrl+e")
        await t.shows("two!")
        await t.press("d", "d")
        assert t.sources() == ["2 + 2"]
        assert "two!" not in t.text()
        await t.press("z")
        assert t.sources() == ["1 + 1", "2 + 2"]
        await t.shows("two!")
        await t.press("Z")
        assert t.sources() == ["2 + 2"]


async def test_a_failure_out_of_view_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "f.ipynb", *("x" for _ in range(20)), "boom", "after")
    async with running(path, {"boom": [k.error("KeyError", "x")]}, size=(60, 12)) as t:
        t.session.run(t.session.notebook.order)
        await t.shows("Cell 21 failed: KeyError")


async def test_a_failure_that_was_in_view_is_not_named_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_notebook(tmp_path / "f.ipynb", "boom", *("x" for _ in range(20)))
    async with running(path, {"boom": [k.error("KeyError", "x")]}, size=(60, 12)) as t:
        await t.press("ctrl+r")
        await t.shows("✗ KeyError")
        await t.press("G")
        said: list[str] = []
        monkeypatch.setattr(t.app.dialogs, "notify", lambda text, *_: said.append(text))
        boom = t.session.notebook.order[0]
        assert boom not in t.app.pane.view.viewport.cells()
        t.session.apply(Transaction((SetMetadata(boom, "tags", ["late"]),), ClientId("another screen")))
        t.app.pane.repainter.flush()
        assert said == []
