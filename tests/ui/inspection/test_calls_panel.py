"""The panel of calls: at a stop that a test plays, and after an error in this process."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tests.kernel.inspection.support import Shell
from tests.kernel.inspection.test_failure import CALLED, DEFINED, Failed
from tests.support import wait_for
from tests.ui.harness import running
from tests.ui.inspection.test_panel import cells
from tuinb.kernel.connection import scripted as k
from tuinb.session.call_stack import CallStack
from tuinb.session.events import DebugChanged
from tuinb.session.state import Frame, Stop, Variable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver


class Stopped:
    """Plays a kernel that is stopped in `f`, which cell 2 called."""

    def __init__(self, t: Driver) -> None:
        self._session = t.session
        first, second = t.session.notebook.order
        frames = (
            Frame(7, "f", first, 1, "/1.py"),
            Frame(8, "<module>", second, 0, "/2.py"),
            Frame(9, "main", None, 4, "/x.py"),
        )
        self.stop = Stop(1, "step", frames)

    async def scopes(self, frame: Frame) -> tuple[Variable, ...]:
        return (Variable("Locals", "", "", frame.id * 10), Variable("Globals", "", "", 2))

    async def parts(self, reference: object) -> tuple[Variable, ...]:
        known: dict[object, tuple[Variable, ...]] = {
            70: (Variable("a", "1\n2", "int", 0), Variable("xs", "[\x1b[31m'x']", "list", 3)),
            80: (Variable("a", "9", "int", 0),),
            2: (Variable("total", "3", "int", 0),),
            3: (Variable("0", "'x'", "str", 0),),
        }
        return known.get(reference, ())

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        return f"{expression} in {frame.name}", True

    def begin(self) -> None:
        debugger = self._session.debugger
        debugger.stop = self.stop
        debugger._put(CallStack("Stopped", self.stop.frames, self))
        self._session._notify(DebugChanged(self.stop))

    def end(self) -> None:
        self._session.debugger._go_on()


def panel(t: Driver) -> list[str]:
    """The rows of the panel."""
    rows = t.rows()
    start = next(at for at, row in enumerate(rows) if "calls and variables" in row or " Calls" in row)
    return [row.rstrip() for row in rows[start:-1]]


async def test_where_it_is_stopped(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.ipynb", "def f(a):\n    return a", "f(1)")
    opened = asyncio.Event()
    async with running(path, {"f(1)": [k.gate(opened)]}, shell=Shell(count=1), size=(80, 40)) as t:
        await t.press("D")
        await t.shows("Variables 1")
        stopped = Stopped(t)
        stopped.begin()
        await t.shows("Stopped · calls and variables")
        await t.shows("xs      list  [␛[31m'x']")
        assert panel(t)[1:8] == [
            "> f         cell 1, line 2",
            "  <module>  cell 2, line 1",
            "  main      /x.py:5",
            "▾ Locals",
            "    a       int  1 2",
            "  ▸ xs      list  [␛[31m'x']",
            "▸ Globals",
        ]
        await t.until(lambda: "CALLS" in t.rows()[-1])
        await t.press("end", "enter", "k", "l")
        await t.shows("total   int  3")
        await t.shows("    0     str  'x'")
        await t.press("j", "h", "h")
        await t.until(lambda: "  0     str" not in t.text())
        await t.press("k", "enter")
        await t.shows("a  int")
        await t.press("q", "u")
        await t.shows("> <module>")
        await t.shows("a       int  9")
        assert t.app.pane.view_state.active == t.cell(1)
        await t.press("u", "u", "d", "d")
        await t.shows("> f ")
        await t.press("e")
        await t.shows("Evaluate in f")
        await t.press("1", "enter")
        await t.shows("1 = 1 in f")
        assert t.sources() == ["def f(a):\n    return a", "f(1)"]
        # After a step the list inside is open as before.
        await t.press("G", "k", "k", "enter")
        stopped.end()
        await t.shows("the kernel is not stopped")
        await t.press("enter", "u", "e", "x")
        stopped.begin()
        await t.shows("xs      list")
        await t.press("home", "j", "enter")
        await t.shows("> <module>")
        await t.press("escape")
        assert "COMMAND" in t.rows()[-1]
        await t.press("f3")
        await t.until(lambda: "CALLS" in t.rows()[-1])
        stopped.end()
        await t.press("v")
        await t.shows("Variables 1")
        await t.press("q")
        stopped.begin()
        await t.press("D")
        await t.shows("Stopped · calls")
        await t.pilot.double_click("CallsPanel", offset=(4, 2))
        await t.shows("> <module>")
        await t.press("q")
        assert "Stopped ·" not in t.text()
        stopped.end()
        opened.set()


async def test_an_error(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.ipynb", DEFINED, CALLED)
    async with running(path, shell=Failed(), size=(120, 40)) as t:
        t.session.run(t.session.notebook.order)
        await wait_for(lambda: not t.session.queue())
        await t.press("f3")
        await t.shows("Odd: Loud(part=[1, 2]), 'why' · calls")
        await t.shows("  ▸ loud")
        await t.press("G", "k", "enter")
        await t.shows("    ▸ part")
        assert "which has ended: only look" in t.text()
        await t.press("q")
        assert t.session.debugger.stack is None
    for name in ("last_value", "last_traceback"):
        vars(sys).pop(name, None)
