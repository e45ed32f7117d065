"""The debugger of a kernel that a real server, or a kernel gateway, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.session.support import World
from tests.support import wait_for
from tuinb.kernel.connection.server import ServerConnection
from tuinb.server.kernels import RemoteKernel

if TYPE_CHECKING:
    from tests.server.support import JupyterServer

pytestmark = pytest.mark.server
F, MAIN = "def f(a):\n    b = a\n    return b", "for i in range(3):\n    f(i)"


@pytest.mark.parametrize(("which", "file"), [("jupyter", "debugged.ipynb"), ("gateway", "")])
async def test_it_is_stopped_stepped_and_interrupted(which: str, file: str, request: pytest.FixtureRequest) -> None:
    server: JupyterServer = request.getfixturevalue(which)
    it = World([F, MAIN], factory=lambda _name: ServerConnection(RemoteKernel(server.server, file, "")))
    session, debugger, (first, second) = it.session, it.session.debugger, it.cells
    debugger.set_breakpoint(first, 1, "a == 1")
    debugger.set_breakpoint(first, 2, "", "b is {b}")
    try:
        session.run(it.cells)
        await wait_for(lambda: session.stop is not None, within=30)
        stack = debugger.stack
        assert stack is not None
        assert [(frame.name, frame.cell, frame.line) for frame in stack.frames] == [("f", first, 1), ("<module>", second, 1)]
        await stack.read()
        assert [(row.variable.name, row.variable.value) for row in stack.rows[:2]] == [("Locals", ""), ("a", "1")]
        assert await stack.evaluate("a + 1") == ("2", True)
        assert await debugger.resume("stepOut")
        await wait_for(lambda: session.stop is not None, within=30)
        assert [line.text for line in debugger.logged] == ["b is 0", "b is 1"]
        session.interrupt()
        await wait_for(lambda: not session.queue(), within=30)
        session.run([second])
        await wait_for(lambda: session.stop is not None, within=30)
    finally:
        await session.restart()
        await session.shut_down()
