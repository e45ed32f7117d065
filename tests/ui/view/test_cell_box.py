"""A cell as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.render.images.support import context
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.document import Notebook
from tuinb.render import registry
from tuinb.render.block import Line, Lines, Span, plain
from tuinb.render.markdown import blocks
from tuinb.ui.search.locate import texts_of
from tuinb.ui.view.cell_box import BoxOptions, CellBox, Part
from tuinb.ui.view.output_area import OutputArea
from tuinb.workspace.view_state import DEFAULT_LOOK

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Failing(Lines):
    """Two rows, of which the first can't be made."""

    def __init__(self) -> None:
        super().__init__([(Span("one"),), (Span("two"),)])

    def line(self, index: int) -> Line:
        if not index:
            raise KeyError("nested")
        return super().line(index)


def test_a_row_that_can_not_be_drawn_says_so_and_the_others_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._RANKED, "text/plain", lambda *_: Failing())
    monkeypatch.setattr(blocks, "render", lambda *_: Failing())
    output = OutputData({"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}})
    cells = [CellData(CellId("a"), "code", "x = 1", {}, (output,)), CellData(CellId("b"), "markdown", "*text*")]
    code, prose = (CellBox(cell, "python", context()) for cell in Notebook(cells))
    for box, part in ((code, Part.OUTPUT), (prose, Part.PROSE)):
        box.sync(BoxOptions(output_lines=3))
        rows = [plain(box.line(box.row_of(part, row))) for row in range(2)]
        assert rows[0].startswith("this row can't be drawn (KeyError: 'nested')")
        assert rows[1] == "two"
    assert plain(code.line(code.row_of(Part.SOURCE))) == "x = 1"


def test_nothing_that_makes_rows_of_an_output_ends_with_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The viewer asks the area itself; a fold looks at the rows at its edges; a search draws them all."""
    monkeypatch.setitem(registry._RANKED, "text/html", lambda *_: Failing())
    output = OutputData({"output_type": "display_data", "data": {"text/html": "x"}, "metadata": {}})
    cell = Notebook([CellData(CellId("a"), "code", "x = 1", {}, (output,) * 5)]).at(0)
    area = OutputArea(cell.outputs, context(), 3)
    area.sync(False)
    assert plain(area.line(0)).startswith("this row can't be drawn")
    for number, (_, chunks) in enumerate(texts_of(cell, context(), DEFAULT_LOOK)):
        assert number == 0 or "two" in next(iter(chunks))[1]


async def test_markdown_is_rendered_and_shows_its_source_while_edited(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "m", "enter")
        await t.type("a **bold** word".replace("*", ""))
        await t.press("escape")
        assert "a bold word" in t.text()
        await t.press("1")
        assert t.sources()[1].startswith("# ")
        await t.press("enter")
        assert "# a bold word" in t.text()


async def test_line_numbers(two: Path) -> None:
    async with running(two, config=Config(line_numbers=True)) as t:
        assert "1  1 + 1" in t.text()
        await t.press("enter")
        assert "1  1 + 1" in t.text()
