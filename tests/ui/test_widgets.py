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


async def test_widgets_are_operated_by_key_and_by_click(tmp_path: Path) -> None:
    slider = widget("slider", _model_name="IntSliderModel", description="n", value=3, min=0, max=9)
    button = widget("button", _model_name="ButtonModel", description="Go")
    row = widget("box", _model_name="VBoxModel", children=["IPY_MODEL_slider", "IPY_MODEL_button", "IPY_MODEL_bar"])
    path = write_notebook(tmp_path / "n.ipynb", *["first"] * 20, "show")
    async with running(path, {"show": [slider, button, BAR, row, SHOWN]}) as driver:
        await driver.press("G", "ctrl+e")
        await driver.shows("[ Go ]")
        await driver.press("tab")
        await driver.shows("▸ 1 n: 3")
        assert any("[ Go ]" in text for text in driver.rows() if not text.startswith("│"))
        await driver.press("enter")
        await driver.shows("n (0 to 9):")
        await driver.press("backspace", "7", "enter")
        await driver.shows("▸ 1 n: 7")
        await driver.shows("● 7" if "● 7" in driver.text() else "─ 7")
        await driver.press("2", "escape")
        await driver.until(lambda: "Operate which widget?" not in driver.text())
        told = [request.data for request in driver.kernel.sent if isinstance(request, requests.CommSend)]
        assert [data["method"] for data in told] == ["update", "request_state", "custom"]
        await driver.pilot.click(offset=(12, next(y for y, text in enumerate(driver.rows()) if "[ Go ]" in text)))
        await driver.shows("Operate which widget?")
        assert driver.app.pane.view_state.active == driver.cell(20)


async def test_a_click_on_what_cannot_be_operated_asks_nothing(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "show")
    async with running(path, {"show": [LABEL, BAR, BOX, SHOWN, stream("text\n")]}) as driver:
        await driver.press("ctrl+e")
        for shown in ("none", "text"):
            await driver.shows(shown)
            await driver.pilot.click(offset=(12, next(y for y, text in enumerate(driver.rows()) if shown in text)))
            assert "Operate" not in driver.text()
        await driver.press("tab")
        await driver.shows("can't be operated")
