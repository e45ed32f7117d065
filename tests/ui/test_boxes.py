"""A cell as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.render.images.support import context
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.render.block import plain
from tuinb.ui.boxes import BoxOptions, CellBox, Part
from tuinb.ui.output_area import OutputArea

if TYPE_CHECKING:
    import pytest


def test_a_row_that_can_not_be_drawn_says_so_and_the_others_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    key = CellId("a")
    output = {"output_type": "stream", "name": "stdout", "text": "one\ntwo\n"}
    notebook = Notebook((CellData(key, "code", "x = 1", {}, (output,)),), {}, nbformat=4, nbformat_minor=5)
    box = CellBox(notebook[key], "python", context())
    box.sync(BoxOptions())
    drawn = OutputArea.line

    def line(self: OutputArea, row: int) -> object:
        if row == 0:
            raise KeyError("nested")
        return drawn(self, row)

    monkeypatch.setattr(OutputArea, "line", line)
    rows = [plain(box.line(box.row_of(Part.OUTPUT, row))) for row in range(2)]
    assert rows[0].startswith("this row can't be drawn (KeyError: 'nested')")
    assert rows[1] == "two"
    assert plain(box.line(box.row_of(Part.SOURCE))) == "x = 1"
