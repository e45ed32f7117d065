"""The viewer of one cell's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ui.harness import running
from tests.ui.notebooks import LONG, bundle, failing, notebook, stream, table
from tuinb.kernel.connection import scripted as k
from tuinb.render.html import blocks
from tuinb.ui.outputs.viewer import Viewer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tuinb.render.block import Block


async def test_looking_at_an_output(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG), stream("the end\n")]))) as t:
        await t.press("l", "G")
        assert t.rows()[-3] == "the end"
        assert "output 2/2 · 1,001/1,001 · stdout" in t.rows()[-2]
        await t.press("k", "k", "b")
        assert "output 1/2 · 978/1,001" in t.rows()[-2]
        await t.press("g", "space", "j")
        assert " 23/1,001" in t.rows()[-2]
        await t.press("Y")
        assert t.app.system.clipboard == LONG.removesuffix("\n")
        await t.shows("Copied 8,889 characters.")
        await t.press("t")
        await t.shows("This output has no other type.")
        await t.press("j")
        assert " 24/1,001" in t.rows()[-2], "a message is gone with the next key"
        await t.press("q")
        assert "COMMAND" in t.rows()[-1]
        assert "more lines" in t.text()


async def test_finding_in_what_is_looked_at(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("line", [stream(LONG)]))) as t:
        await t.press("l", "slash", "9", "9", "8")
        await t.shows("1 of 1")
        await t.press("enter")
        assert "999/1,000" in t.rows()[-2]
        await t.press("slash", "ctrl+u")
        await t.type("99")
        await t.shows("1 of 19")
        await t.press("enter", "n")
        await t.shows("2 of 19")
        assert "200/1,000" in t.rows()[-2]
        await t.press("N", "N")
        await t.shows("19 of 19, wrapped")
        await t.press("escape")
        assert t.app.pane.outputs.viewer is None


async def test_what_is_looked_at_may_go(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG)])), {"a": [k.stream("new\n")]}) as t:
        await t.press("l", "G")
        t.session.run([t.cell(0)])
        await t.shows("new")
        await t.shows("1/1 · stdout")
        await t.press("slash", "x", "escape", "enter", "q")
        assert "COMMAND" in t.rows()[-1]


async def test_a_key_in_the_viewer_does_not_render_the_output_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    draw = blocks.block

    def counted(markup: str, *arguments: Any) -> Block | None:  # noqa: ANN401
        rendered.append(markup)
        return draw(markup, *arguments)

    monkeypatch.setattr(blocks, "block", counted)
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_html=table(30, 3))]))
    async with running(path) as t:
        await t.press("l", "j")
        assert "text/html" in t.rows()[-2]
        viewer = t.app.pane.outputs.viewer
        await t.until(lambda: viewer is not None and viewer._row == 1)  # the first key may come after the first paint
        before = len(rendered)
        await t.press("j", "j", "G", "k", "g")
        assert len(rendered) == before


async def test_the_line_that_failed_from_the_whole_screen(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a\n  " + "b" * 100, [failing(2, "  " + "b" * 100)]))
    async with running(path) as t:
        await t.press("l", "f")
        await t.until(lambda: t.app.pane.editor.is_open)
        await t.pilot.pause()
        assert t.app.pane.outputs.viewer is None
        assert t.app.screen.focused is t.app.pane.editor.widget
        assert "▶  bbb" in t.text()
        await t.type("x")
        assert t.sources()[0].startswith("a\n  xb")


async def test_the_mouse_copies_text_of_the_viewer(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG)]))) as t:
        await t.press("l")
        viewer = t.app.screen.query_one(Viewer)
        lines = LONG.split("\n")
        await t.pilot.mouse_down(viewer, offset=(2, 1))
        await t.pilot.hover(viewer, offset=(4, 3))
        await t.pilot.mouse_up(viewer, offset=(4, 3))
        await t.shows("Copied")
        assert t.app.system.clipboard == "\n".join([lines[1][2:], lines[2], lines[3][:4]])
        strip = viewer.render_line(1)
        assert [segment.text.rstrip() for segment in strip if segment.style and segment.style.reverse] == [lines[1][2:]]
        await t.press("j", "k")  # ends the message
        assert " 1/1,000" in t.rows()[-2], "the cursor stays"
        await t.pilot.mouse_down(viewer, offset=(0, 20))
        await t.pilot.hover(viewer, offset=(0, 23))
        await t.pilot.hover(viewer, offset=(1, 22))
        await t.pilot.mouse_up(viewer, offset=(1, 22))
        await t.until(lambda: t.app.system.clipboard.startswith(lines[20]))
        assert len(t.app.system.clipboard.split("\n")) > 3, "it scrolls beyond the last row"
        await t.pilot.click(viewer, offset=(3, 5))
        assert not viewer.has_selection
        assert not any(segment.style and segment.style.reverse for segment in viewer.render_line(3))
