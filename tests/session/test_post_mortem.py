"""The calls of an error as a session looks at them, on a kernel whose answers come from this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.kernel.inspection.support import Shell
from tests.kernel.inspection.test_failure import CALLED, DEFINED, INNER, MAIN, Failed
from tests.session.test_variables import kernel_with, started
from tests.support import wait_for
from tuinb.errors import InspectionError
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.post_mortem import last_error
from tuinb.session.state import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.session.support import World


@pytest.fixture(autouse=True)
def _error_of_this_process() -> Iterator[None]:
    yield
    for name in ("last_value", "last_traceback"):
        vars(sys).pop(name, None)


async def test_calls_and_variables(worlds: Callable[..., World]) -> None:
    world = await started(worlds, kernel_with(Failed()), DEFINED, CALLED)
    await world.run()
    session, (first, second) = world.session, world.cells
    stack = await last_error(session)
    assert (stack.title, stack.is_over) == ("Odd: Loud(part=[1, 2]), 'why'", True)
    assert stack.frames == (Frame(0, "f", first, 11, INNER), Frame(1, "<module>", second, 0, MAIN))
    session.debugger.show_error(stack)
    await stack.read()
    assert [(row.depth, row.variable.name, row.is_open) for row in stack.rows] == [
        (0, "Locals", True), (1, "a", False), (1, "b", False), (1, "loud", False), (0, "Globals", False),
    ]  # fmt: skip
    await stack.toggle(stack.rows[2])
    await stack.toggle(stack.rows[3])
    assert [(row.depth, row.variable.name) for row in stack.rows[2:6]] == [(1, "b"), (2, "'k'"), (3, "0"), (3, "1")]
    await stack.toggle(stack.rows[2])
    assert len(stack.rows) == 5
    assert await stack.evaluate("a + 1") == ("8", True)
    assert await stack.evaluate("nope") == ("NameError: name 'nope' is not defined", False)
    assert await stack.move(1)
    assert not await stack.move(1)
    session.debugger.leave_error()
    assert session.debugger.stack is None
    await session.restart()
    assert (await last_error(session)).frames[0].cell is None, "what an earlier kernel ran is in no cell"


async def test_nothing_has_failed(worlds: Callable[..., World]) -> None:
    world = await started(worlds, kernel_with(Shell()))
    with pytest.raises(InspectionError, match="no cell has ended with an error in this kernel"):
        await last_error(world.session)


@pytest.mark.kernel
async def test_the_error_of_a_kernel(tmp_path: Path, worlds: Callable[..., World]) -> None:
    own = "sorted(name for name in vars() if not name.startswith('_'))"
    defined = "\ndef f(a):\n    b = a\n    return b / 0"
    sources = (f"f = names = 0\nnames = {own}\n7", defined, "f(1)", f"print({own} == names, _)")
    it = worlds(sources, factory=LocalKernels(KernelWanted(tmp_path, "python3")))
    try:
        for cell in it.cells[:3]:
            it.session.run([cell])
            await wait_for(lambda: not it.session.queue(), within=30)
        stack = await last_error(it.session)
        assert stack.title == "ZeroDivisionError: division by zero"
        assert [(one.name, one.cell, one.line) for one in stack.frames] == [("f", it.cells[1], 3), ("<module>", it.cells[2], 0)]
        await stack.read()
        assert [(row.variable.name, row.variable.value) for row in stack.rows[:3]] == [("Locals", ""), ("a", "1"), ("b", "1")]
        assert await stack.evaluate("b + 1") == ("2", True)
        it.session.run([it.cells[3]])
        await wait_for(lambda: not it.session.queue(), within=30)
        assert it.text(it.cells[3]) == "True 7\n"
    finally:
        await it.session.shut_down()
