"""What a kernel sent, played to the screen and to a run without one: the saved notebooks are the same, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import code, job, notebook, run
from tests.ui.harness import running
from tuinb.kernel.connection.scripted import (
    ScriptedKernel,
    clear,
    display,
    error,
    pause,
    result,
    stream,
    update,
    widget,
    widget_update,
)
from tuinb.kernel.protocol import requests

if TYPE_CHECKING:
    from pathlib import Path

BUNDLE = {"text/plain": "x", "text/html": "<b>x</b>"}
SEQUENCES: dict[str, list[Any]] = {
    "streams": [stream("a"), stream("b\n"), stream("e\n", "stderr"), stream("c\n"), pause(), stream("d\n")],
    "carriage returns": [stream("10%\r"), stream("100\r5\n"), stream("ab\b\bc\n"), stream("one\ntwo\x1b[Aup\n")],
    "results": [display(BUNDLE, metadata={"isolated": True}), stream("between\n"), result("1", **{"text/html": "<i>1</i>"})],
    "display ids": [display({"text/plain": "1"}, "d"), display({"text/plain": "2"}, "d"), update("d", {"text/plain": "3"})],
    "another cell's display": [update("d", {"text/plain": "4"}), update("nobody", {"text/plain": "5"})],
    "clearing": [stream("gone\n"), clear(), stream("kept\n")],
    "clearing later": [stream("0\n"), clear(wait=True), pause(), stream("1\n"), clear(wait=True)],
    "clearing a display": [
        display({"text/plain": "x"}, "c"),
        clear(wait=True),
        update("c", {"text/plain": "y"}),
        stream("z\n"),
    ],
    "nothing": [],
    "widgets": [widget("m1", value=1), widget_update("m1", value=2), stream("w\n")],
    "an error": [stream("before\n"), error("KeyError", "'é'", ["\x1b[31mTraceback\x1b[0m", "KeyError: 'é'"])],
    "after it": [result("still")],
}
OLD = [{"name": "stdout", "output_type": "stream", "text": ["old\n"]}]


def sent(kernel: ScriptedKernel) -> list[str]:
    return [request.code for request in kernel.sent if isinstance(request, requests.Execute)]


@pytest.mark.parametrize("chosen", [["clearing later"], ["clearing a display"], list(SEQUENCES)], ids=["open", "shown", "all"])
async def test_the_same_notebook(chosen: list[str], tmp_path: Path) -> None:
    cells = [code(name, "raises-exception", outputs=OLD, count=7) for name in chosen]
    screen = notebook(tmp_path / "screen.ipynb", *cells)
    alone = notebook(tmp_path / "alone.ipynb", *cells)
    async with running(screen, SEQUENCES) as driver:
        for _ in chosen:
            await driver.press("ctrl+e", "j")
        await driver.until(lambda: driver.session.queue() == () and sent(driver.kernel) == chosen)
        # What a screen leaves out on purpose, and a run without one keeps, as JupyterLab and nbclient do.
        driver.session.keep_widgets()
        await driver.press("ctrl+s")
        await driver.until(lambda: not driver.session.modified)
    outcome = await run(job(alone, ScriptedKernel(SEQUENCES), alone))
    assert outcome.exit == 0
    assert alone.read_bytes() == screen.read_bytes()
    assert b"old" not in alone.read_bytes()
