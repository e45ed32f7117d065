"""Widgets on the screen: they move, and only where they are shown; what is captured stays out of the cell in a run too."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tests.headless.support import job, run
from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.kernel.connection.scripted import Emit, display, gate, stream, widget, widget_update
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import requests
from tuinb.kernel.protocol.events import NO_PARENT
from tuinb.mime import WIDGET_VIEW

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import CellId

SHOWN = display({WIDGET_VIEW: {"model_id": "box"}, "text/plain": "a box"})
BAR = widget("bar", _model_name="IntProgressModel", value=0, max=4)
LABEL = widget("label", _model_name="LabelModel", value="none")
BOX = widget("box", _model_name="HBoxModel", children=["IPY_MODEL_label", "IPY_MODEL_bar"])


async def test_a_bar_moves_while_its_cell_runs_and_goes_when_it_is_closed(tmp_path: Path) -> None:
    half, done, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
    steps = [
        *(LABEL, BAR, BOX, SHOWN, gate(half)),
        *(widget_update("bar", value=2), widget_update("label", value="half"), gate(done)),
        *(widget_update("bar", value=4), widget_update("label", value="all"), gate(closed)),
        Emit(lambda parent: m.CommClosed(parent, "box")),
    ]
    path = write_notebook(tmp_path / "n.ipynb", "show", "other")
    async with running(path, {"show": steps}) as driver:
        await driver.press("ctrl+r")
        await driver.shows("none ▕" + " " * 34)
        half.set()
        await driver.shows("half ▕" + "█" * 17 + " ")
        done.set()
        await driver.shows("all ▕" + "█" * 34)
        closed.set()
        await driver.until(lambda: "█" not in driver.text())
        assert "a box" not in driver.text()


async def test_a_click_on_a_widget_says_that_it_is_only_shown(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "show", "other")
    async with running(path, {"show": [LABEL, BAR, BOX, SHOWN]}) as driver:
        await driver.press("ctrl+r")
        await driver.shows("none ▕")
        row = next(number for number, text in enumerate(driver.rows()) if "none ▕" in text)
        await driver.pilot.click(offset=(12, row))
        await driver.shows("can't be operated")


async def test_only_cells_that_show_a_model_are_painted(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "show", "other")
    other = [widget("far", _model_name="LabelModel", value="far")]
    async with running(path, {"show": [LABEL, BAR, BOX, SHOWN], "other": other}) as driver:
        await driver.press("ctrl+r")
        await driver.shows("none")
        await driver.press("ctrl+r")
        first: CellId = driver.cell(0)
        view = driver.app.pane.view
        await driver.until(lambda: driver.session.widgets.find("far") is not None)
        assert view.showing({"far"}) == frozenset()
        assert view.showing({"bar"}) == {first}
        version = view.box(first).version
        driver.kernel.emit(m.CommMessage(NO_PARENT, "far", {"method": "update", "state": {"value": "x"}}, {}))
        assert view.box(first).version == version
        driver.kernel.emit(m.CommMessage(NO_PARENT, "label", {"method": "update", "state": {"value": "near"}}, {}))
        await driver.shows("near")
        assert view.box(first).version == version + 1


def captured(path: Path) -> list[Any]:
    """The cells, as saved."""
    return [cell["outputs"] for cell in json.loads(path.read_bytes())["cells"]]


async def test_the_same_cells_with_a_screen_and_without(tmp_path: Path) -> None:
    def capturing(parent: m.MessageId) -> m.CommOpen:
        return m.CommOpen(parent, "out", "jupyter.widget", {"state": {"_model_name": "OutputModel", "msg_id": parent}}, {})

    steps = [
        Emit(capturing),
        stream("captured\n"),
        widget_update("out", msg_id=""),
        stream("the cell's\n"),
        display({WIDGET_VIEW: {"model_id": "out"}, "text/plain": "Output()"}),
    ]
    path = write_notebook(tmp_path / "n.ipynb", "capture")
    await run(job(path, {"capture": steps}, tmp_path / "headless.ipynb"))
    async with running(path, {"capture": steps}) as driver:
        await driver.press("ctrl+e")
        await driver.shows("the cell's")
        await driver.shows("captured")
        assert len([request for request in driver.kernel.sent if isinstance(request, requests.CommSend)]) == 1
        await driver.session.save(tmp_path / "screen.ipynb")
    assert captured(tmp_path / "screen.ipynb") == captured(tmp_path / "headless.ipynb")
    assert len(captured(tmp_path / "screen.ipynb")[0]) == 2
    assert "widgets" not in json.loads((tmp_path / "screen.ipynb").read_bytes())["metadata"]
