"""Breakpoints and stops on the screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.kernel.connection import scripted as k
from tuinb.session.events import DebugChanged
from tuinb.session.state import Frame, Stop

if TYPE_CHECKING:
    from pathlib import Path


async def test_marks_and_where_it_is_stopped(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "def f():\n    return 1\n", "x = 2\nf()")
    opened = asyncio.Event()
    async with running(path, {"x = 2\nf()": [k.gate(opened)]}) as t:
        first, second = t.session.notebook.order
        await t.press("B", "2", "enter")
        await t.shows("●    return 1")
        await t.press("j", "B", "1", "enter")
        await t.shows("●x = 2")
        t.session.debugger.clear_breakpoints()
        await t.until(lambda: "●    return" not in t.text() and "●x" not in t.text())
        stop = Stop(1, "breakpoint", (Frame(1, "f", first, 1, "/1.py"), Frame(2, "<module>", second, 1, "/2.py")))
        t.session.debugger.stop = stop
        t.session._notify(DebugChanged(stop))
        await t.shows("→    return 1")
        await t.shows(">f()")
        await t.shows("● stopped at cell 1, line 2")
        await t.shows("Stopped at cell 1, line 2: F10 next line")
        error = Stop(1, "exception", stop.frames, "KeyError: 'x'")
        t.session._notify(DebugChanged(error))
        await t.shows("Stopped at cell 1, line 2: KeyError: 'x'. F3 variables")
        await t.press("escape")
        t.session._notify(DebugChanged(Stop(1, "step", stop.frames)))
        assert "Stopped" not in t.text()
        t.session.debugger.stop = None
        t.session._notify(DebugChanged(None))
        await t.until(lambda: "→" not in t.text() and "stopped" not in t.rows()[-1])
        opened.set()
