"""Notebook panes that share one app, one session, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import wait_for, write_notebook
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.ui.pane import NotebookPane
from tuinb.workspace.view_state import Mode
from tuinb.workspace.workspace import CellClipboard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver


async def second_pane(t: Driver) -> NotebookPane:
    """Mounts another pane on the driver's session, beside its own."""
    pane = NotebookPane(t.session, t.app, Config(), CellClipboard())
    await t.app.query_one("#stage").mount(pane)
    await pane.mount_editor()
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
